"""
OpenID providers, one row each: where their issuer is, and what is special about them.

    okta = from_row(OKTA, domain="example.okta.com", client_id=…, client_secret=…, redirect_uri=…)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.providers.oauth.openid import OpenIdRules
from bymax_auth.providers.oauth.token_endpoint import ClientAuthentication
from bymax_auth.types.secret import Secret

__all__ = [
    "AUTH0",
    "GITLAB",
    "KEYCLOAK",
    "LINKEDIN",
    "OIDC_SERVICES",
    "OKTA",
    "SLACK",
    "TWITCH",
    "OidcService",
    "from_row",
]

_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcService:
    """An OpenID provider, or a product that many run for themselves."""

    name: str
    issuer: str
    """With a ``{placeholder}`` for each part that differs between customers."""

    parts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType(dict[str, str]()))
    """The value of a placeholder that is not given."""

    scope: tuple[str, ...] = ("openid", "email", "profile")
    rules: OpenIdRules = field(default_factory=OpenIdRules)


OKTA: Final = OidcService(name="okta", issuer="https://{domain}")
"""`domain` is the organisation's, or with an authorization server ``example.okta.com/oauth2/default``."""

AUTH0: Final = OidcService(name="auth0", issuer="https://{domain}/")

KEYCLOAK: Final = OidcService(name="keycloak", issuer="https://{domain}/realms/{realm}")

GITLAB: Final = OidcService(
    name="gitlab", issuer="https://{domain}", parts=MappingProxyType({"domain": "gitlab.com"})
)

SLACK: Final = OidcService(name="slack", issuer="https://slack.com")

LINKEDIN: Final = OidcService(
    name="linkedin",
    issuer="https://www.linkedin.com/oauth",
    rules=OpenIdRules(supports_pkce=False, supports_nonce=False, authentication=ClientAuthentication.POST),
)
"""
PKCE is for native applications alone: with a ``code_verifier``, the client secret is refused.  Its tokens
have no ``nonce``, and its metadata does not say that the secret belongs into the form.

Source: https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow, step 3.
"""

TWITCH: Final = OidcService(
    name="twitch",
    issuer="https://id.twitch.tv/oauth2",
    scope=("openid", "user:read:email"),
    rules=OpenIdRules(
        parameters=(
            (
                "claims",
                '{"id_token":{"email":null,"email_verified":null,"picture":null,"preferred_username":null}}',
            ),
        ),
        name_claim="preferred_username",
    ),
)
"""Its tokens hold only the claims that are asked for.  Source: Twitch, "Requesting claims"."""

OIDC_SERVICES: Final[Mapping[str, OidcService]] = MappingProxyType(
    {row.name: row for row in (AUTH0, GITLAB, KEYCLOAK, LINKEDIN, OKTA, SLACK, TWITCH)}
)
"""Every row, by its name."""


def from_row(
    service: OidcService,
    *,
    client_id: str,
    client_secret: Secret | str,
    redirect_uri: str,
    options: Mapping[str, Any] | None = None,
    **parts: str,
) -> OidcProvider:
    """
    Return the provider that a row describes.

    Args:
        service: The row.
        client_id: What the provider issued.
        client_secret: What the provider issued.
        redirect_uri: The callback route, as registered.
        options: Further arguments of `OidcProvider`, such as another `name` or an `http_client`.
        parts: A value for each placeholder of the row's issuer.

    Raises:
        ValueError: A part is missing, is none of this row or cannot be part of an address, or the
            registration is not usable.
    """
    given = {**service.parts, **parts}
    wanted = set(re.findall(r"\{(\w+)\}", service.issuer))
    if set(given) != wanted:
        listed = ", ".join(sorted(wanted)) or "nothing"
        raise ValueError(f"The issuer of {service.name} is made of: {listed}.")
    for name, value in given.items():
        if not _PART.fullmatch(value) or ".." in value:
            raise ValueError(f"The {name} of {service.name} must be without https:// and a slash at the end.")
    described: dict[str, Any] = {"name": service.name, "scope": service.scope, "rules": service.rules}
    return OidcProvider(
        issuer=service.issuer.format(**given),
        client_id=client_id,
        client_secret=client_secret,
        redirect_uri=redirect_uri,
        **{**described, **(options or {})},
    )
