"""The parser of stored hashes."""

from typing import NoReturn

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bymax_auth.crypto.password.phc import MAX_LENGTH, encode_base64, parse

GOOD = "$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$11kKyiyYAc8G7rp3KmncMc44YlkdllIqxOa7pq0fMaU"


def test_the_parts_are_read() -> None:
    """The wrong salt or cost would be used, and no password would match."""
    record = parse(GOOD)
    assert record is not None
    assert (record.algorithm, record.version, record.parameters) == (
        "scrypt",
        None,
        {"ln": 14, "r": 8, "p": 1},
    )
    assert record.salt == bytes(range(16))
    assert len(record.derived) == 32


def test_argon2_states_its_version() -> None:
    """A hash of the older version would be derived as the newer one."""
    record = parse(GOOD.replace("scrypt$ln=14,r=8", "argon2id$v=16$m=64,t=1"))
    assert record is not None
    assert record.version == 16


@given(salt=st.binary(min_size=8, max_size=48), derived=st.binary(min_size=10, max_size=64))
def test_any_salt_and_key_of_the_right_length_come_back(salt: bytes, derived: bytes) -> None:
    """Some accounts, by chance of their salt, could never sign in."""
    record = parse(f"$scrypt$ln=1,r=1,p=1${encode_base64(salt)}${encode_base64(derived)}")
    assert record is not None
    assert (record.salt, record.derived) == (salt, derived)


@pytest.mark.parametrize(
    ("salt", "derived", "read"),
    [
        (8, 10, True),
        (48, 64, True),
        (7, 32, False),
        (49, 32, False),
        (16, 9, False),
        (16, 65, False),
    ],
)
def test_the_lengths_of_salt_and_key_are_bounded(salt: int, derived: int, read: bool) -> None:
    """A key of one byte would match every 256th password, and the longest ones have bounded work."""
    text = f"$scrypt$ln=1,r=1,p=1${encode_base64(bytes(salt))}${encode_base64(bytes(derived))}"
    assert (parse(text) is not None) is read


@given(st.text(max_size=80) | st.text(alphabet="$,=vmtplnr0189aAQ+/-_scrypt argon2id", max_size=80))
def test_any_text_is_a_hash_or_none(text: str) -> None:
    """A damaged row would become a server error."""
    assert parse(text) is None or text.startswith(("$scrypt$", "$argon2id$"))


@example(at=GOOD.rindex("$") - 1, character="0")  # unused bits of the salt, in a lesser character
@given(at=st.integers(0, len(GOOD) - 1), character=st.characters(min_codepoint=32, max_codepoint=126))
def test_a_changed_hash_is_none_or_another(at: int, character: str) -> None:
    """Two spellings of one hash would compare as different accounts' hashes."""
    changed = GOOD[:at] + character + GOOD[at + 1 :]
    assert (parse(changed) == parse(GOOD)) is (changed == GOOD)


class Unread(str):
    """A text that nobody may look at."""

    __slots__ = ()

    def split(self, *_args: object, **_named: object) -> NoReturn:
        raise AssertionError


def test_a_long_text_is_refused_unread() -> None:
    """A column of megabytes would be split and matched at every sign-in."""
    assert parse(GOOD + "A" * MAX_LENGTH) is None
    assert parse(Unread("$" * 1_000_000)) is None
