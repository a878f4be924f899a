"""Services without OpenID Connect: the profile at their own address, and what each says of an address."""

from dataclasses import replace
from typing import Any

import pytest

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.oauth2 import OAuth2Provider, OAuth2Service
from bymax_auth.providers.oauth.oauth2_services import DISCORD, FACEBOOK, SPOTIFY
from bymax_auth.types.oauth import CallbackParameters, OAuthProfile, OAuthTokens
from tests.servers.scripted_provider import NONCE, Answer, ScriptedProvider
from tests.unit.providers.oauth.sign_ins import CALLBACK, KEY, REDIRECT_URI, REQUEST, SECRET, VERIFIER

TOKENS = OAuthTokens(access_token="the-token", token_type="Bearer")

PEOPLE: dict[str, tuple[OAuth2Service, dict[str, Any], OAuthProfile]] = {
    "discord": (
        DISCORD,
        {
            "id": "80351110224678912",
            "username": "nelly",
            "global_name": "Nelly",
            "avatar": "8342729096ea3675442027381ff50dfe",
            "verified": True,
            "email": "nelly@example.com",
        },
        OAuthProfile(
            provider="discord",
            provider_id="80351110224678912",
            email="nelly@example.com",
            email_verified=True,
            name="Nelly",
            avatar="https://cdn.discordapp.com/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png",
        ),
    ),
    "discord without a name": (
        DISCORD,
        {
            "id": "8",
            "username": "nelly",
            "global_name": None,
            "avatar": None,
            "verified": False,
            "email": "n@e.x",
        },
        OAuthProfile(
            provider="discord",
            provider_id="8",
            email="n@e.x",
            email_verified=False,
            name="nelly",
            avatar=None,
        ),
    ),
    "facebook": (
        FACEBOOK,
        {
            "id": "10158",
            "name": "Ada Lovelace",
            "email": "ada@example.com",
            "verified": True,
            "picture": {"data": {"url": "https://platform-lookaside.fbsbx.com/ada", "is_silhouette": False}},
        },
        OAuthProfile(
            provider="facebook",
            provider_id="10158",
            email="ada@example.com",
            email_verified=False,
            name="Ada Lovelace",
            avatar="https://platform-lookaside.fbsbx.com/ada",
        ),
    ),
    "spotify": (
        SPOTIFY,
        {
            "id": "adalovelace",
            "display_name": None,
            "email": "ada@example.com",
            "images": [{"url": "https://i.scdn.co/image/ada", "height": 300}],
        },
        OAuthProfile(
            provider="spotify",
            provider_id="adalovelace",
            email="ada@example.com",
            email_verified=False,
            name=None,
            avatar="https://i.scdn.co/image/ada",
        ),
    ),
}


@pytest.fixture
def server() -> ScriptedProvider:
    return ScriptedProvider(key=KEY)


def provider(server: ScriptedProvider, service: OAuth2Service, **more: Any) -> OAuth2Provider:
    return OAuth2Provider(
        service,
        client_id="id",
        client_secret=SECRET,
        redirect_uri=REDIRECT_URI,
        http_client=server.client,
        **more,
    )


@pytest.mark.parametrize(("service", "said", "expected"), PEOPLE.values(), ids=PEOPLE)
async def test_a_person_is_who_the_service_says(
    server: ScriptedProvider, service: OAuth2Service, said: dict[str, Any], expected: OAuthProfile
) -> None:
    """An address counts as verified only where the service asserts it."""
    server.answers[service.profile_endpoint] = Answer(said)
    own = provider(server, service)
    assert await own.fetch_profile(TOKENS, nonce=NONCE) == expected
    assert server.requests[-1].headers["authorization"] == "Bearer the-token"
    assert (own.name, own.uses_form_post) == (service.name, False)


@pytest.mark.parametrize("service", [DISCORD, FACEBOOK, SPOTIFY], ids=lambda service: service.name)
async def test_a_code_is_exchanged_with_pkce(server: ScriptedProvider, service: OAuth2Service) -> None:
    """Without the challenge, a stolen code could be exchanged."""
    own = provider(server, service, scope=("one", "two"))
    address = await own.authorize_url(REQUEST)
    assert address.startswith(f"{service.authorization_endpoint}?response_type=code&client_id=id&")
    assert "&scope=one%20two&" in address
    assert f"&code_challenge={REQUEST.code_challenge}&code_challenge_method=S256" in address
    server.answers[service.token_endpoint] = Answer({"access_token": "a", "token_type": "bearer"})
    await own.exchange_code(replace(CALLBACK, issuer=service.issuer), VERIFIER)
    form = dict(server.requests[-1].form)
    assert form["code_verifier"] == VERIFIER
    assert ("client_secret" in form) is (service is not SPOTIFY)
    assert ("authorization" in server.requests[-1].headers) is (service is SPOTIFY)


@pytest.mark.parametrize("issuer", ["https://evil.example", ""])
@pytest.mark.parametrize("own_issuer", ["https://discord.com", None])
async def test_a_callback_of_another_provider_is_refused(
    server: ScriptedProvider, issuer: str, own_issuer: str | None
) -> None:
    """A service that names nobody must not be named as anybody."""
    own = provider(server, replace(DISCORD, issuer=own_issuer))
    with pytest.raises(OAuthProviderError) as refusal:
        await own.exchange_code(CallbackParameters(code="c", issuer=issuer), VERIFIER)
    assert refusal.value.kind is ProviderFailure.ISSUER
    assert server.requests == []


@pytest.mark.parametrize(
    "change",
    [{"id": None}, {"id": True}, {"id": ""}, {"id": ["8"]}, {"email": None}, {"verified": "true"}],
)
async def test_a_profile_of_other_types_is_refused(server: ScriptedProvider, change: dict[str, Any]) -> None:
    """The service has changed its API, or is another one."""
    _, said, _ = PEOPLE["discord"]
    server.answers[DISCORD.profile_endpoint] = Answer({**said, **change})
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server, DISCORD).fetch_profile(TOKENS, nonce=NONCE)
    assert refusal.value.kind is ProviderFailure.DECODE


async def test_a_number_identifies_a_person_too(server: ScriptedProvider) -> None:
    """Many services count their accounts."""
    _, said, _ = PEOPLE["discord"]
    server.answers[DISCORD.profile_endpoint] = Answer({**said, "id": 80351110224678912})
    found = await provider(server, DISCORD).fetch_profile(TOKENS, nonce=NONCE)
    assert found.provider_id == "80351110224678912"


@pytest.mark.parametrize(
    "images", [None, [], {}, "https://i.scdn.co", [7], [{"url": 7}], [{"url": " "}], [{"height": 1}]]
)
async def test_a_picture_that_is_not_there_is_none(server: ScriptedProvider, images: Any) -> None:
    """Nothing depends on it."""
    _, said, _ = PEOPLE["spotify"]
    server.answers[SPOTIFY.profile_endpoint] = Answer({**said, "images": images})
    assert (await provider(server, SPOTIFY).fetch_profile(TOKENS, nonce=NONCE)).avatar is None
