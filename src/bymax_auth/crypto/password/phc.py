"""
The stored form of a password hash: ``$id$params$salt$hash``.

The parser rejects every text that is not a valid hash, before any key derivation.
Source: the PHC string format, https://github.com/P-H-C/phc-string-format, with stricter rules.
"""

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["MAX_LENGTH", "PhcHash", "encode_base64", "parse"]

MAX_LENGTH: Final = 512

_SALT_BYTES: Final = range(8, 49)
_DERIVED_BYTES: Final = range(10, 65)
_PARAMETER: Final = re.compile(r"([a-z]+)=(0|[1-9][0-9]{0,9})")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*")
_VERSION: Final = re.compile(r"v=(16|19)")
_NAMES: Final = {"scrypt": frozenset({"ln", "r", "p"}), "argon2id": frozenset({"m", "t", "p"})}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhcHash:
    """The parts of a stored hash; `version` is Argon2's, and None for scrypt."""

    algorithm: str
    version: int | None
    parameters: Mapping[str, int]
    salt: bytes = field(repr=False)
    derived: bytes = field(repr=False)


def parse(text: str) -> PhcHash | None:
    """
    Return the parts of a stored hash, or None when `text` is not one.

    Parameters may be in any order, each exactly once, in plain decimal; base64 is canonical, in the standard
    alphabet without padding.  The limits of costs are not checked here.
    """
    if len(text) > MAX_LENGTH:
        return None
    empty, *elements = text.split("$")
    if empty or not elements:
        return None
    algorithm, *rest = elements
    version = None
    if algorithm == "argon2id" and rest:
        stated = _VERSION.fullmatch(rest.pop(0))
        if stated is None:
            return None
        version = int(stated[1])
    if algorithm not in _NAMES or len(rest) != 3:
        return None
    parameters = _parameters(rest[0], _NAMES[algorithm])
    salt, derived = _decode_base64(rest[1]), _decode_base64(rest[2])
    if parameters is None or salt is None or derived is None:
        return None
    if len(salt) not in _SALT_BYTES or len(derived) not in _DERIVED_BYTES:
        return None
    return PhcHash(algorithm=algorithm, version=version, parameters=parameters, salt=salt, derived=derived)


def encode_base64(raw: bytes) -> str:
    """Return `raw` in the standard alphabet without padding."""
    return b2a_base64(raw, newline=False).rstrip(b"=").decode("ascii")


def _parameters(text: str, required: frozenset[str]) -> Mapping[str, int] | None:
    found: dict[str, int] = {}
    for item in text.split(","):
        pair = _PARAMETER.fullmatch(item)
        if pair is None or pair[1] in found:
            return None
        found[pair[1]] = int(pair[2])
    return found if found.keys() == required else None


def _decode_base64(text: str) -> bytes | None:
    if len(text) % 4 == 1 or _BASE64.fullmatch(text) is None:
        return None
    raw = a2b_base64(text + "=" * (-len(text) % 4))
    # Decoding ignores unused bits; encoding again shows whether they were zero.
    return raw if encode_base64(raw) == text else None
