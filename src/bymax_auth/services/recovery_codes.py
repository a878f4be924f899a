"""
Recovery codes: 96 random bits each, stored as keyed digests, used once.

    " 0a1b 2c3d-..." ──canonical form──▶ "0A1B-2C3D-..." ──digest──▶ compared with every stored one
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from bymax_auth.config.constants import RECOVERY_CODE_BYTES
from bymax_auth.crypto.compare import ct_eq
from bymax_auth.crypto.digest import KeyedDigest

__all__ = ["RecoveryCodes", "canonical_recovery_code"]

_GROUP: Final = 4
_IGNORED: Final = re.compile(r"[\s-]+")
_is_code: Final = re.compile(rf"[0-9A-F]{{{2 * RECOVERY_CODE_BYTES}}}").fullmatch


def canonical_recovery_code(typed: str) -> str | None:
    """
    Return the one spelling of a recovery code, ``None`` for anything that is not one.

    Case, spaces and hyphens are accepted as they are typed or copied.
    """
    # ASCII first: other scripts have letters whose upper case is an ASCII letter.
    if not typed.isascii():
        return None
    bare = _IGNORED.sub("", typed).upper()
    return None if _is_code(bare) is None else _grouped(bare)


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """
    Issues `count` codes at a time, and recognises them by their digests.

    The first digest is of the current identifier key; the others recognise codes of retired ones.
    """

    digests: tuple[KeyedDigest, ...]
    count: int

    @classmethod
    def of_keys(cls, keys: Iterable[bytes], count: int) -> Self:
        """Return the codes under these identifier keys, the current one first."""
        return cls(tuple(map(KeyedDigest, keys)), count)

    def issue(self) -> tuple[str, ...]:
        """Return new codes, in the form in which they are shown once."""
        return tuple(_grouped(secrets.token_hex(RECOVERY_CODE_BYTES).upper()) for _ in range(self.count))

    def stored(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        """Return what the account keeps of them."""
        return tuple(map(self.digests[0].hex, codes))

    def match(self, code: str, stored: tuple[str, ...]) -> str | None:
        """
        Return the stored digest of a code in canonical form, ``None`` when there is none.

        Every stored digest is compared with every candidate, so that the time reveals no position.
        """
        candidates = [digest.hex(code).encode() for digest in self.digests]
        matched: str | None = None
        for digest in stored:
            text = digest.encode("utf-8", "surrogatepass")
            is_equal = any([ct_eq(text, candidate) for candidate in candidates])  # noqa: C419
            matched = digest if is_equal and matched is None else matched
        return matched


def _grouped(digits: str) -> str:
    return "-".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))
