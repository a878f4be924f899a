"""
The rules that fields of requests share.  Lengths count Unicode code points.

Setting a password enforces a minimum; proving one does not, so that an old short password
still signs in and the door does not reveal the policy.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated, Final

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from bymax_auth.services.addresses import strip_white_space
from bymax_auth.types.wire import WireModel

__all__ = [
    "BROKEN_RULE",
    "DisplayName",
    "Email",
    "NewPassword",
    "OpaqueToken",
    "ProvenPassword",
    "RefreshTokenText",
    "RequestModel",
    "ResetOtp",
    "SingleUseToken",
    "TenantId",
    "VerificationOtp",
]

BROKEN_RULE: Final = "broken_rule"
"""The type of an error whose message is ours, ready to be shown."""

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    rf"(?:{_LABEL}(?:\.{_LABEL})*|\[(?P<literal>[0-9A-Fa-f.:]+)\])"
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MAX_EMAIL: Final = 255
_SECRET: Final[JsonDict] = {"writeOnly": True}
_PASSWORD: Final[JsonDict] = {"format": "password", "writeOnly": True}


class RequestModel(WireModel):
    """A request's body: camelCase keys only, no others, no coercion."""

    model_config = ConfigDict(extra="forbid", strict=True, validate_by_name=False)


def _email(text: str) -> str:
    """
    Return an address without the white space around it.

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


def _without(refused: re.Pattern[str], message: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if refused.search(text):
            raise PydanticCustomError(BROKEN_RULE, "{text}", {"text": message})
        return text

    return check


Email = Annotated[str, AfterValidator(_email), Field(json_schema_extra={"format": "email", "maxLength": 255})]
"""A mail address, trimmed."""

NewPassword = Annotated[str, Field(min_length=8, max_length=128, json_schema_extra=_PASSWORD)]
"""A password to be set; the engine's policy may ask for more."""

ProvenPassword = Annotated[str, Field(min_length=1, max_length=128, json_schema_extra=_PASSWORD)]
"""A password to be checked."""

TenantId = Annotated[
    str,
    Field(min_length=1, max_length=128),
    AfterValidator(_without(_CONTROL, "must not contain control characters")),
]
"""A tenant as the caller names it."""

DisplayName = Annotated[
    str,
    Field(min_length=2, max_length=128),
    # Databases refuse U+0000, and would do so after the account's password was hashed.
    AfterValidator(_without(re.compile(r"\x00"), "must not contain control characters")),
]
"""A person's name."""

SingleUseToken = Annotated[str, Field(min_length=64, max_length=64, json_schema_extra=_SECRET)]
"""A token from a mail."""

ResetOtp = Annotated[str, Field(min_length=4, max_length=8, json_schema_extra=_SECRET)]
"""A code that resets a password."""

VerificationOtp = Annotated[str, Field(min_length=6, max_length=6, json_schema_extra=_SECRET)]
"""A code that proves an address."""

OpaqueToken = Annotated[str, Field(min_length=1, max_length=2048, json_schema_extra=_SECRET)]
"""A token that the door does not look into."""

RefreshTokenText = Annotated[str, Field(max_length=2048, json_schema_extra=_SECRET)]
"""A refresh token, or an empty text in its place."""
