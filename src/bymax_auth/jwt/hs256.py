"""
Signing and verifying, with the order of the checks.

     1  size and alphabet          malformed
     2  three segments             malformed
     3  header is base64url        malformed
     4  header is a JSON object    malformed
     5  ``alg`` is HS256           algorithm refused, before any HMAC is computed
     6  no ``crit``, no ``b64``    malformed
     7  signature is base64url     malformed
     8  signed by a known key      signature invalid
     9  payload is base64url       malformed
    10  payload is a JSON object   claims invalid
    11  type and claims            claims invalid
    12  valid already              malformed; ``iat`` and ``nbf`` may be a minute ahead of this clock
    13  issuer and audience        malformed
    14  not expired                expired; last, so that it implies that all else is valid

The first rule that a token violates determines the error.  The order is stated here and nowhere else.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from bymax_auth.errors import (
    TokenAlgorithmRefused,
    TokenClaimsInvalid,
    TokenExpired,
    TokenMalformed,
    TokenSignatureInvalid,
)
from bymax_auth.jwt import base64url, strict_json
from bymax_auth.jwt.canonical import is_canonical, read_segment, write_canonical
from bymax_auth.jwt.claims import Claims, TokenType, is_time, read
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.types.claims import AccessClaims, DashboardClaims, MfaTempClaims

__all__ = [
    "CLOCK_TOLERANCE_SECONDS",
    "MAX_TOKEN_LENGTH",
    "Verification",
    "sign",
    "verify",
    "verify_access",
    "verify_mfa_temp",
]

MAX_TOKEN_LENGTH: Final = 4096

CLOCK_TOLERANCE_SECONDS: Final = 60
"""How far the clock of the host that issued a token may be ahead of the verifier's."""

_HEADER_TEXT: Final = base64url.encode(b'{"alg":"HS256","typ":"JWT"}')
_HEADER: Final = _HEADER_TEXT.encode("ascii")
_NO_EXT: Final = {"ext"}
_OWN_START: Final = _HEADER + b"."


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """
    What a verifier requires besides a valid signature.

    Leeways are seconds; that of ``iat`` holds for ``nbf`` too.  An `issuer` or `audience` that is set is
    required: a token without the claim is rejected like one with another value.  `verify_exp` is off only
    for sign-out.
    """

    expected_type: TokenType
    exp_leeway: int = 0
    iat_leeway: int = CLOCK_TOLERANCE_SECONDS
    verify_exp: bool = True
    issuer: str | None = None
    audience: str | None = None


def sign(claims: Claims, keys: KeyRing) -> str:
    """
    Return the signed token.

    Raises:
        ValueError: `verify` would reject the token: a claim is out of bounds, or the token is too
            long.
    """
    text = (write_canonical(claims) if claims.type == "dashboard" else None) or _serialised(claims)
    if not is_canonical(text, claims.type) and read(strict_json.read_object(text), claims.type) is None:
        raise ValueError("claims out of bounds")
    signing_input = f"{_HEADER_TEXT}.{base64url.encode(text.encode())}"
    token = f"{signing_input}.{base64url.encode(keys.tag(signing_input.encode('ascii')))}"
    if len(token) > MAX_TOKEN_LENGTH:
        raise ValueError(f"a token has at most {MAX_TOKEN_LENGTH} characters")
    return token


def _serialised(claims: Claims) -> str:
    omitted = _NO_EXT if isinstance(claims, DashboardClaims) and not claims.ext else None
    return claims.model_dump_json(by_alias=True, exclude_none=True, exclude=omitted)


def verify(token: str, rules: Verification, keys: KeyRing, now: int) -> Claims:
    """
    Return the claims of a token that passes every rule.

    Args:
        token: The compact serialisation, as it was received.
        rules: What this verifier requires.
        keys: The keys that may have signed it.
        now: The current Unix time in whole seconds.

    Raises:
        TokenMalformed: the form is wrong, ``iat`` or ``nbf`` is in the future, or issuer or audience differ.
        TokenAlgorithmRefused: the header names another algorithm.
        TokenSignatureInvalid: the signature matches none of the keys.
        TokenClaimsInvalid: the payload is of another type, or is missing a claim.
        TokenExpired: everything is valid except ``exp``.
    """
    segment = _signed_segment(token, keys)
    claims = read_segment(segment, rules.expected_type)
    not_before = 0
    if claims is None:
        claims, not_before = _claims_of(segment, rules.expected_type)
    # The host that issued the token may have the faster clock.  Source: RFC 7519 §4.1.5, "some small leeway".
    latest = now + rules.iat_leeway
    if claims.iat > latest or not_before > latest:
        raise TokenMalformed
    if (rules.issuer is not None and claims.iss != rules.issuer) or (
        rules.audience is not None and claims.aud != rules.audience
    ):
        raise TokenMalformed
    # A token whose `exp` is the current second has expired.  Source: RFC 7519 §4.1.4, "on or after".
    if rules.verify_exp and now >= claims.exp + rules.exp_leeway:
        raise TokenExpired
    return claims


def verify_access(token: str, rules: Verification, keys: KeyRing, now: int) -> AccessClaims:
    """Return the claims of an access token; raises as `verify` does."""
    claims = verify(token, rules, keys, now)
    # Checked for each request: `isinstance` runs Python code of a model's class.
    if claims.type == "mfa_challenge":
        raise TokenClaimsInvalid
    return claims


def verify_mfa_temp(token: str, rules: Verification, keys: KeyRing, now: int) -> MfaTempClaims:
    """Return the claims of a token between password and second factor; raises as `verify` does."""
    claims = verify(token, rules, keys, now)
    if claims.type != "mfa_challenge":
        raise TokenClaimsInvalid
    return claims


def _signed_segment(token: str, keys: KeyRing) -> bytes:
    """
    Return the payload segment after verifying the signature.

    A client presents one token for all its life, and whether these keys made a signature does not change,
    so a token of `sign` that was verified is recognised by its digest.  The digest is kept, never the token.
    """
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenMalformed
    try:
        presented = token.encode("ascii")
    except ValueError:
        raise TokenMalformed from None
    if not presented.startswith(_OWN_START):
        return _verify_signature(presented, keys)
    digest = hashlib.sha256(presented).digest()
    payload = keys.verified.get(digest)
    if payload is None:
        payload = _verify_signature(presented, keys)
        keys.remember_verified(digest, payload)
    return payload


def _verify_signature(presented: bytes, keys: KeyRing) -> bytes:
    try:
        signing_input, _, signature = presented.rpartition(b".")
        header, payload = signing_input.split(b".")
        # The header that `sign` writes needs no parsing: `_check_header` accepts it.
        if header != _HEADER:
            _check_header(header)
        tag = base64url.decode(signature)
    except ValueError:
        raise TokenMalformed from None
    if not keys.accepts(signing_input, tag):
        raise TokenSignatureInvalid
    return payload


def _claims_of(segment: bytes, expected: TokenType) -> tuple[Claims, int]:
    """Return the claims of a payload in any JSON form, and its ``nbf``, 0 when it has none."""
    try:
        payload = base64url.decode(segment)
    except ValueError:
        raise TokenMalformed from None
    try:
        members = strict_json.read_object(payload.decode("utf-8"))
        claims = read(members, expected)
    except ValueError:
        raise TokenClaimsInvalid from None
    not_before = members.get("nbf", 0)
    if claims is None or not is_time(not_before):
        raise TokenClaimsInvalid
    return claims, not_before


def _check_header(segment: bytes) -> None:
    """
    Reject a header that is not plain HS256.

    Source: RFC 7515 §4.1.11, ``crit`` lists extensions that "MUST be understood and processed", and none
    is; RFC 7797 §3, ``b64`` changes what is signed; RFC 7519 §5.1, ``typ`` is compared ignoring case.

    Raises:
        ValueError: the segment does not hold a JSON object.
    """
    header = strict_json.read_object(base64url.decode(segment).decode("utf-8"))
    if header.get("alg") != "HS256":
        raise TokenAlgorithmRefused
    typ = header.get("typ", "JWT")
    if "crit" in header or "b64" in header or not isinstance(typ, str) or typ.upper() != "JWT":
        raise TokenMalformed
