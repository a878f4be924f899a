"""
Opaque tokens: random text that stores know by its digest only.

A tagged layout needs the route of a record to find it by its token alone, so there a token starts with the
route and has 240 random bits instead of 256.
"""

from typing import Final

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.tokens import is_opaque_token, secure_token
from bymax_auth.types.identity import KeyLayout, TokenRef

__all__ = ["mint_opaque_token", "opaque_token_ref"]

_TOKEN_BYTES: Final = 32
_ROUTE_DIGITS: Final = 4
_ROUTE_BYTES: Final = 2


def mint_opaque_token(layout: KeyLayout, route: str) -> tuple[str, TokenRef]:
    """Return a new token of a record with this route, and the token's reference."""
    if layout is KeyLayout.SHARED:
        token = secure_token(_TOKEN_BYTES)
        return token, TokenRef(sha256_hex(token))
    token = route + secure_token(_TOKEN_BYTES - _ROUTE_BYTES)
    return token, TokenRef(sha256_hex(token), route)


def opaque_token_ref(raw: str, layout: KeyLayout) -> TokenRef | None:
    """Return the reference of a presented token; ``None``, without hashing, when it has no token's form."""
    if not is_opaque_token(raw):
        return None
    return TokenRef(sha256_hex(raw), None if layout is KeyLayout.SHARED else raw[:_ROUTE_DIGITS])
