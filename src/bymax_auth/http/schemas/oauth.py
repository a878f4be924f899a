"""Queries and the form of the group ``oauth``; the names are those of the protocol."""

from typing import Annotated

from pydantic import ConfigDict, Field

from bymax_auth.http.schemas.fields import ProvenPassword, RefreshTokenText, RequestModel, TenantId
from bymax_auth.types.wire import WireModel

__all__ = [
    "IdentityChangeRequest",
    "OAuthCallbackQuery",
    "OAuthDeparture",
    "OAuthForm",
    "OAuthInitiateQuery",
]

State = Annotated[str, Field(min_length=1, max_length=128)]
Code = Annotated[str, Field(min_length=1, max_length=2048)]
ErrorCode = Annotated[str, Field(max_length=128)]
ShortText = Annotated[str, Field(max_length=512)]


class OAuthInitiateQuery(RequestModel):
    """Where a sign-in begins."""

    tenant_id: TenantId | None = None


class IdentityChangeRequest(RequestModel):
    """The password of an account that has one, and the refresh token of the caller's session."""

    password: ProvenPassword | None = Field(default=None, repr=False)
    refresh_token: RefreshTokenText | None = Field(default=None, repr=False)


class OAuthDeparture(WireModel):
    """Where the browser goes to prove the identity that is to be linked."""

    authorize_url: str = Field(repr=False)


class _FromProvider(RequestModel):
    """
    What a provider sends.  Other parameters are its own, and ignored.

    Source: RFC 6749 §4.1.2, "The client MUST ignore unrecognized response parameters."
    """

    model_config = ConfigDict(extra="ignore", alias_generator=None)

    state: State = Field(repr=False)
    code: Code | None = Field(default=None, repr=False)
    error: ErrorCode | None = None
    error_description: ShortText | None = None
    error_uri: ShortText | None = None
    iss: ShortText | None = None
    scope: Annotated[str, Field(max_length=2048)] | None = None


class OAuthCallbackQuery(_FromProvider):
    """What a browser brings back from a provider."""

    authuser: Annotated[str, Field(max_length=16)] | None = None
    prompt: Annotated[str, Field(max_length=64)] | None = None
    hd: Annotated[str, Field(max_length=253)] | None = None


class OAuthForm(_FromProvider):
    """
    What a provider posts.

    Source: OAuth 2.0 Form Post Response Mode §2.
    """

    # A list would be written as a parameter that is repeated, which is refused.
    model_config = ConfigDict(json_schema_extra={"additionalProperties": {"type": "string"}})

    user: Annotated[str, Field(max_length=2048)] | None = Field(default=None, repr=False)
