"""
Port: a provider of identities.

The flows own state, PKCE and the decision about the account; a provider speaks to its servers.
"""

from enum import StrEnum
from typing import Protocol

from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens

__all__ = ["OAuthProvider", "OAuthProviderError", "ProviderFailure"]


class ProviderFailure(StrEnum):
    """Why a provider could not say who somebody is."""

    HTTP = "http"
    """The provider answered with an error."""

    TRANSPORT = "transport"
    """The provider did not answer."""

    UNEXPECTED_TOKEN_TYPE = "unexpected_token_type"
    """The token is not a bearer token."""

    EMAIL_NOT_VERIFIED = "email_not_verified"
    """The provider has not verified the person's address."""

    DECODE = "decode"
    """The answer is not what the protocol defines."""

    ISSUER = "issuer"
    """The answer comes from another provider than the one that was asked.  Source: RFC 9207 §2.4."""

    ID_TOKEN = "id_token"
    """The ``id_token`` is not valid for this sign-in."""


class OAuthProviderError(Exception):
    """
    A provider could not say who somebody is.

    The text is a fixed label, never what the provider sent; `status` is that of an `HTTP` failure.
    """

    def __init__(self, kind: ProviderFailure, label: str, *, status: int | None = None) -> None:
        super().__init__(label)
        self.kind = kind
        self.status = status


class OAuthProvider(Protocol):
    """
    One provider.

    Every exception of a method refuses the sign-in with `auth.oauth_failed`.
    """

    @property
    def name(self) -> str:
        """The segment of the route and the stored name: 1 to 64 of ``a-z``, ``0-9`` and ``-``."""
        ...

    @property
    def uses_form_post(self) -> bool:
        """Whether the provider sends the browser back with a form.  Source: Form Post Response Mode."""
        ...

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        """
        Return the address to which the browser is sent.

        Raises:
            OAuthProviderError: The provider's metadata cannot be read.
        """
        ...

    async def exchange_code(self, callback: CallbackParameters, code_verifier: str) -> OAuthTokens:
        """
        Return the tokens for the code; the issuer is checked first.

        Raises:
            OAuthProviderError: The provider refused, did not answer, or is another one.
        """
        ...

    async def fetch_profile(self, tokens: OAuthTokens, *, nonce: str) -> OAuthProfile:
        """
        Return the person whom the tokens belong to.

        Raises:
            OAuthProviderError: The provider did not answer, or the answer is not acceptable.
        """
        ...
