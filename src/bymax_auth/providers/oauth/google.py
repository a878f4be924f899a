"""Sign-in with Google: the identity is what its userinfo address says."""

from collections.abc import Mapping
from typing import Final

from bymax_auth.config.browser import GoogleOAuthConfig
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.http import HttpClient
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.answers import ProviderApi, bearer
from bymax_auth.providers.oauth.authorization import authorization_address
from bymax_auth.providers.oauth.id_token import TokenExpectation, check_claims, read_id_token
from bymax_auth.providers.oauth.issuer import check_issuer
from bymax_auth.providers.oauth.members import identifier, optional_text, required_text
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

    With the scope ``openid`` the claims of the ``id_token`` are checked, its signature not: it comes from
    Google's own address over TLS.  Source: OpenID Connect Core §3.1.3.7, step 6.

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
        self._clock: Final = clock or SystemClock()

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        return authorization_address(_AUTHORIZE, self._client, request, with_nonce=self._client.uses_openid)

    async def exchange_code(self, callback: CallbackParameters, code_verifier: str) -> OAuthTokens:
        check_issuer(callback, _ISSUER)
        return await redeem_code(
            self._api,
            _TOKEN,
            self._client,
            callback.code,
            code_verifier,
            authentication=ClientAuthentication.POST,
        )

    async def fetch_profile(self, tokens: OAuthTokens, *, nonce: str) -> OAuthProfile:
        subject = self._subject(tokens, nonce) if self._client.uses_openid else None
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

    def _subject(self, tokens: OAuthTokens, nonce: str) -> str:
        claims: Mapping[str, object] = read_id_token(tokens.id_token).claims
        issuer = claims.get("iss")
        expected = TokenExpectation(
            issuer=issuer if isinstance(issuer, str) and issuer in _TOKEN_ISSUERS else _ISSUER,
            client_id=self._client.client_id,
            nonce=nonce,
            now=self._clock.now().timestamp(),
        )
        check_claims(claims, expected)
        return required_text(claims, "sub")
