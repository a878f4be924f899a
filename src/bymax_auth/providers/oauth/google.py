"""Sign-in with Google: its userinfo address says who the person of the ``id_token`` is."""

from collections.abc import Mapping
from typing import Final

from bymax_auth.config.browser import GoogleOAuthConfig
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.http import HttpClient
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.answers import ProviderApi, bearer
from bymax_auth.providers.oauth.authorization import authorization_address
from bymax_auth.providers.oauth.cached_document import CachedDocument
from bymax_auth.providers.oauth.issuer import check_issuer
from bymax_auth.providers.oauth.members import identifier, optional_text, required_text
from bymax_auth.providers.oauth.metadata import ProviderMetadata, discovery_address, read_metadata
from bymax_auth.providers.oauth.openid import OpenIdProtocol, OpenIdRules
from bymax_auth.providers.oauth.registration import register
from bymax_auth.providers.oauth.token_endpoint import ClientAuthentication, redeem_code
from bymax_auth.services.system import SystemClock
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens

__all__ = ["GoogleProvider"]

_AUTHORIZE: Final = "https://accounts.google.com/o/oauth2/v2/auth"
_TOKEN: Final = "https://oauth2.googleapis.com/token"
_USERINFO: Final = "https://www.googleapis.com/oauth2/v2/userinfo"
_ISSUER: Final = "https://accounts.google.com"
_TOKEN_ISSUERS: Final = frozenset({_ISSUER, "accounts.google.com"})
"""Source: https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken."""


class GoogleProvider:
    """
    Implements `OAuthProvider` with three addresses of Google, none of which is looked up.

    With the scope ``openid`` the metadata is read as well: it says which keys sign the ``id_token``, and
    whether callbacks name Google.

    Args:
        config: The registration, as the configuration has it.
        http_client: ``None`` for `HttpxHttpClient` (extra ``oauth``).
        clock: ``None`` for the system's.

    Raises:
        ValueError: A part of the registration is not usable.
        ModuleNotFoundError: There is no `http_client`, and httpx2 is not installed.
    """

    def __init__(
        self, config: GoogleOAuthConfig, http_client: HttpClient | None = None, *, clock: Clock | None = None
    ) -> None:
        self.name: Final = "google"
        self.uses_form_post: Final = False
        self._client: Final = register(
            self.name,
            client_id=config.client_id,
            client_secret=config.client_secret,
            redirect_uri=config.callback_url,
            scope=config.scope,
        )
        self._api: Final = ProviderApi(http_client)
        time = clock or SystemClock()
        self._metadata: Final = CachedDocument(self._fetch_metadata, time)
        self._protocol: Final = OpenIdProtocol(
            self._client, self._metadata.get, self._api, time, OpenIdRules()
        )

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        return authorization_address(_AUTHORIZE, self._client, request, with_nonce=self._client.uses_openid)

    async def exchange_code(self, callback: CallbackParameters, code_verifier: str) -> OAuthTokens:
        check_issuer(callback, _ISSUER)
        if callback.issuer is None and self._client.uses_openid:
            check_issuer(callback, _ISSUER, announced=(await self._metadata.get()).names_itself)
        return await redeem_code(
            self._api,
            _TOKEN,
            self._client,
            callback.code,
            code_verifier,
            authentication=ClientAuthentication.POST,
        )

    async def fetch_profile(self, tokens: OAuthTokens, *, nonce: str) -> OAuthProfile:
        subject = await self._subject(tokens, nonce) if self._client.uses_openid else None
        person = await self._api.get_object(_USERINFO, *bearer(tokens.access_token), what="userinfo")
        provider_id, email = identifier(required_text(person, "id")), required_text(person, "email")
        if subject not in {None, provider_id}:
            raise OAuthProviderError(ProviderFailure.ID_TOKEN, "userinfo: about somebody else")
        if person.get("verified_email") is not True:
            raise OAuthProviderError(ProviderFailure.EMAIL_NOT_VERIFIED, "the address is not verified")
        return OAuthProfile(
            provider=self.name,
            provider_id=provider_id,
            email=email,
            email_verified=True,
            name=optional_text(person, "name"),
            avatar=optional_text(person, "picture"),
        )

    async def _subject(self, tokens: OAuthTokens, nonce: str) -> str:
        token = await self._protocol.verify(tokens, nonce, _issuer_of)
        return required_text(token.claims, "sub")

    async def _fetch_metadata(self) -> ProviderMetadata:
        address, accept = discovery_address(_ISSUER), ("accept", "application/json")
        return read_metadata(
            await self._api.get_object(address, accept, what="metadata"), _ISSUER, loopback=False
        )


def _issuer_of(claims: Mapping[str, object]) -> str:
    """Return the name that Google uses for itself in a token with these claims."""
    named = claims.get("iss")
    return named if isinstance(named, str) and named in _TOKEN_ISSUERS else _ISSUER
