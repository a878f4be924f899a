"""
The one spelling of a payload that we write ourselves, read with one regular expression.

Nearly every token that arrives is one that this library signed.  Its payload is known to the byte, so that
one match does what parsing, looking for duplicates and judging each claim do for any other text.

This decides nothing: what it reads, `bymax_auth.jwt.claims.read` reads equally, and whatever is spelled in
another way is left to that.
"""

import re
from typing import Final

from bymax_auth.jwt.claims import MAX_ID_LENGTH, UUID_V4, Claims, TokenType, build

__all__ = ["read_canonical"]

_CHARACTER: Final = r'[^"\\\x00-\x1f]'  # what a JSON string holds unescaped
_FORMS: Final = {
    "id": f'"(?P<%s>{_CHARACTER}{{1,{MAX_ID_LENGTH}}})"',
    "uuid": f'"(?P<%s>{UUID_V4})"',
    "text": f'"(?P<%s>{_CHARACTER}*)"',
    "flag": "(?P<%s>true|false)",
    "integer": "(?P<%s>0|[1-9][0-9]{0,14})",  # fewer digits than the largest one has
    "dashboard": '"(?P<%s>dashboard)"',
    "platform": '"(?P<%s>platform)"',
}


def _compile(members: str) -> re.Pattern[str]:
    """Return the pattern of a compact object with these ``name:form`` members, each a group of its name."""
    required = [
        f'"{name}":{_FORMS[form] % name}' for name, form in (member.split(":") for member in members.split())
    ]
    binding = [f'(?:,"{name}":{_FORMS["text"] % name})?' for name in ("iss", "aud")]
    return re.compile(r"\{" + ",".join(required) + "".join(binding) + r"\}")


_DASHBOARD: Final = _compile(
    "sub:id jti:uuid tenantId:id role:text type:dashboard status:text"
    " mfaEnabled:flag mfaVerified:flag iat:integer exp:integer epoch:integer"
)
_PLATFORM: Final = _compile(
    "sub:id jti:uuid role:text type:platform"
    " mfaEnabled:flag mfaVerified:flag iat:integer exp:integer epoch:integer"
)


def read_canonical(text: str, expected: TokenType) -> Claims | None:
    """Return the claims of an access token's payload as `bymax_auth.jwt.sign` spells it, else None."""
    if expected == "mfa_challenge":
        return None  # one per sign-in: not worth a pattern
    spelled = (_DASHBOARD if expected == "dashboard" else _PLATFORM).fullmatch(text)
    # The groups are text; the model turns digits into integers and the two flags into booleans.
    return None if spelled is None else build(spelled.groupdict(), expected)
