"""Random values."""

import os
import re
from functools import reduce
from operator import and_, or_
from uuid import UUID

import pytest

from bymax_auth.crypto.tokens import is_opaque_token, new_uuid, numeric_code, secure_token

UUID_V4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_token_is_as_many_random_bytes_as_asked_for_in_hex() -> None:
    """A shorter token could be guessed."""
    assert is_opaque_token(secure_token())
    assert re.fullmatch("[0-9a-f]{32}", secure_token(16))


def test_no_value_comes_twice() -> None:
    """Two people with one session token would read each other's account."""
    assert len({secure_token() for _ in range(10_000)}) == 10_000
    assert len({new_uuid() for _ in range(10_000)}) == 10_000


def test_every_bit_of_a_new_id_is_random_but_for_version_and_variant() -> None:
    """An id is what a revoked token is known by, so nobody may guess or repeat one."""
    ids = [UUID(new_uuid()).int for _ in range(200)]
    always, never = reduce(and_, ids), ~reduce(or_, ids) & (1 << 128) - 1
    assert always == UUID("00000000-0000-4000-8000-000000000000").int
    assert never == UUID("00000000-0000-b000-4000-000000000000").int


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("00000000000000000000000000000000", "00000000-0000-4000-8000-000000000000"),
        ("ffffffffffffffffffffffffffffffff", "ffffffff-ffff-4fff-bfff-ffffffffffff"),
        ("00112233445566778899aabbccddeeff", "00112233-4455-4677-8899-aabbccddeeff"),
    ],
)
def test_a_new_id_is_what_the_generator_gave_with_version_and_variant(
    octets: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verifier would refuse the id, or one random octet would stand in it twice."""
    monkeypatch.setattr(os, "urandom", lambda _size: bytes.fromhex(octets))
    assert new_uuid() == text


def test_a_new_id_is_a_lower_case_uuid_v4() -> None:
    """The verifier refuses a token whose id has another form."""
    assert all(UUID_V4.fullmatch(new_uuid()) for _ in range(100))


@pytest.mark.parametrize("length", [4, 6, 8])
def test_a_code_keeps_its_leading_zeros(length: int) -> None:
    """A code sent as five digits is not the six-digit code that was stored."""
    codes = [numeric_code(length) for _ in range(2_000)]
    assert all(re.fullmatch(f"[0-9]{{{length}}}", code) for code in codes)
    assert {code[0] for code in codes} == set("0123456789")


def test_a_broken_system_generator_stops_every_issue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent fallback to a predictable generator would hand out guessable tokens."""

    def broken(_size: int) -> bytes:
        raise OSError("no entropy")

    monkeypatch.setattr(os, "urandom", broken)
    monkeypatch.setattr("secrets.token_bytes", broken)
    monkeypatch.setattr("random._urandom", broken)
    for issue in (secure_token, new_uuid, lambda: numeric_code(6)):
        with pytest.raises(OSError, match="no entropy"):
            issue()


@pytest.mark.parametrize(
    "text",
    ["", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 63 + "\n", "a" * 64 + "\n", "٣" * 64, "a" * 1_000_000],
)
def test_only_64_lower_case_hex_digits_are_a_token(text: str) -> None:
    """What is not a token must be turned away before it is hashed or looked up."""
    assert not is_opaque_token(text)
