"""The keys of an OpenID provider.  Source: RFC 7517 §5, OpenID Connect Core §10.1."""

from collections.abc import Mapping
from typing import Final, cast

from bymax_auth.crypto.jws import PublicKey, SignatureAlgorithm
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.cached_document import CachedDocument
from bymax_auth.providers.oauth.members import malformed

__all__ = ["ProviderKeys", "find_key", "read_key_set"]

_MAX_KEYS: Final = 100

ProviderKeys = CachedDocument[tuple[PublicKey, ...]]
"""The provider's keys, which it changes from time to time."""


def read_key_set(document: Mapping[str, object]) -> tuple[PublicKey, ...]:
    """
    Return the keys of a JWK Set that may check signatures.

    Raises:
        OAuthProviderError: The document is no JWK Set, or has more than a hundred keys.
    """
    listed = document.get("keys")
    if not isinstance(listed, list):
        malformed("the key set has no keys")
    keys = cast(list[object], listed)
    if len(keys) > _MAX_KEYS:
        malformed("the key set has too many keys")
    read = [PublicKey.read(cast(dict[str, object], key)) for key in keys if isinstance(key, dict)]
    return tuple(key for key in read if key is not None)


async def find_key(keys: ProviderKeys, key_id: str | None, algorithm: SignatureAlgorithm) -> PublicKey:
    """
    Return the key that a token names; the set is fetched again for one that it does not have.

    Raises:
        OAuthProviderError: The keys cannot be fetched, or there is no such key.
    """
    found = _only(await keys.get(), key_id, algorithm) or _only(await keys.renewed(), key_id, algorithm)
    if found is None:
        raise OAuthProviderError(ProviderFailure.ID_TOKEN, "the key of the token is unknown")
    return found


def _only(keys: tuple[PublicKey, ...], key_id: str | None, algorithm: SignatureAlgorithm) -> PublicKey | None:
    """
    Return the one key that fits.

    A set may use one identifier for keys of several kinds, and a token needs no identifier when only one
    key can be meant.  Source: RFC 7517 §4.5, OpenID Connect Core §10.1.
    """
    fitting = [key for key in keys if key.fits(algorithm) and (key_id is None or key.key_id == key_id)]
    return fitting[0] if len(fitting) == 1 else None
