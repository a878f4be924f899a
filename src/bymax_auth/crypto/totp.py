"""Time-based one-time passwords (RFC 6238) for authenticator apps."""

import base64
import hmac
import os
import re
from typing import Final
from urllib.parse import quote

from bymax_auth.crypto.compare import ct_eq

__all__ = ["base32_decode", "base32_encode", "generate", "new_secret", "provisioning_uri", "verify"]

_STEP_SECONDS: Final = 30
_DIGITS: Final = 6
_SECRET_BYTES: Final = 20
_MAX_WINDOW: Final = 2

_CODE: Final = re.compile(r"[0-9]{6}")
_BASE32: Final = re.compile(r"[A-Z2-7]+")
_IGNORED_IN_BASE32: Final = str.maketrans("", "", " -")


def new_secret() -> bytes:
    """Return a new secret of 20 random bytes.  Source: RFC 4226 §4 R6, which recommends 160 bits."""
    return os.urandom(_SECRET_BYTES)


def generate(secret: bytes, unix_time: int) -> int:
    """Return the code at `unix_time` as a number, to be shown with six digits."""
    return _hotp(secret, unix_time // _STEP_SECONDS)


def verify(secret: bytes, code: str, unix_time: int, window: int = 1) -> bool:
    """
    Return whether `code` is valid for the current time step or one at most `window` steps away.

    Args:
        secret: The shared secret.
        code: The digits as typed; anything but six ASCII digits is wrong.
        unix_time: The current Unix time in whole seconds.
        window: The steps accepted before and after; more than two counts as two.
    """
    if _CODE.fullmatch(code) is None:
        return False
    presented = code.encode("ascii")
    current, reach = unix_time // _STEP_SECONDS, min(window, _MAX_WINDOW)
    matched = False
    # Every step is compared, so that the time does not reveal which one matched.
    for counter in range(max(0, current - reach), current + reach + 1):
        matched |= ct_eq(b"%06d" % _hotp(secret, counter), presented)
    return matched


def provisioning_uri(secret: bytes, issuer: str, account: str) -> str:
    """Return the ``otpauth`` URI that an authenticator app reads from a QR code."""
    issuer, account = quote(issuer, safe="-_.~"), quote(account, safe="-_.~")
    parameters = f"secret={base32_encode(secret)}&issuer={issuer}&period={_STEP_SECONDS}&digits={_DIGITS}"
    return f"otpauth://totp/{issuer}:{account}?{parameters}&algorithm=SHA1"


def base32_encode(raw: bytes) -> str:
    """Return `raw` as upper-case Base32 without padding."""
    return base64.b32encode(raw).rstrip(b"=").decode("ascii")


def base32_decode(text: str) -> bytes:
    """
    Decode Base32 as users copy it: spaces, hyphens and lower case are accepted.

    Raises:
        ValueError: the text is empty, is not Base32, or has unused bits that are not zero.
    """
    bare = text.translate(_IGNORED_IN_BASE32).rstrip("=")
    # ASCII is checked first: other scripts have letters whose upper case is an ASCII letter.
    if not bare.isascii() or _BASE32.fullmatch(bare := bare.upper()) is None:
        raise ValueError("not Base32")
    raw = base64.b32decode(bare + "=" * (-len(bare) % 8))
    if base32_encode(raw) != bare:
        raise ValueError("not canonical Base32")
    return raw


def _hotp(secret: bytes, counter: int) -> int:
    """Source: RFC 4226 §5.3, dynamic truncation."""
    tag = hmac.digest(secret, counter.to_bytes(8, "big"), "sha1")
    offset = tag[-1] & 0x0F
    return (int.from_bytes(tag[offset : offset + 4], "big") & 0x7FFF_FFFF) % 10**_DIGITS
