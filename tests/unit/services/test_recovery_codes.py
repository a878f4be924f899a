"""Recovery codes: their spelling, and how they are recognised."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bymax_auth.services.recovery_codes import RecoveryCodes, canonical_recovery_code

CODE = "0A1B-2C3D-4E5F-6071-8293-A4B5"
KEY, OLD = b"k" * 64, b"o" * 64


def codes(*keys: bytes, count: int = 8) -> RecoveryCodes:
    return RecoveryCodes.of_keys(keys or (KEY,), count)


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        CODE.lower(),
        CODE.replace("-", ""),
        CODE.replace("-", " "),
        f"\t{CODE}\n",
        "0a1b2c3d 4e5f6071--8293a4b5",
    ],
)
def test_every_way_of_typing_a_code_is_one_spelling(typed: str) -> None:
    """Who lost the phone must not fail on a hyphen."""
    assert canonical_recovery_code(typed) == CODE


@pytest.mark.parametrize(
    "typed", ["", "-", "0" * 23, "0" * 25, "G" * 24, "ſ" * 24, "０" * 24, "\ud800", "0A1B-2C3D"]
)
def test_what_is_no_code_has_no_spelling(typed: str) -> None:
    """A letter of another script must not become one of ours."""
    assert canonical_recovery_code(typed) is None


@given(st.text())
def test_any_text_is_a_code_or_is_not(typed: str) -> None:
    """No input is a server error."""
    spelled = canonical_recovery_code(typed)
    assert spelled is None or canonical_recovery_code(spelled) == spelled


def test_issued_codes_are_of_96_bits_and_all_different() -> None:
    """A short code could be guessed within a window."""
    issued = codes(count=50).issue()
    assert len(set(issued)) == 50
    assert all(re.fullmatch(r"([0-9A-F]{4}-){5}[0-9A-F]{4}", code) for code in issued)


def test_a_code_is_recognised_by_its_digest() -> None:
    """Nothing that is stored lets a thief sign in."""
    ours = codes()
    issued = ours.issue()
    stored = ours.stored(issued)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in stored)
    for code, digest in zip(issued, stored, strict=True):
        assert ours.match(code, stored) == digest
    assert ours.match(CODE, stored) is None
    assert ours.match(CODE, ()) is None


def test_a_code_is_recognised_under_a_retired_key() -> None:
    """A rotated secret must not void a printed list."""
    stored = codes(OLD).stored((CODE,))
    assert codes(KEY, OLD).match(CODE, stored) == stored[0]
    assert codes(KEY).match(CODE, stored) is None
    assert codes(KEY, OLD).stored((CODE,)) == codes(KEY).stored((CODE,))


def test_the_first_of_equal_digests_is_matched_and_odd_ones_are_not() -> None:
    """A host's column may hold anything."""
    ours = codes()
    digest = ours.stored((CODE,))[0]
    assert ours.match(CODE, ("é", "\ud800", "", digest, digest)) == digest
