"""
Answers of the server as values and errors.

No error is raised while another is handled: pydantic's errors hold the answer, and so the tokens.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Final, NoReturn, TypeVar, cast

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from bymax_auth.client.errors import ApiError, DecodeError, UnexpectedStatus
from bymax_auth.client.exchange import Reply
from bymax_auth.client.token_text import is_token
from bymax_auth.types.wire import WireModel

__all__ = ["ABSENT_AS_NULL", "TokensBody", "decoded", "members_of", "refusal_of", "refuse"]

ValueT = TypeVar("ValueT")

_MAX_KEPT: Final = 4096
"""Characters of an answer that an error keeps."""

_MAX_DETAILED: Final = 65_536
"""Bytes of an answer whose details an error keeps."""

_NULLABLE: Final = ("oauthProvider", "oauthProviderId", "lastLoginAt", "platformId")


def _absent_as_null(account: object) -> object:
    if not isinstance(account, dict):
        return account
    return dict.fromkeys(_NULLABLE) | cast("dict[str, object]", account)


ABSENT_AS_NULL: Final = BeforeValidator(_absent_as_null)
"""For an account: other implementations leave out what is null."""


def _token(text: str) -> str:
    if not is_token(text):
        raise ValueError("no token")
    return text


_Token = Annotated[str, AfterValidator(_token), Field(repr=False)]


class TokensBody(WireModel):
    """The tokens of an answer."""

    access_token: _Token
    refresh_token: _Token


def decoded(adapter: TypeAdapter[ValueT], reply: Reply) -> ValueT:
    """
    Return the body as a value.

    Raises:
        DecodeError: The body has another shape; names the fields.
    """
    try:
        return adapter.validate_json(reply.body)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
    fields = ", ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['type']}" for fault in faults[:8]
    )
    raise DecodeError(f"the answer has another shape ({fields[:_MAX_KEPT]})")


def members_of(reply: Reply) -> Mapping[str, object]:
    """Return the members of the JSON object that the body is; nothing for any other body."""
    # The limits of the parser itself: too deep a nesting, and integers of thousands of digits.
    try:
        value: object = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def refusal_of(reply: Reply) -> ApiError | None:
    """Return the refusal that the envelope of an answer describes, ``None`` without an envelope."""
    envelope = members_of(reply).get("error")
    if not isinstance(envelope, dict):
        return None
    error = cast("Mapping[str, object]", envelope)
    code, message, details = error.get("code"), error.get("message"), error.get("details")
    if not isinstance(code, str) or not isinstance(message, str):
        return None
    if len(reply.body) > _MAX_DETAILED:
        details = None
    return ApiError(
        reply.status, code[:_MAX_KEPT], message[:_MAX_KEPT], details, _retry_after(reply, details)
    )


def refuse(reply: Reply) -> NoReturn:
    """
    Raise the error of an answer that is no success.

    Raises:
        ApiError: It has an envelope.
        UnexpectedStatus: It has none.
    """
    raise refusal_of(reply) or UnexpectedStatus(reply.status, reply.body.decode(errors="replace")[:_MAX_KEPT])


def _retry_after(reply: Reply, details: object) -> int | None:
    for text in reply.all("retry-after"):
        if text.isascii() and text.isdecimal() and len(text) < 10:
            return int(text)
    if isinstance(details, dict):
        seconds = cast("Mapping[str, object]", details).get("retryAfterSeconds")
        return seconds if type(seconds) is int and seconds >= 0 else None
    return None
