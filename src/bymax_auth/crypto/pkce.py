"""Proof Key for Code Exchange, and the nonce that is derived from the same secret."""

import base64
import hashlib
import hmac
import secrets
from typing import Final

__all__ = ["challenge_of", "new_verifier", "nonce_of"]

_NONCE_LABEL: Final = b"bymax-auth oidc nonce"


def new_verifier(n_bytes: int = 32) -> str:
    """
    Return a code verifier: `n_bytes` random bytes as unpadded base64url, 43 characters for 32.

    Source: RFC 7636 §4.1, "create a 32-octet sequence [...] base64url-encoded to produce a 43-octet URL safe
    string".
    """
    return _base64url(secrets.token_bytes(n_bytes))


def challenge_of(verifier: str) -> str:
    """
    Return the code challenge of a verifier, by S256.

    Source: RFC 7636 §4.2.
    """
    return _base64url(hashlib.sha256(verifier.encode("ascii")).digest())


def nonce_of(verifier: str) -> str:
    """
    Return the nonce that an ``id_token`` must carry.

    It is derived, so that the record of the state, which other implementations share, needs no field for
    it.  From the nonce and the challenge nobody can compute the verifier.
    """
    return _base64url(hmac.digest(verifier.encode("ascii"), _NONCE_LABEL, "sha256"))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
