"""Sign-in with Microsoft: work, school and personal accounts of Microsoft Entra."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from bymax_auth.config.urls import is_acceptable_address
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.http import HttpClient
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.answers import ProviderApi
from bymax_auth.providers.oauth.cached_document import CachedDocument
from bymax_auth.providers.oauth.id_token import read_id_token
from bymax_auth.providers.oauth.issuer import check_issuer
from bymax_auth.providers.oauth.members import identifier, optional_text, required_text
from bymax_auth.providers.oauth.metadata import ProviderMetadata, discovery_address, read_metadata
from bymax_auth.providers.oauth.openid import OpenIdProtocol, OpenIdRules
from bymax_auth.providers.oauth.registration import register
from bymax_auth.services.system import SystemClock
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens
from bymax_auth.types.secret import Secret

__all__ = ["MicrosoftProvider"]

_TENANT_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_PERSONAL: Final = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of all personal accounts.  Source: Microsoft identity platform, ID token claims reference."""
_PLACEHOLDER: Final = "{tenantid}"


class MicrosoftProvider:
    """
    Implements `OAuthProvider` with Microsoft Entra.

    A person is identified by tenant and ``sub``.  The address comes from the directory, whose administrator
    may write any: it counts as verified only when the token says that its domain belongs to the tenant
    (``xms_edov``), or when one tenant is configured and asserts it (``email_verified``).

    Args:
        tenant: The directory's identifier, or ``organizations``, ``consumers`` or ``common`` for many.
        client_id: The application's identifier.
        client_secret: What Microsoft issued.
        redirect_uri: The callback route, as registered.
        scope: Always with ``openid``.
        http_client: ``None`` for `HttpxHttpClient` (extra ``oauth``).
        clock: ``None`` for the system's.
        authority: For a national cloud.
        allow_loopback_http: Whether the authority may be on this machine without TLS.

    Raises:
        ValueError: The tenant is a name, the authority is not secure, or a part of the registration is not
            usable.
        ModuleNotFoundError: There is no `http_client`, and httpx2 is not installed.
    """

    def __init__(  # noqa: PLR0913 - a provider is described in one call
        self,
        *,
        tenant: str,
        client_id: str,
        client_secret: Secret | str,
        redirect_uri: str,
        scope: Iterable[str] = ("openid", "email", "profile"),
        http_client: HttpClient | None = None,
        clock: Clock | None = None,
        authority: str = "https://login.microsoftonline.com",
        allow_loopback_http: bool = False,
    ) -> None:
        self.name: Final = "microsoft"
        self.uses_form_post: Final = False
        client = register(
            self.name,
            client_id=client_id,
            client_secret=client_secret,
            redirect_uri=redirect_uri,
            scope=scope,
        )
        if not client.uses_openid:
            raise ValueError("The scope of microsoft does not hold openid.")
        tenant = _PERSONAL if tenant == "consumers" else tenant.lower()
        if tenant not in {"common", "organizations"} and not _TENANT_ID.fullmatch(tenant):
            # A directory has several names, and its tokens none of them.
            raise ValueError(
                "The tenant must be a directory's identifier, organizations, consumers or common."
            )
        if "?" in authority or not is_acceptable_address(authority, loopback=allow_loopback_http):
            raise ValueError("The authority of microsoft must be an https address without query or fragment.")
        self._tenant: Final = tenant
        self._template: Final = f"{authority.removesuffix('/')}/{_PLACEHOLDER}/v2.0"
        self._api: Final = ProviderApi(http_client)
        self._loopback: Final = allow_loopback_http
        time = clock or SystemClock()
        self._metadata: Final = CachedDocument(self._fetch_metadata, time)
        self._protocol: Final = OpenIdProtocol(client, self._metadata.get, self._api, time, OpenIdRules())

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        return await self._protocol.authorize_url(request)

    async def exchange_code(self, callback: CallbackParameters, code_verifier: str) -> OAuthTokens:
        metadata = await self._metadata.get()
        of_one_tenant = self._is_one_of_many(callback.issuer)
        if not of_one_tenant:
            check_issuer(callback, self._issuer, announced=metadata.names_itself)
        tokens = await self._protocol.redeem(callback.code, code_verifier)
        # The person's own tenant is known only from the token, which is verified before it is believed.
        if of_one_tenant and read_id_token(tokens.id_token).claims.get("iss") != callback.issuer:
            raise OAuthProviderError(
                ProviderFailure.ISSUER, "the callback is of another tenant than the token"
            )
        return tokens

    async def fetch_profile(self, tokens: OAuthTokens, *, nonce: str) -> OAuthProfile:
        token = await self._protocol.verify(tokens, nonce, self._issuer_of)
        # Keys of one tenant must not sign for another.
        if token.key.issuer not in (None, self._template, token.claims["iss"]):
            raise OAuthProviderError(ProviderFailure.ID_TOKEN, "id_token: the key is of another issuer")
        claims, tenant = token.claims, required_text(token.claims, "tid")
        asserted = self._pinned and claims.get("email_verified") is True
        return OAuthProfile(
            provider=self.name,
            provider_id=identifier(f"{tenant}:{required_text(claims, 'sub')}"),
            email=required_text(claims, "email"),
            email_verified=asserted or claims.get("xms_edov") is True,
            name=optional_text(claims, "name"),
        )

    @property
    def _pinned(self) -> bool:
        return self._tenant not in {"common", "organizations"}

    @property
    def _issuer(self) -> str:
        """The issuer that the metadata has: with many tenants, the template itself."""
        return self._template.replace(_PLACEHOLDER, self._tenant) if self._pinned else self._template

    def _issuer_of(self, claims: Mapping[str, object]) -> str:
        """Return the issuer of the token's own tenant, if that is one of those that may sign in."""
        tenant = claims.get("tid")
        if not isinstance(tenant, str) or not _TENANT_ID.fullmatch(tenant):
            raise OAuthProviderError(ProviderFailure.ID_TOKEN, "id_token: of no tenant")
        personal = self._tenant == "organizations" and tenant == _PERSONAL
        if personal or (self._pinned and tenant != self._tenant):
            raise OAuthProviderError(ProviderFailure.ID_TOKEN, "id_token: of another tenant")
        return self._template.replace(_PLACEHOLDER, tenant)

    def _is_one_of_many(self, issuer: str | None) -> bool:
        before, after = self._template.split(_PLACEHOLDER)
        if self._pinned or issuer is None or not (issuer.startswith(before) and issuer.endswith(after)):
            return False
        return _TENANT_ID.fullmatch(issuer.removeprefix(before).removesuffix(after)) is not None

    async def _fetch_metadata(self) -> ProviderMetadata:
        address = discovery_address(self._template.replace(_PLACEHOLDER, self._tenant))
        document = await self._api.get_object(address, ("accept", "application/json"), what="metadata")
        return read_metadata(document, self._issuer, loopback=self._loopback)
