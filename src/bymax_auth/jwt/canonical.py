"""
A fast path for the canonical payload that this library writes: joined, and parsed with one expression.

Nearly every presented token was signed by this library, with a payload in one exact form.  For that form,
one match replaces parsing, the search for duplicates and the check of each claim.

The fast path changes no result: what it accepts, `bymax_auth.jwt.claims.read` accepts with equal claims,
and every other form is left to that.
"""

import re
from functools import lru_cache
from typing import Final

from bymax_auth.jwt import base64url
from bymax_auth.jwt.claims import MAX_ID_LENGTH, UUID_V4, Claims, TokenType
from bymax_auth.jwt.construct import constructor_of
from bymax_auth.jwt.strict_json import read_object
from bymax_auth.types.claims import DashboardClaims, PlatformClaims
from bymax_auth.types.extra_claims import NO_EXTRA_CLAIMS, freeze_extra_claims

__all__ = [
    "is_canonical",
    "read_canonical",
    "read_segment",
    "write_canonical",
]

_PAYLOADS_KEPT: Final = 2048
_FLAGS: Final = {True: "true", False: "false"}
_EXT: Final = 13
"""The group of the dashboard pattern that holds the extra claims, its last."""

_CHARACTER: Final = r'[^"\\\x00-\x1f]'  # the unescaped characters of a JSON string
_FORMS: Final = {
    "id": f'"({_CHARACTER}{{1,{MAX_ID_LENGTH}}})"',
    "uuid": f'"({UUID_V4})"',
    "text": f'"({_CHARACTER}*)"',
    "flag": "(true|false)",
    "integer": "(0|[1-9][0-9]{0,14})",  # fewer digits than the largest allowed integer
    "dashboard": '"dashboard"',
    "platform": '"platform"',
}


def _compile(members: str, optional: str = "") -> re.Pattern[str]:
    """Return the pattern of a compact object with these ``name:form`` members, then the optional ones."""
    required = (member.split(":") for member in members.split())
    spelled = ",".join(f'"{name}":{_FORMS[form]}' for name, form in required)
    binding = "".join(f'(?:,"{name}":{_FORMS["text"]})?' for name in ("iss", "aud"))
    return re.compile(rf"\{{{spelled}{binding}{optional}\}}")


_needs_escape: Final = re.compile(r'["\\\x00-\x1f]').search
_match_dashboard: Final = _compile(
    "sub:id jti:uuid tenantId:id role:text type:dashboard status:text"
    " mfaEnabled:flag mfaVerified:flag iat:integer exp:integer epoch:integer",
    # Only the object's ends are found here: it is parsed strictly, which finds what follows it as well.
    optional=r'(?:,"ext":(\{[^\x00-\x1f]*\}))?',
).fullmatch
_match_platform: Final = _compile(
    "sub:id jti:uuid role:text type:platform"
    " mfaEnabled:flag mfaVerified:flag iat:integer exp:integer epoch:integer"
).fullmatch


@lru_cache(maxsize=_PAYLOADS_KEPT)
def read_segment(segment: bytes, expected: TokenType) -> Claims | None:
    """
    Return the claims of a canonical payload segment of an access token, else None.

    A client presents the same token many times, and parsing is a pure function of the bytes, so recent
    results are cached.  The signature is checked before, and expiry after, this is read.
    """
    try:
        return read_canonical(base64url.decode(segment).decode("utf-8"), expected)
    except ValueError:
        return None


def read_canonical(text: str, expected: TokenType) -> Claims | None:
    """
    Return the claims of a canonical payload of an access token, else None.

    Raises:
        ValueError: The payload is not canonical, because its extra claims are invalid.
    """
    if expected == "dashboard":
        return None if (spelled := _match_dashboard(text)) is None else _dashboard(spelled)
    if expected == "platform":
        return None if (spelled := _match_platform(text)) is None else _platform(spelled)
    return None  # used once per sign-in: not worth a pattern


def write_canonical(claims: DashboardClaims) -> str | None:
    """
    Return the canonical payload of a dashboard user's access token, None when it needs another form.

    It is the text that the model serialises to, in a third of the time.  Extra claims and characters that
    are escaped in JSON need the other form.  The claims are validated ones; bounds are not checked.
    """
    iss, aud = claims.iss, claims.aud
    if claims.ext or _needs_escape(
        "".join((claims.sub, claims.jti, claims.tenant_id, claims.role, claims.status, iss or "", aud or ""))
    ):
        return None
    written = (
        *('{"sub":"', claims.sub, '","jti":"', claims.jti, '","tenantId":"', claims.tenant_id),
        *('","role":"', claims.role, '","type":"dashboard","status":"', claims.status),
        *('","mfaEnabled":', _FLAGS[claims.mfa_enabled], ',"mfaVerified":', _FLAGS[claims.mfa_verified]),
        f',"iat":{claims.iat},"exp":{claims.exp},"epoch":{claims.epoch}',
        "" if iss is None else f',"iss":"{iss}"',
        "" if aud is None else f',"aud":"{aud}"',
        "}",
    )
    return "".join(written)


def is_canonical(text: str, expected: TokenType) -> bool:
    """
    Return whether `read_canonical` is known to accept the text, at half the cost of parsing it.

    Extra claims are not parsed here, so a text with them is not known to be accepted.
    """
    match = {"dashboard": _match_dashboard, "platform": _match_platform}.get(expected)
    spelled = None if match is None else match(text)
    return spelled is not None and (expected != "dashboard" or spelled[_EXT] is None)


def _dashboard(spelled: re.Match[str]) -> DashboardClaims:
    sub, jti, tenant_id, role, status, enabled, verified, iat, exp, epoch, iss, aud, ext = spelled.groups()
    return _new_dashboard(
        {
            "sub": sub,
            "jti": jti,
            "tenant_id": tenant_id,
            "role": role,
            "type": "dashboard",
            "status": status,
            "mfa_enabled": enabled == "true",
            "mfa_verified": verified == "true",
            "iat": int(iat),
            "exp": int(exp),
            "epoch": int(epoch),
            "iss": iss,
            "aud": aud,
            "ext": NO_EXTRA_CLAIMS if ext is None else freeze_extra_claims(read_object(ext)),
        }
    )


def _platform(spelled: re.Match[str]) -> PlatformClaims:
    sub, jti, role, enabled, verified, iat, exp, epoch, iss, aud = spelled.groups()
    return _new_platform(
        {
            "sub": sub,
            "jti": jti,
            "role": role,
            "type": "platform",
            "mfa_enabled": enabled == "true",
            "mfa_verified": verified == "true",
            "iat": int(iat),
            "exp": int(exp),
            "epoch": int(epoch),
            "iss": iss,
            "aud": aud,
        }
    )


_SAMPLE: Final[dict[str, object]] = {
    "sub": "u",
    "jti": "00000000-0000-4000-8000-000000000000",
    "role": "",
    "mfa_enabled": True,
    "mfa_verified": False,
    "iat": 1,
    "exp": 2,
    "epoch": 0,
    "iss": None,
    "aud": None,
}
_new_dashboard: Final = constructor_of(
    DashboardClaims, _SAMPLE | {"type": "dashboard", "tenant_id": "t", "status": "", "ext": NO_EXTRA_CLAIMS}
)
_new_platform: Final = constructor_of(PlatformClaims, _SAMPLE | {"type": "platform"})
