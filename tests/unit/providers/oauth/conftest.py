"""A scripted OpenID provider, and the provider of ours that speaks to it."""

import pytest

from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.testing import FakeClock
from tests.servers.scripted_provider import NOW, Answer, ScriptedProvider
from tests.unit.providers.oauth.sign_ins import (
    KEY,
    provider_of,
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def server() -> ScriptedProvider:
    server = ScriptedProvider(key=KEY)
    server.answers[f"{server.issuer}/userinfo"] = Answer({"sub": "248289761001"})
    return server


@pytest.fixture
def provider(server: ScriptedProvider, clock: FakeClock) -> OidcProvider:
    return provider_of(server, clock)
