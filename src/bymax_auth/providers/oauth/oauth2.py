"""Sign-in with services that have OAuth 2.0 and a profile of their own, but no OpenID Connect."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

from bymax_auth.ports.http import HttpClient
from bymax_auth.providers.oauth.answers import ProviderApi, bearer
from bymax_auth.providers.oauth.authorization import authorization_address
from bymax_auth.providers.oauth.issuer import check_issuer
from bymax_auth.providers.oauth.members import flag, identifier, malformed, optional_text, required_text
from bymax_auth.providers.oauth.registration import register
from bymax_auth.providers.oauth.token_endpoint import ClientAuthentication, redeem_code
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens
from bymax_auth.types.secret import Secret

__all__ = ["OAuth2Provider", "OAuth2Service", "ProfileMapping"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileMapping:
    """Where the parts of a person are in the service's profile."""

    identifier: str = "id"
    """A text or a whole number that never passes to somebody else."""

    email: str = "email"
    email_verified: str | None = None
    """A truth value; ``None`` for a service that asserts nothing, whose addresses are never verified."""

    names: tuple[str, ...] = ("name",)
    """The first that is there."""

    avatar: tuple[str | int, ...] = ()
    """The members and positions that lead to the picture."""

    avatar_address: str = "{avatar}"
    """The picture's address, made of ``{id}`` and ``{avatar}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2Service:
    """A service, as one row."""

    name: str
    authorization_endpoint: str
    token_endpoint: str
    profile_endpoint: str
    scope: tuple[str, ...]
    profile: ProfileMapping
    authentication: ClientAuthentication = ClientAuthentication.POST
    issuer: str | None = None
    """What its callbacks may name in ``iss``.  Source: RFC 9207 §2."""


class OAuth2Provider:
    """
    Implements `OAuthProvider` for a service without an ``id_token``.

    Who somebody is comes from the service's own address over TLS, with an access token that PKCE binds to
    this sign-in.

    Args:
        service: A row of `bymax_auth.providers.oauth.oauth2_services`, or one of the host's own.
        client_id: What the service issued.
        client_secret: What the service issued.
        redirect_uri: The callback route, as registered.
        scope: ``None`` for the service's.
        http_client: ``None`` for `HttpxHttpClient` (extra ``oauth``).

    Raises:
        ValueError: A part of the registration is not usable.
        ModuleNotFoundError: There is no `http_client`, and httpx2 is not installed.
    """

    def __init__(
        self,
        service: OAuth2Service,
        *,
        client_id: str,
        client_secret: Secret | str,
        redirect_uri: str,
        scope: Iterable[str] | None = None,
        http_client: HttpClient | None = None,
    ) -> None:
        self.name: Final = service.name
        self.uses_form_post: Final = False
        self._service: Final = service
        self._client: Final = register(
            service.name,
            client_id=client_id,
            client_secret=client_secret,
            redirect_uri=redirect_uri,
            scope=service.scope if scope is None else scope,
        )
        self._api: Final = ProviderApi(http_client)

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        return authorization_address(self._service.authorization_endpoint, self._client, request)

    async def exchange_code(self, callback: CallbackParameters, code_verifier: str) -> OAuthTokens:
        check_issuer(callback, self._service.issuer)
        return await redeem_code(
            self._api,
            self._service.token_endpoint,
            self._client,
            callback.code,
            code_verifier,
            authentication=self._service.authentication,
        )

    async def fetch_profile(self, tokens: OAuthTokens, *, nonce: str) -> OAuthProfile:
        headers = bearer(tokens.access_token)
        person = await self._api.get_object(self._service.profile_endpoint, *headers, what="profile")
        mapping = self._service.profile
        provider_id = _identifier(person.get(mapping.identifier))
        verified = mapping.email_verified
        return OAuthProfile(
            provider=self.name,
            provider_id=provider_id,
            email=required_text(person, mapping.email),
            email_verified=verified is not None and flag(person, verified),
            name=next(filter(None, (optional_text(person, name) for name in mapping.names)), None),
            avatar=_avatar(person, mapping, provider_id),
        )


def _identifier(value: object) -> str:
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        malformed("the identifier is missing or no text")
    return identifier(value)


def _avatar(person: dict[str, object], mapping: ProfileMapping, provider_id: str) -> str | None:
    found: object = person
    for step in mapping.avatar:
        found = _at(found, step)
    if not isinstance(found, str) or not found.strip():
        return None
    return mapping.avatar_address.format(id=provider_id, avatar=found)


def _at(value: object, step: str | int) -> object:
    """Return a member or an element; ``None`` where there is none."""
    if isinstance(value, dict) and isinstance(step, str):
        return cast(dict[str, object], value).get(step)
    if isinstance(value, list) and isinstance(step, int):
        elements = cast(list[object], value)
        return elements[step] if step < len(elements) else None
    return None
