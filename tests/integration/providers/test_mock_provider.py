"""Sign-in with npm's mock server, whose hooks change what it signs and answers."""

import time
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.types.oauth import OAuthProfile
from tests.integration.providers.browser import CLIENT, NO_TLS, sign_in
from tests.servers.identity_providers import CLIENT_SECRET, REDIRECT_URI

CLIENT_ID = "the-application"


class Changes:
    """What the server does differently from now on."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    async def are(self, **changes: Any) -> None:
        async with httpx2.AsyncClient(verify=NO_TLS) as operator:
            await operator.post(f"{self._issuer}/_change", json=changes)


@pytest.fixture
async def changes(mocked: str) -> AsyncGenerator[Changes]:
    changes = Changes(mocked)
    yield changes
    await changes.are()


@pytest.fixture
def provider(mocked: str) -> OidcProvider:
    return OidcProvider(
        issuer=mocked,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uri=REDIRECT_URI,
        http_client=CLIENT,
        allow_loopback_http=True,
    )


async def test_somebody_signs_in(provider: OidcProvider) -> None:
    """What the refusals below differ from in one thing each."""
    assert await sign_in(provider) == OAuthProfile(
        provider="oidc",
        provider_id="johndoe",
        email="john@example.com",
        email_verified=True,
        name="John Doe",
    )


HOSTILE: dict[str, dict[str, Any]] = {
    "another issuer": {"claims": {"iss": "https://other.example"}},
    "audiences without us": {"claims": {"aud": ["another", "a-third"]}},
    "several audiences": {"claims": {"aud": [CLIENT_ID, "another"]}},
    "azp of another": {"claims": {"azp": "another"}},
    "expired": {"claims": {"exp": 1_000_000_000}},
    "not valid yet": {"claims": {"nbf": int(time.time()) + 86_400}},
    "issued in the future": {"claims": {"iat": int(time.time()) + 86_400}},
    "no nonce": {"without": ["nonce"]},
    "another nonce": {"claims": {"nonce": "another"}},
    "another access token": {"claims": {"at_hash": "another"}},
    "an unknown key": {"header": {"kid": "another"}},
    "a critical extension": {"header": {"typ": "at+jwt"}},
    "no subject": {"without": ["sub"]},
    "somebody else at userinfo": {
        "without": ["email"],
        "userinfo": {"sub": "janedoe", "email": "jane@example.com", "email_verified": True},
    },
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
async def test_a_token_that_is_not_ours_signs_nobody_in(
    provider: OidcProvider, changes: Changes, change: dict[str, Any]
) -> None:
    """Each is signed with the provider's own key."""
    await changes.are(**change)
    with pytest.raises(OAuthProviderError) as refusal:
        await sign_in(provider)
    assert refusal.value.kind is ProviderFailure.ID_TOKEN


@pytest.mark.parametrize(
    "change",
    [{"claims": {"email_verified": False}}, {"without": ["email_verified"]}],
    ids=["unverified", "not said"],
)
async def test_an_address_is_verified_only_when_the_provider_says_so(
    provider: OidcProvider, changes: Changes, change: dict[str, Any]
) -> None:
    """Whoever entered it would get its owner's account."""
    await changes.are(**change)
    assert (await sign_in(provider)).email_verified is False


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"metadata": {"issuer": "https://other.example"}}, ProviderFailure.ISSUER),
        ({"status": 500}, ProviderFailure.HTTP),
        ({"status": 302}, ProviderFailure.HTTP),
        ({"answer": {"token_type": "DPoP"}}, ProviderFailure.UNEXPECTED_TOKEN_TYPE),
        ({"answer": {"access_token": 7}}, ProviderFailure.DECODE),
        ({"answer": {"id_token": None}}, ProviderFailure.ID_TOKEN),
    ],
    ids=["metadata of another issuer", "broken", "redirecting", "another token", "no token", "no id_token"],
)
async def test_an_answer_that_is_not_as_it_must_be_signs_nobody_in(
    provider: OidcProvider, changes: Changes, change: dict[str, Any], kind: ProviderFailure
) -> None:
    """Whatever stands there instead of the provider."""
    await changes.are(**change)
    with pytest.raises(OAuthProviderError) as refusal:
        await sign_in(provider)
    assert refusal.value.kind is kind
