"""The rows of OpenID providers: each finds its issuer, and has the exceptions that it needs."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bymax_auth.providers.oauth.oidc_services import (
    AUTH0,
    GITLAB,
    KEYCLOAK,
    LINKEDIN,
    OIDC_SERVICES,
    OKTA,
    SLACK,
    TWITCH,
    OidcService,
    from_row,
)
from bymax_auth.testing import FakeClock
from tests.servers.scripted_provider import CLIENT_ID, NONCE, NOW, Answer, ScriptedProvider
from tests.unit.providers.oauth.sign_ins import (
    CALLBACK,
    KEY,
    REDIRECT_URI,
    REQUEST,
    SECRET,
    VERIFIER,
    tokens_with,
)

ROWS: list[tuple[OidcService, dict[str, str], str]] = [
    (OKTA, {"domain": "dev-1.okta.com"}, "https://dev-1.okta.com"),
    (OKTA, {"domain": "dev-1.okta.com/oauth2/default"}, "https://dev-1.okta.com/oauth2/default"),
    (AUTH0, {"domain": "example.eu.auth0.com"}, "https://example.eu.auth0.com/"),
    (
        KEYCLOAK,
        {"domain": "sso.example.com:8443", "realm": "people"},
        "https://sso.example.com:8443/realms/people",
    ),
    (GITLAB, {}, "https://gitlab.com"),
    (GITLAB, {"domain": "git.example.com"}, "https://git.example.com"),
    (SLACK, {}, "https://slack.com"),
    (LINKEDIN, {}, "https://www.linkedin.com/oauth"),
    (TWITCH, {}, "https://id.twitch.tv/oauth2"),
]


@pytest.mark.parametrize(("service", "parts", "issuer"), ROWS, ids=[row[2] for row in ROWS])
async def test_somebody_signs_in_with_each_row(
    service: OidcService, parts: dict[str, str], issuer: str
) -> None:
    """A row with another issuer refuses everybody."""
    server = ScriptedProvider(issuer=issuer.removesuffix("/"), key=KEY)
    # LinkedIn's metadata names no method, and its token endpoint takes the secret in the form alone.
    methods = {} if service is LINKEDIN else {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    metadata = server.metadata(issuer=issuer, **methods)
    server.answers[f"{server.issuer}/.well-known/openid-configuration"] = Answer(metadata)
    server.answers[f"{server.issuer}/token"] = Answer({"access_token": "a", "token_type": "Bearer"})
    server.claims = {"iss": issuer, "preferred_username": "ada"}
    if not service.rules.supports_nonce:
        server.without = ("nonce",)
    provider = from_row(
        service,
        client_id=CLIENT_ID,
        client_secret=SECRET,
        redirect_uri=REDIRECT_URI,
        options={"http_client": server.client, "clock": FakeClock(NOW)},
        **parts,
    )
    sent = dict(parse_qsl(urlsplit(await provider.authorize_url(REQUEST)).query))
    assert sent["scope"] == " ".join(service.scope)
    assert ("code_challenge" in sent) is (service is not LINKEDIN)
    await provider.exchange_code(CALLBACK, VERIFIER)
    form = dict(server.requests[-1].form)
    assert ("code_verifier" in form) is (service is not LINKEDIN)
    assert (form["client_secret"], "authorization" in server.requests[-1].headers) == (SECRET, False)
    found = await provider.fetch_profile(tokens_with(server.id_token()), nonce=NONCE)
    assert (found.provider, found.email_verified) == (service.name, True)
    assert found.name == ("ada" if service is TWITCH else "Ada Lovelace")


def test_the_claims_that_are_asked_for_are_json() -> None:
    """Twitch sends an address only to who asks in this form."""
    asked = dict(TWITCH.rules.parameters)["claims"]
    assert json.loads(asked)["id_token"].keys() >= {"email", "email_verified"}


def test_every_row_is_found_by_its_name() -> None:
    """A deployment names its providers in the environment."""
    assert {name: row.name for name, row in OIDC_SERVICES.items()} == {
        name: name for name in ("auth0", "gitlab", "keycloak", "linkedin", "okta", "slack", "twitch")
    }


@pytest.mark.parametrize(
    ("service", "parts"),
    [
        (OKTA, {}),
        (OKTA, {"domain": "https://dev-1.okta.com"}),
        (OKTA, {"domain": "dev-1.okta.com/"}),
        (OKTA, {"domain": "evil@dev-1.okta.com"}),
        (OKTA, {"domain": "dev-1.okta.com?x"}),
        (OKTA, {"domain": "dev-1.okta.com/../x"}),
        (OKTA, {"domain": ""}),
        (OKTA, {"domain": "dev-1.okta.com", "realm": "people"}),
        (KEYCLOAK, {"domain": "sso.example.com"}),
        (KEYCLOAK, {"domain": "sso.example.com", "realm": "a b"}),
        (SLACK, {"domain": "slack.com"}),
    ],
)
def test_a_part_that_is_missing_or_unusable_is_refused(service: OidcService, parts: dict[str, Any]) -> None:
    """The issuer would be somebody else's, or nobody's."""
    with pytest.raises(ValueError, match=service.name):
        from_row(service, client_id="id", client_secret=SECRET, redirect_uri=REDIRECT_URI, **parts)


def test_a_row_may_have_another_name() -> None:
    """Two customers have two directories of one kind."""
    provider = from_row(
        OKTA,
        domain="dev-2.okta.com",
        client_id="id",
        client_secret=SECRET,
        redirect_uri=REDIRECT_URI,
        options={"name": "acme", "http_client": ScriptedProvider(key=KEY).client},
    )
    assert provider.name == "acme"
