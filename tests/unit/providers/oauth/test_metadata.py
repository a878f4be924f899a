"""What a provider publishes about itself: trusted when it is its own, and fetched once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.testing import FakeClock
from tests.servers.scripted_provider import Answer, ScriptedProvider
from tests.unit.providers.oauth.sign_ins import (
    REQUEST,
)

METADATA: dict[str, tuple[dict[str, Any], ProviderFailure]] = {
    "another issuer": ({"issuer": "https://other.example"}, ProviderFailure.ISSUER),
    "an issuer with a slash": ({"issuer": "https://id.example.com/"}, ProviderFailure.ISSUER),
    "no issuer": ({"issuer": None}, ProviderFailure.ISSUER),
    "plain HTTP": ({"token_endpoint": "http://id.example.com/token"}, ProviderFailure.DECODE),
    "plain HTTP on this machine": ({"jwks_uri": "http://127.0.0.1/jwks"}, ProviderFailure.DECODE),
    "a port that does not exist": (
        {"token_endpoint": "https://id.example.com:99999/"},
        ProviderFailure.DECODE,
    ),
    "port zero": ({"jwks_uri": "https://id.example.com:0/jwks"}, ProviderFailure.DECODE),
    "a port that is no number": ({"userinfo_endpoint": "https://id.example.com:x/"}, ProviderFailure.DECODE),
    "a port in other digits": ({"jwks_uri": "https://id.example.com:٤٤٣/"}, ProviderFailure.DECODE),
    "an address too long to be sent": (
        {"authorization_endpoint": f"https://id.example.com/{'a' * 4096}"},
        ProviderFailure.DECODE,
    ),
    "no token endpoint": ({"token_endpoint": None}, ProviderFailure.DECODE),
    "an endpoint that is no text": ({"authorization_endpoint": 7}, ProviderFailure.DECODE),
    "a userinfo that is no text": ({"userinfo_endpoint": None}, ProviderFailure.DECODE),
    "no client secrets": (
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
        ProviderFailure.DECODE,
    ),
    "methods that are no list": ({"token_endpoint_auth_methods_supported": "post"}, ProviderFailure.DECODE),
    "an announcement that is no truth": (
        {"authorization_response_iss_parameter_supported": "yes"},
        ProviderFailure.DECODE,
    ),
}


@pytest.mark.parametrize(("changes", "kind"), METADATA.values(), ids=METADATA)
async def test_metadata_that_cannot_be_trusted_starts_no_sign_in(
    provider: OidcProvider, server: ScriptedProvider, changes: dict[str, Any], kind: ProviderFailure
) -> None:
    """The browser would be sent to whoever wrote it."""
    server.answers[f"{server.issuer}/.well-known/openid-configuration"] = Answer(server.metadata(**changes))
    with pytest.raises(OAuthProviderError) as refusal:
        await provider.authorize_url(REQUEST)
    assert refusal.value.kind is kind


async def test_metadata_is_fetched_once_for_everybody_and_again_after_an_hour(
    provider: OidcProvider, server: ScriptedProvider, clock: FakeClock
) -> None:
    """A busy start must not become a flood at the provider's."""
    await asyncio.gather(*(provider.authorize_url(REQUEST) for _ in range(50)))
    clock.advance(timedelta(minutes=59))
    await provider.authorize_url(REQUEST)
    assert server.asked("openid-configuration") == 1
    clock.advance(timedelta(minutes=1))
    await provider.authorize_url(REQUEST)
    assert server.asked("openid-configuration") == 2


async def test_a_provider_that_was_down_is_asked_again(
    provider: OidcProvider, server: ScriptedProvider
) -> None:
    """One outage must not last until the process is started again; and it is one request for all."""
    working = server.answers.pop(f"{server.issuer}/.well-known/openid-configuration")
    failed = await asyncio.gather(
        *(provider.authorize_url(REQUEST) for _ in range(20)), return_exceptions=True
    )
    assert {(type(one), getattr(one, "status", 0)) for one in failed} == {(OAuthProviderError, 404)}
    assert server.asked("openid-configuration") == 1
    server.answers[f"{server.issuer}/.well-known/openid-configuration"] = working
    assert await provider.authorize_url(REQUEST)
