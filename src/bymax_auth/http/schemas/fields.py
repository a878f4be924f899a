"""
Validation rules shared by request fields.  Lengths count Unicode code points, of a password once normalised.

A new password has a minimum length; a password to be checked does not, so that an old short
password still signs in and the sign-in route does not reveal the policy.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated, Final

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from bymax_auth.config.constants import PASSWORD_MAX_LENGTH
from bymax_auth.errors import ValidationFailed
from bymax_auth.jwt.hs256 import MAX_TOKEN_LENGTH
from bymax_auth.services.addresses import strip_white_space
from bymax_auth.services.password_text import PASSWORD_MAX_SENT_LENGTH, require_password
from bymax_auth.types.wire import WireModel

__all__ = [
    "BROKEN_RULE",
    "DisplayName",
    "Email",
    "InvitationDisplayName",
    "MfaTempToken",
    "NewPassword",
    "OpaqueToken",
    "ProvenPassword",
    "RefreshTokenText",
    "RequestModel",
    "ResetOtp",
    "RoleName",
    "SingleUseToken",
    "TenantId",
    "TenantName",
    "TotpCode",
    "VerificationOtp",
]

BROKEN_RULE: Final = "broken_rule"
"""The type of a validation error with a message of this library, which may be shown."""

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    rf"(?:{_LABEL}(?:\.{_LABEL})*|\[(?P<literal>[0-9A-Fa-f.:]+)\])"
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MAX_EMAIL: Final = 255
_SECRET: Final[JsonDict] = {"writeOnly": True}
_PASSWORD: Final[JsonDict] = {
    "format": "password",
    "writeOnly": True,
    "maxLength": PASSWORD_MAX_SENT_LENGTH,
    "description": f"At most {PASSWORD_MAX_LENGTH} characters once normalised to NFC.",
}


class RequestModel(WireModel):
    """A request body: camelCase keys only, no unknown keys, no type coercion."""

    model_config = ConfigDict(extra="forbid", strict=True, validate_by_name=False)


def _email(text: str) -> str:
    """
    Return an address without surrounding white space.

    Source: the ``email`` input of the HTML standard, and its ``[IP]`` domains; ASCII only.
    """
    address = strip_white_space(text)
    if len(address) > _MAX_EMAIL:
        raise PydanticCustomError(BROKEN_RULE, "must be at most 255 characters")
    found = _ADDRESS.fullmatch(address)
    if found is None or not _is_host(found["literal"]):
        raise PydanticCustomError(BROKEN_RULE, "must be a valid email address")
    return address


def _is_host(literal: str | None) -> bool:
    if literal is None:
        return True
    try:
        ip_address(literal)
    except ValueError:
        return False
    return True


def _rejecting(refused: re.Pattern[str], message: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if refused.search(text):
            raise PydanticCustomError(BROKEN_RULE, "{text}", {"text": message})
        return text

    return check


def _password_of(minimum: int) -> Callable[[str], str]:
    """Check the length once normalised; the text itself is passed on as it was sent."""

    def check(text: str) -> str:
        try:
            require_password(text, "password", minimum)
        except ValidationFailed as refusal:
            raise PydanticCustomError(BROKEN_RULE, "{text}", {"text": refusal.fields[0].message}) from None
        return text

    return check


Email = Annotated[str, AfterValidator(_email), Field(json_schema_extra={"format": "email", "maxLength": 255})]
"""An email address, without surrounding white space."""

NewPassword = Annotated[
    str, Field(min_length=8, json_schema_extra=_PASSWORD), AfterValidator(_password_of(8))
]
"""A password to be set; the engine's policy may require more."""

ProvenPassword = Annotated[
    str, Field(min_length=1, json_schema_extra=_PASSWORD), AfterValidator(_password_of(1))
]
"""A password to be checked."""

_NO_CONTROL: Final = r"[^\u0000-\u001f\u007f-\u009f]*"
_NOT_BLANK: Final = r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"

TenantId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        json_schema_extra={"pattern": f"^{_NO_CONTROL}{_NOT_BLANK}{_NO_CONTROL}$"},
    ),
    AfterValidator(_rejecting(_CONTROL, "must not contain control characters")),
]
"""The tenant id that the caller sends."""

# Databases reject U+0000, and would do so only after the password was hashed.
_STORABLE: Final[JsonDict] = {"pattern": r"^[^\u0000]*$"}
_StorableText = AfterValidator(_rejecting(re.compile(r"\x00"), "must not contain control characters"))

DisplayName = Annotated[str, Field(min_length=2, max_length=128, json_schema_extra=_STORABLE), _StorableText]
"""A person's name."""

InvitationDisplayName = Annotated[
    str, Field(min_length=2, max_length=100, json_schema_extra=_STORABLE), _StorableText
]
"""The name of a person who accepts an invitation."""

RoleName = Annotated[str, Field(min_length=1, max_length=64)]
"""The name of a role."""

TenantName = Annotated[str, Field(min_length=1, max_length=128)]
"""The name by which a mail calls a tenant."""

SingleUseToken = Annotated[str, Field(min_length=64, max_length=64, json_schema_extra=_SECRET)]
"""A single-use token from an email."""

ResetOtp = Annotated[str, Field(min_length=4, max_length=8, json_schema_extra=_SECRET)]
"""A one-time code that resets a password."""

VerificationOtp = Annotated[str, Field(min_length=6, max_length=6, json_schema_extra=_SECRET)]
"""A one-time code that verifies an address."""

TotpCode = Annotated[str, Field(min_length=6, max_length=6, json_schema_extra=_SECRET)]
"""A code of an authenticator app; one that is not six digits is a wrong code."""

MfaTempToken = Annotated[str, Field(min_length=1, max_length=MAX_TOKEN_LENGTH, json_schema_extra=_SECRET)]
"""A temporary token; it names user and tenant, so it may be as long as any token that is issued."""

OpaqueToken = Annotated[str, Field(min_length=1, max_length=2048, json_schema_extra=_SECRET)]
"""A token that is not validated at this layer."""

RefreshTokenText = Annotated[str, Field(max_length=2048, json_schema_extra=_SECRET)]
"""A refresh token, or an empty string in its place."""
