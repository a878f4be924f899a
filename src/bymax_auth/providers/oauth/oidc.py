"""Sign-in with any provider that speaks OpenID Connect: its issuer and the registration are all it takes."""

from collections.abc import Iterable, Mapping
from typing import Final

from bymax_auth.config.urls import is_acceptable_address
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.http import HttpClient
from bymax_auth.providers.oauth.answers import ProviderApi
from bymax_auth.providers.oauth.cached_document import CachedDocument
from bymax_auth.providers.oauth.issuer import check_issuer
from bymax_auth.providers.oauth.members import flag, identifier, optional_text, required_text
from bymax_auth.providers.oauth.metadata import ProviderMetadata, discovery_address, read_metadata
from bymax_auth.providers.oauth.openid import OpenIdProtocol, OpenIdRules
from bymax_auth.providers.oauth.registration import register
from bymax_auth.services.system import SystemClock
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens
from bymax_auth.types.secret import Secret

__all__ = ["OidcProvider"]


class OidcProvider:
    """
    Implements `OAuthProvider` for an OpenID provider, whose metadata and keys it fetches by itself.

    A person is identified by ``sub``, which is unique below one issuer; so `name` must not be given to
    another issuer later.

    Args:
        name: The segment of the route and the stored name.
        issuer: As the provider writes it, with or without a slash at the end.
        client_id: What the provider issued.
        client_secret: What the provider issued.
        redirect_uri: The callback route, as registered with the provider.
        scope: Always with ``openid``.
        http_client: ``None`` for `HttpxHttpClient` (extra ``oauth``).
        clock: ``None`` for the system's.
        rules: What is special about the provider.
        allow_loopback_http: Whether the provider may be on this machine without TLS.  Never in production.

    Raises:
        ValueError: The issuer is not secure, or a part of the registration is not usable.
        ModuleNotFoundError: There is no `http_client`, and httpx2 is not installed.
    """

    def __init__(  # noqa: PLR0913 - a provider is described in one call
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: Secret | str,
        redirect_uri: str,
        name: str = "oidc",
        scope: Iterable[str] = ("openid", "email", "profile"),
        http_client: HttpClient | None = None,
        clock: Clock | None = None,
        rules: OpenIdRules | None = None,
        allow_loopback_http: bool = False,
    ) -> None:
        client = register(
            name, client_id=client_id, client_secret=client_secret, redirect_uri=redirect_uri, scope=scope
        )
        if not client.uses_openid:
            raise ValueError(f"The scope of {name} does not hold openid.")
        # An issuer has no query.  Source: OpenID Connect Discovery §3.
        if "?" in issuer or not is_acceptable_address(issuer, loopback=allow_loopback_http):
            raise ValueError(f"The issuer of {name} must be an https address without query or fragment.")
        self.name: Final = name
        self._issuer: Final = issuer
        self._rules: Final = rules or OpenIdRules()
        self._api: Final = ProviderApi(http_client)
        self._loopback: Final = allow_loopback_http
        time = clock or SystemClock()
        self._metadata: Final = CachedDocument(self._fetch_metadata, time)
        self._protocol: Final = OpenIdProtocol(client, self._metadata.get, self._api, time, self._rules)

    @property
    def uses_form_post(self) -> bool:
        return self._rules.form_post

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        return await self._protocol.authorize_url(request)

    async def exchange_code(self, callback: CallbackParameters, code_verifier: str) -> OAuthTokens:
        metadata = await self._metadata.get()
        check_issuer(callback, self._issuer, announced=metadata.names_itself)
        return await self._protocol.redeem(callback.code, code_verifier)

    async def fetch_profile(self, tokens: OAuthTokens, *, nonce: str) -> OAuthProfile:
        token = await self._protocol.verify(tokens, nonce, lambda _claims: self._issuer)
        subject = required_text(token.claims, "sub")
        more: Mapping[str, object] = {}
        if "email" not in token.claims or "email_verified" not in token.claims:
            more = await self._protocol.userinfo(tokens, subject)
        # The assertion belongs to the address beside it, and not to one from elsewhere.
        source, named = more if "email" in more else token.claims, self._rules.name_claim
        return OAuthProfile(
            provider=self.name,
            provider_id=identifier(subject),
            email=required_text(source, "email"),
            email_verified=flag(source, "email_verified"),
            name=optional_text(token.claims, named) or optional_text(more, named),
            avatar=optional_text(token.claims, "picture") or optional_text(more, "picture"),
        )

    async def _fetch_metadata(self) -> ProviderMetadata:
        address, accept = discovery_address(self._issuer), ("accept", "application/json")
        document = await self._api.get_object(address, accept, what="metadata")
        return read_metadata(document, self._issuer, loopback=self._loopback)
