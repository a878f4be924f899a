"""Google, of which the configuration says all that a provider needs."""

from typing import Any

import pytest

from bymax_auth import ConfigError
from bymax_auth.errors import OAuthFailed
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.context import RequestContext
from tests.integration.engine.engines import engine_of
from tests.integration.flows.world import TENANT, config_of
from tests.servers.scripted_provider import Answer, ScriptedProvider

GOOGLE = {
    "client_id": "the-application",
    "client_secret": "the-secret-of-google",
    "callback_url": "http://localhost:8000/auth/oauth/google/callback",
}


def config(**google: Any) -> Any:
    return config_of(
        platform={"enabled": False}, controllers={"oauth": True}, oauth={"google": {**GOOGLE, **google}}
    )


async def test_the_configured_provider_is_asked_with_the_hosts_client() -> None:
    """The variables are set, and the engine knows no provider; or it goes around the host's proxy."""
    server = ScriptedProvider(issuer="https://accounts.google.com")
    server.answers["https://oauth2.googleapis.com/token"] = Answer({"error": "invalid_grant"}, 400)
    engine = engine_of(config=config(), http_client=server.client)
    async with engine:
        left = await engine.oauth_initiate("google", TENANT, RequestContext())
        assert left.authorize_url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
        with pytest.raises(OAuthFailed):
            await engine.oauth_callback(
                "google",
                code="a-code",
                state=left.state,
                state_cookie=left.state,
                issuer=None,
                error=None,
                context=RequestContext(),
            )
    exchange = server.requests[-1]
    assert exchange.url == "https://oauth2.googleapis.com/token"
    assert dict(exchange.form)["client_secret"] == GOOGLE["client_secret"]


async def test_a_provider_of_the_hosts_own_stays() -> None:
    """A host that replaces the provider gets a start-up error, or the one that it has replaced."""
    own = InMemoryOAuthProvider("google")
    engine = engine_of(config=config(), oauth_providers=[own])
    assert dict(engine.oauth_providers) == {"google": own}
    await engine.aclose()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("callback_url", "http://app.example.com/auth/oauth/google/callback"),
        ("callback_url", "https://app.example.com/callback#here"),
        ("scope", ["openid email"]),
    ],
)
def test_what_the_provider_would_refuse_is_a_problem_of_the_configuration(option: str, value: Any) -> None:
    """The start ends with another exception than every other mistake."""
    with pytest.raises(ConfigError) as refusal:
        engine_of(config=config(**{option: value}))
    assert [one.option for one in refusal.value.problems] == [f"oauth.google.{option}"]
    assert GOOGLE["client_secret"] not in str(refusal.value)
