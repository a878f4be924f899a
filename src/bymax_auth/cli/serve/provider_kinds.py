"""
What each provider takes from the environment, one row each, and how it is built.

The modules of providers are imported when one is built, because a service has few of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from bymax_auth.ports.http import HttpClient
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.types.secret import Secret

__all__ = ["KINDS", "OPENID", "Described", "ProviderKind"]

_SCOPE: Final = "openid,email,profile"
_REGISTRATION: Final = ("CLIENT_ID", "CLIENT_SECRET", "CALLBACK_URL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A provider as the environment describes it; nothing is missing."""

    name: str
    client_id: str
    client_secret: Secret = field(repr=False)
    redirect_uri: str
    scope: tuple[str, ...] | None
    special: Mapping[str, str] = field(repr=False)
    """What only this provider takes, by the name of its field."""

    private_key: Secret | None = field(repr=False)
    http_client: HttpClient
    loopback: bool
    """Whether the provider may be on this machine without TLS."""

    def arguments(self, **more: object) -> dict[str, Any]:
        """Return the arguments that every provider has, and more; a scope only if one is set."""
        scope = {} if self.scope is None else {"scope": self.scope}
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "redirect_uri": self.redirect_uri,
            "http_client": self.http_client,
            **scope,
            **more,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKind:
    """
    One provider.

    `special` are the fields that only it takes, each with an example, and `optional` those of them that it
    can do without.
    """

    build: Callable[[Described], OAuthProvider]
    client_id: str
    special: Mapping[str, str] = field(default_factory=lambda: MappingProxyType(dict[str, str]()))
    optional: tuple[str, ...] = ()
    registration: tuple[str, ...] = _REGISTRATION
    scope: str = _SCOPE
    needs_openid: bool = True

    @property
    def required(self) -> tuple[str, ...]:
        """The fields without which there is no provider."""
        return (*(name for name in self.special if name not in self.optional), *self.registration)

    @property
    def fields(self) -> frozenset[str]:
        """Every field that it takes."""
        return frozenset({*self.special, *self.registration, "SCOPE"})

    @property
    def examples(self) -> Mapping[str, str]:
        """An example of each field but the callback, whose address depends on the routes."""
        issued = {"CLIENT_ID": self.client_id, "CLIENT_SECRET": "Zm9yIGV4YW1wbGU…"}
        return {**issued, "SCOPE": self.scope, **self.special}


def _github(given: Described) -> OAuthProvider:
    from bymax_auth.providers.oauth.github import GitHubProvider

    return GitHubProvider(**given.arguments())


def _microsoft(given: Described) -> OAuthProvider:
    from bymax_auth.providers.oauth.microsoft import MicrosoftProvider

    return MicrosoftProvider(**given.arguments(tenant=given.special["TENANT"]))


def _apple(given: Described) -> OAuthProvider:
    from bymax_auth.providers.oauth.apple import AppleProvider

    arguments = given.arguments(
        team_id=given.special["TEAM_ID"], key_id=given.special["KEY_ID"], private_key=given.private_key
    )
    del arguments["client_secret"]
    return AppleProvider(**arguments)


def _openid(given: Described) -> OAuthProvider:
    from bymax_auth.providers.oauth.oidc import OidcProvider

    more = {"name": given.name, "issuer": given.special["ISSUER"], "allow_loopback_http": given.loopback}
    return OidcProvider(**given.arguments(**more))


def _row(given: Described) -> OAuthProvider:
    from bymax_auth.providers.oauth.oidc_services import OIDC_SERVICES, from_row

    arguments = given.arguments()
    taken = ("client_id", "client_secret", "redirect_uri")
    registration = {name: arguments[name] for name in taken}
    options = {name: value for name, value in arguments.items() if name not in taken}
    parts = {name.lower(): text for name, text in given.special.items()}
    return from_row(OIDC_SERVICES[given.name], **registration, options=options, **parts)


def _service(given: Described) -> OAuthProvider:
    from bymax_auth.providers.oauth import oauth2_services
    from bymax_auth.providers.oauth.oauth2 import OAuth2Provider

    return OAuth2Provider(getattr(oauth2_services, given.name.upper()), **given.arguments())


def _preset(client_id: str, *optional: str, scope: str = _SCOPE, **special: str) -> ProviderKind:
    return ProviderKind(
        build=_row,
        client_id=client_id,
        special=MappingProxyType(special),
        optional=optional,
        scope=scope,
    )


def _oauth2(client_id: str, scope: str) -> ProviderKind:
    return ProviderKind(build=_service, client_id=client_id, scope=scope, needs_openid=False)


OPENID: Final = ProviderKind(
    build=_openid, client_id="my-service", special=MappingProxyType({"ISSUER": "https://id.example.com"})
)
"""An OpenID provider that the library has no row of."""

KINDS: Final[Mapping[str, ProviderKind]] = MappingProxyType(
    {
        "APPLE": ProviderKind(
            build=_apple,
            client_id="com.example.web",
            special=MappingProxyType(
                {
                    "TEAM_ID": "A1B2C3D4E5",
                    "KEY_ID": "F6G7H8J9K0",
                    "PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----\\n…",
                    "PRIVATE_KEY_FILE": "/run/secrets/AuthKey_F6G7H8J9K0.p8",
                }
            ),
            optional=("PRIVATE_KEY", "PRIVATE_KEY_FILE"),
            registration=("CLIENT_ID", "CALLBACK_URL"),
            scope="name,email",
            needs_openid=False,
        ),
        "AUTH0": _preset("k5uNwXyZ0aBcDeFgHiJk", DOMAIN="example.eu.auth0.com"),
        "DISCORD": _oauth2("1098765432109876543", "identify,email"),
        "FACEBOOK": _oauth2("1234567890123456", "public_profile,email"),
        "GITHUB": ProviderKind(
            build=_github, client_id="Ov23liAbCdEfGhIjKlMn", scope="read:user,user:email", needs_openid=False
        ),
        "GITLAB": _preset("7f3a…", "DOMAIN", DOMAIN="gitlab.example.com"),
        "KEYCLOAK": _preset("my-service", DOMAIN="sso.example.com", REALM="people"),
        "LINKEDIN": _preset("77abcdefghijkl"),
        "MICROSOFT": ProviderKind(
            build=_microsoft,
            client_id="00001111-aaaa-2222-bbbb-3333cccc4444",
            special=MappingProxyType({"TENANT": "organizations"}),
        ),
        "OKTA": _preset("0oa1b2c3d4e5f6g7h8i9", DOMAIN="example.okta.com"),
        "SLACK": _preset("1234567890.1234567890123"),
        "SPOTIFY": _oauth2("5fe01282e44241328a84e7c5cc169165", "user-read-email"),
        "TWITCH": _preset("hof5gwx0su6owfnys0nyan9c87zr6t", scope="openid,user:read:email"),
    }
)
"""The providers that the library knows, by the name of their group."""
