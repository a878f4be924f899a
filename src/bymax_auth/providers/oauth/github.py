"""Sign-in with GitHub, which has OAuth 2.0 and an API of its own instead of OpenID Connect."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

from bymax_auth.ports.http import HttpClient
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.answers import ProviderApi
from bymax_auth.providers.oauth.authorization import authorization_address
from bymax_auth.providers.oauth.issuer import check_issuer
from bymax_auth.providers.oauth.members import malformed, optional_text
from bymax_auth.providers.oauth.registration import register
from bymax_auth.providers.oauth.token_endpoint import ClientAuthentication, redeem_code
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens
from bymax_auth.types.secret import Secret

__all__ = ["GITHUB", "GitHubAddresses", "GitHubProvider"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubAddresses:
    """Where a GitHub is; for an Enterprise Server ``https://host/login/oauth`` and ``https://host/api/v3``."""

    oauth: str
    """Its pages for applications, which are also its issuer."""

    api: str


GITHUB: Final = GitHubAddresses(oauth="https://github.com/login/oauth", api="https://api.github.com")
"""GitHub itself."""


class GitHubProvider:
    """
    Implements `OAuthProvider` with GitHub.

    A person is identified by the number of the account: a username may pass to somebody else.  The address
    is the primary one, which GitHub must have verified.

    Args:
        client_id: What GitHub issued.
        client_secret: What GitHub issued.
        redirect_uri: The callback route, as registered.
        scope: Must allow to read the addresses.
        http_client: ``None`` for `HttpxHttpClient` (extra ``oauth``).
        addresses: For an Enterprise Server.

    Raises:
        ValueError: A part of the registration is not usable.
        ModuleNotFoundError: There is no `http_client`, and httpx2 is not installed.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: Secret | str,
        redirect_uri: str,
        scope: Iterable[str] = ("read:user", "user:email"),
        http_client: HttpClient | None = None,
        addresses: GitHubAddresses = GITHUB,
    ) -> None:
        self.name: Final = "github"
        self.uses_form_post: Final = False
        self._client: Final = register(
            self.name,
            client_id=client_id,
            client_secret=client_secret,
            redirect_uri=redirect_uri,
            scope=scope,
        )
        self._api: Final = ProviderApi(http_client)
        self._addresses: Final = addresses

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        return authorization_address(f"{self._addresses.oauth}/authorize", self._client, request)

    async def exchange_code(self, callback: CallbackParameters, code_verifier: str) -> OAuthTokens:
        check_issuer(callback, self._addresses.oauth)
        return await redeem_code(
            self._api,
            f"{self._addresses.oauth}/access_token",
            self._client,
            callback.code,
            code_verifier,
            authentication=ClientAuthentication.POST,
        )

    async def fetch_profile(self, tokens: OAuthTokens, *, nonce: str) -> OAuthProfile:
        headers = _headers(tokens.access_token)
        person = await self._api.get_object(f"{self._addresses.api}/user", *headers, what="user")
        emails = await self._api.get_array(f"{self._addresses.api}/user/emails", *headers, what="addresses")
        number = person.get("id")
        if type(number) is not int or number <= 0:
            malformed("the account has no number")
        return OAuthProfile(
            provider=self.name,
            provider_id=str(number),
            email=_primary(emails),
            email_verified=True,
            name=optional_text(person, "name") or optional_text(person, "login"),
            avatar=optional_text(person, "avatar_url"),
        )


def _headers(access_token: str) -> tuple[tuple[str, str], ...]:
    """A request without a user agent is refused.  Source: GitHub REST API, getting started."""
    return (
        ("authorization", f"Bearer {access_token}"),
        ("accept", "application/vnd.github+json"),
        ("x-github-api-version", "2022-11-28"),
        ("user-agent", "bymax-auth"),
    )


def _primary(emails: list[object]) -> str:
    """Return the primary address, if it is verified; no other one, because GitHub shows it to nobody else."""
    for email in emails:
        if not isinstance(email, dict):
            malformed("an address is no object")
        members = cast(dict[str, object], email)
        if members.get("primary") is True and members.get("verified") is True:
            address = optional_text(members, "email")
            if address is not None:
                return address
    raise OAuthProviderError(ProviderFailure.EMAIL_NOT_VERIFIED, "the primary address is not verified")
