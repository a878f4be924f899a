"""Sign-in with the certified OpenID provider of npm, whose every step is its own."""

from typing import Any

import httpx2
import pytest

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.providers.oauth.openid import OpenIdRules
from bymax_auth.testing import FakeClock
from bymax_auth.types.oauth import CallbackParameters, OAuthProfile
from tests.integration.providers.browser import CLIENT, NO_TLS, SignIn, came_back, sign_in
from tests.servers.identity_providers import CLIENT_SECRET, REDIRECT_URI


def provider_at(issuer: str, client_id: str = "RS256", **more: Any) -> OidcProvider:
    options: dict[str, Any] = {
        "client_secret": CLIENT_SECRET,
        "redirect_uri": REDIRECT_URI,
        "http_client": CLIENT,
        "allow_loopback_http": True,
    }
    return OidcProvider(issuer=issuer, client_id=client_id, **{**options, **more})


@pytest.mark.parametrize("client_id", ["RS256", "PS256", "ES256", "EdDSA", "post"])
async def test_somebody_signs_in(certified: str, client_id: str) -> None:
    """With PKCE, nonce, `iss`, userinfo, and each algorithm and client authentication."""
    assert await sign_in(provider_at(certified, client_id)) == OAuthProfile(
        provider="oidc",
        provider_id="ada",
        email="ada@example.com",
        email_verified=True,
        name="Ada Lovelace",
    )


async def test_somebody_signs_in_by_a_form(certified: str) -> None:
    """Apple's way back, at a provider that also names itself in it."""
    provider = provider_at(certified, rules=OpenIdRules(form_post=True))
    returned = await came_back(provider, SignIn())
    assert set(returned) == {"code", "state", "iss"}
    assert (await sign_in(provider)).email == "ada@example.com"


async def test_an_address_that_is_not_verified_is_not_said_to_be(certified: str) -> None:
    """Whoever entered it would get its owner's account."""
    assert (await sign_in(provider_at(certified), "unverified")).email_verified is False


async def test_a_person_keeps_the_identifier_and_others_have_another(certified: str) -> None:
    """Two people with one identifier share an account."""
    provider = provider_at(certified)
    assert [(await sign_in(provider, who)).provider_id for who in ("ada", "bob", "ada")] == [
        "ada",
        "bob",
        "ada",
    ]


async def test_new_keys_are_found(certified: str) -> None:
    """A provider that changes its keys would be out of order for an hour."""
    provider = provider_at(certified)
    await sign_in(provider)
    async with httpx2.AsyncClient(verify=NO_TLS) as operator:
        await operator.post(f"{certified}/_rotate")
    assert (await sign_in(provider)).provider_id == "ada"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"issuer": "https://other.example"}, ProviderFailure.ISSUER),
        ({"issuer": None}, ProviderFailure.ISSUER),
        ({"code": "another"}, ProviderFailure.HTTP),
    ],
    ids=["another issuer", "no issuer", "another code"],
)
async def test_a_callback_that_is_not_the_providers_is_refused(
    certified: str, changes: dict[str, Any], kind: ProviderFailure
) -> None:
    """Mixed up, or made up."""
    provider, started = provider_at(certified), SignIn()
    returned = await came_back(provider, started)
    given: dict[str, Any] = {"code": returned["code"], "issuer": returned["iss"], **changes}
    with pytest.raises(OAuthProviderError) as refusal:
        await provider.exchange_code(CallbackParameters(**given), started.verifier)
    assert refusal.value.kind is kind


async def test_a_code_works_once_and_with_its_verifier(certified: str) -> None:
    """Whoever saw the address of a callback could sign in with it."""
    provider, started = provider_at(certified), SignIn()
    returned = await came_back(provider, started)
    callback = CallbackParameters(code=returned["code"], issuer=returned["iss"])
    with pytest.raises(OAuthProviderError) as refusal:
        await provider.exchange_code(callback, SignIn().verifier)
    assert (refusal.value.kind, refusal.value.status) == (ProviderFailure.HTTP, 400)
    again = await came_back(provider, started)
    callback = CallbackParameters(code=again["code"], issuer=again["iss"])
    await provider.exchange_code(callback, started.verifier)
    with pytest.raises(OAuthProviderError):
        await provider.exchange_code(callback, started.verifier)


async def test_a_token_of_another_sign_in_or_client_or_provider_is_refused(certified: str) -> None:
    """Each is signed by the very same provider."""
    provider, started = provider_at(certified), SignIn()
    returned = await came_back(provider, started)
    callback = CallbackParameters(code=returned["code"], issuer=returned["iss"])
    tokens = await provider.exchange_code(callback, started.verifier)
    late = FakeClock()
    for other, nonce in (
        (provider, SignIn().nonce),
        (provider_at(certified, "PS256"), started.nonce),
        (provider_at(certified, clock=late), started.nonce),
    ):
        with pytest.raises(OAuthProviderError) as refusal:
            await other.fetch_profile(tokens, nonce=nonce)
        assert refusal.value.kind is ProviderFailure.ID_TOKEN
    assert (await provider.fetch_profile(tokens, nonce=started.nonce)).provider_id == "ada"


async def test_another_secret_is_refused(certified: str) -> None:
    """Anybody could exchange codes that they saw."""
    with pytest.raises(OAuthProviderError) as refusal:
        await sign_in(provider_at(certified, client_secret="another"))
    assert (refusal.value.kind, refusal.value.status) == (ProviderFailure.HTTP, 401)


async def test_an_issuer_with_a_slash_is_another_issuer(certified: str) -> None:
    """Two spellings of one issuer would be two sets of people."""
    with pytest.raises(OAuthProviderError) as refusal:
        await provider_at(f"{certified}/").authorize_url(SignIn().request)
    assert refusal.value.kind is ProviderFailure.ISSUER
