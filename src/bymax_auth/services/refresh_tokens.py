"""Refresh tokens: how one is made, and how stores name it.  The text itself goes to the client only."""

from typing import Final

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.tokens import is_opaque_token, secure_token
from bymax_auth.types.identity import KeyLayout, Subject, TokenRef

__all__ = ["mint", "ref_of"]

_TOKEN_BYTES: Final = 32
_ROUTE_DIGITS: Final = 4
_ROUTE_BYTES: Final = 2


def mint(layout: KeyLayout, subject: Subject) -> tuple[str, TokenRef]:
    """
    Return a fresh token of the account and its name.

    A tagged layout needs the account's route to find a session by its token alone, so there the
    token starts with it and has 240 random bits instead of 256.
    """
    if layout is KeyLayout.SHARED:
        token = secure_token(_TOKEN_BYTES)
        return token, TokenRef(sha256_hex(token))
    token = subject.route + secure_token(_TOKEN_BYTES - _ROUTE_BYTES)
    return token, TokenRef(sha256_hex(token), subject.route)


def ref_of(raw: str, layout: KeyLayout) -> TokenRef | None:
    """Return the name of a presented token; ``None``, and nothing hashed, when it cannot be one."""
    if not is_opaque_token(raw):
        return None
    return TokenRef(sha256_hex(raw), None if layout is KeyLayout.SHARED else raw[:_ROUTE_DIGITS])
