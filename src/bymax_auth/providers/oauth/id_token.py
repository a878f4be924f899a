"""
The checks of an ``id_token``: all that OpenID Connect asks for, and the JSON type of every claim.

    compact form ─▶ alg allowed ─▶ key of the provider ─▶ signature ─▶ iss ─▶ aud, azp ─▶ exp, iat, nbf
                                                                              ─▶ nonce ─▶ at_hash ─▶ claims

Each refusal has one kind, and a label that quotes nothing of the token.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn, cast

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.jwt import base64url
from bymax_auth.jwt.strict_json import read_object
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure

__all__ = ["ReceivedIdToken", "TokenExpectation", "check_access_token", "check_claims", "read_id_token"]

_TOLERANCE_SECONDS: Final = 60
"""An integer, because one of a claim may be too large for a sum with a float."""
_TYPES: Final = frozenset({"jwt", "application/jwt"})
_MAX_CHARACTERS: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedIdToken:
    """A token in its parts, of which nothing is known to be true."""

    algorithm: str
    key_id: str | None
    claims: Mapping[str, object] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenExpectation:
    """What a token must say to be about this sign-in."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    now: float
    nonce_may_be_absent: bool = False


def read_id_token(token: str | None) -> ReceivedIdToken:
    """
    Return the parts of a token in compact form.  Source: RFC 7515 §7.1.

    Raises:
        OAuthProviderError: There is none, it is in another form, or its header asks for more than a
            signature.
    """
    if token is None or len(token) > _MAX_CHARACTERS or not token.isascii():
        _refuse("missing, too long or not in compact form")
    segments = token.encode("ascii").split(b".")
    try:
        head, body, signature = (base64url.decode(segment) for segment in segments)
        header, claims = read_object(head.decode("utf-8")), read_object(body.decode("utf-8"))
    except ValueError:
        _refuse("not in compact form")
    algorithm, key_id = header.get("alg"), header.get("kid")
    kind = header.get("typ", "JWT")
    # Every extension that is critical is unknown here.  Source: RFC 7515 §4.1.11.
    if "crit" in header or not isinstance(kind, str) or kind.lower() not in _TYPES:
        _refuse("of another kind")
    if not isinstance(algorithm, str) or not (key_id is None or isinstance(key_id, str)):
        _refuse("without a usable header")
    signed = b".".join(segments[:2])
    return ReceivedIdToken(
        algorithm=algorithm, key_id=key_id, claims=claims, signed=signed, signature=signature
    )


def check_claims(claims: Mapping[str, object], expected: TokenExpectation) -> None:
    """
    Refuse claims that are not about this sign-in.  Source: OpenID Connect Core §3.1.3.7.

    Raises:
        OAuthProviderError: A claim is missing, of another type, or says something else.
    """
    if claims.get("iss") != expected.issuer:
        _refuse("of another issuer")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.strip():
        _refuse("about nobody")
    _check_audience(claims, expected.client_id)
    _check_time(claims, expected.now)
    nonce = claims.get("nonce")
    if nonce is None and expected.nonce_may_be_absent:
        return
    if not isinstance(nonce, str) or not ct_eq_text(nonce, expected.nonce):
        _refuse("of another sign-in")


def check_access_token(claims: Mapping[str, object], access_token: str, hash_name: str) -> None:
    """
    Refuse an access token that was not issued with the ``id_token``, when that says so.

    Source: OpenID Connect Core §3.1.3.6.

    Raises:
        OAuthProviderError: ``at_hash`` is of another type or another access token.
    """
    if "at_hash" not in claims:
        return
    digest = hashlib.new(hash_name, access_token.encode("ascii")).digest()
    wanted = base64url.encode(digest[: len(digest) // 2])
    found = claims["at_hash"]
    if not isinstance(found, str) or not ct_eq_text(found, wanted):
        _refuse("of another access token")


def _check_audience(claims: Mapping[str, object], client_id: str) -> None:
    audience = claims.get("aud")
    audiences = cast(list[object], audience) if isinstance(audience, list) else [audience]
    if client_id not in audiences or not all(isinstance(one, str) for one in audiences):
        _refuse("for another application")
    # Any of several audiences could have asked for the token and passed it on.
    if ("azp" in claims or len(audiences) > 1) and claims.get("azp") != client_id:
        _refuse("for another application")


def _check_time(claims: Mapping[str, object], now: float) -> None:
    expires_at, issued_at = _instant(claims, "exp"), _instant(claims, "iat")
    if now > expires_at + _TOLERANCE_SECONDS:
        _refuse("expired")
    if issued_at > now + _TOLERANCE_SECONDS:
        _refuse("issued in the future")
    if "nbf" in claims and _instant(claims, "nbf") > now + _TOLERANCE_SECONDS:
        _refuse("not valid yet")


def _instant(claims: Mapping[str, object], name: str) -> float:
    value = claims.get(name)
    # A number such as 1e999 is read as infinite.
    if type(value) is not int and not (isinstance(value, float) and math.isfinite(value)):
        _refuse(f"without a usable {name}")
    return value


def _refuse(label: str) -> NoReturn:
    raise OAuthProviderError(ProviderFailure.ID_TOKEN, f"id_token: {label}")
