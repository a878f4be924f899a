"""Sign in with Apple: a secret signed for each exchange, and a name that proves nothing."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.apple import AppleProvider
from bymax_auth.testing import FakeClock
from bymax_auth.types.oauth import CallbackParameters, OAuthProfile
from bymax_auth.types.secret import Secret
from tests.servers.scripted_provider import NONCE, NOW, Answer, ScriptedProvider
from tests.unit.providers.oauth.sign_ins import KEY, REDIRECT_URI, REQUEST, VERIFIER, tokens_with

ISSUER = "https://appleid.apple.com"
CLIENT_ID = "com.example.web"
PRIVATE_KEY = ECKey.generate_key("P-256")
PEM = PRIVATE_KEY.as_pem(private=True).decode()
USER = {"name": {"firstName": "Ada", "lastName": "Lovelace"}, "email": "ada@example.com"}


@pytest.fixture
def server() -> ScriptedProvider:
    server = ScriptedProvider(issuer=ISSUER, key=KEY)
    server.answers = {f"{ISSUER}/auth/keys": Answer(server.key_set(use="sig", alg="RS256"))}
    server.claims = {"aud": CLIENT_ID, "email_verified": "true", "is_private_email": "true"}
    server.without = ("name",)
    server.answers[f"{ISSUER}/auth/token"] = Answer(
        {"access_token": "access-token", "token_type": "Bearer", "id_token": server.id_token()}
    )
    return server


def provider(server: ScriptedProvider, clock: FakeClock | None = None, **more: Any) -> AppleProvider:
    options: dict[str, Any] = {
        "client_id": CLIENT_ID,
        "team_id": "TEAM123456",
        "key_id": "KEY1234567",
        "private_key": PEM,
        "redirect_uri": REDIRECT_URI,
        "http_client": server.client,
        "clock": clock or FakeClock(NOW),
    }
    return AppleProvider(**{**options, **more})


async def person(server: ScriptedProvider, user: str | None) -> OAuthProfile:
    own = provider(server)
    tokens = await own.exchange_code(CallbackParameters(code="c", user=user), VERIFIER)
    return await own.fetch_profile(tokens, nonce=NONCE)


async def test_the_browser_comes_back_with_a_form(server: ScriptedProvider) -> None:
    """Apple refuses a scope without it; nothing is looked up first."""
    own = provider(server)
    address = await own.authorize_url(REQUEST)
    assert address.startswith(f"{ISSUER}/auth/authorize?")
    sent = dict(parse_qsl(urlsplit(address).query))
    assert (sent["response_mode"], sent["scope"], sent["nonce"]) == ("form_post", "name email", NONCE)
    assert own.uses_form_post
    assert server.requests == []


async def test_the_secret_is_signed_for_each_exchange(server: ScriptedProvider) -> None:
    """Apple refuses one that is older than six months; this one is five minutes old at most."""
    clock = FakeClock(NOW)
    await provider(server, clock, private_key=Secret(PEM)).exchange_code(
        CallbackParameters(code="c", issuer=ISSUER), VERIFIER
    )
    form = dict(server.requests[-1].form)
    token = jwt.decode(form["client_secret"], PRIVATE_KEY, algorithms=["ES256"])
    assert token.header == {"alg": "ES256", "kid": "KEY1234567"}
    now = int(NOW.timestamp())
    assert token.claims == {
        "iss": "TEAM123456",
        "iat": now,
        "exp": now + 300,
        "aud": ISSUER,
        "sub": CLIENT_ID,
    }
    assert (form["client_id"], form["code"], form["code_verifier"]) == (CLIENT_ID, "c", VERIFIER)


async def test_a_first_sign_in_has_a_name(server: ScriptedProvider) -> None:
    """Apple never tells it again."""
    assert await person(server, json.dumps(USER)) == OAuthProfile(
        provider="apple",
        provider_id="248289761001",
        email="ada@example.com",
        email_verified=True,
        name="Ada Lovelace",
    )


@pytest.mark.parametrize(
    "user",
    [
        None,
        "",
        "Ada",
        "[]",
        "{}",
        '{"name":"Ada"}',
        '{"name":{}}',
        '{"name":{"firstName":7,"lastName":" "}}',
        json.dumps({"name": {"firstName": "A" * 300}}),
        json.dumps({"name": {"firstName": "A\u202e\nB"}}),
        '{"name":{"firstName":"\\ud800"}}',
        "{" * 1000,
    ],
)
async def test_a_name_that_is_not_as_apple_writes_it_is_none(
    server: ScriptedProvider, user: str | None
) -> None:
    """It comes from the browser, and anybody may have written it."""
    assert (await person(server, user)).name is None


async def test_half_a_name_is_one(server: ScriptedProvider) -> None:
    """People have one name in some countries."""
    assert (await person(server, '{"name":{"firstName":" Ada "}}')).name == "Ada"


async def test_the_address_in_the_form_is_not_believed(server: ScriptedProvider) -> None:
    """Nobody has signed it."""
    user = json.dumps({**USER, "email": "victim@example.com"})
    assert (await person(server, user)).email == "ada@example.com"


@pytest.mark.parametrize(
    ("said", "verified"),
    [(True, True), ("true", True), (False, False), ("false", False), (1, False), (["true"], False)],
)
async def test_apple_says_true_in_two_ways(server: ScriptedProvider, said: Any, verified: bool) -> None:
    """Both are documented, and nothing else is."""
    server.claims["email_verified"] = said
    found = await provider(server).fetch_profile(tokens_with(server.id_token()), nonce=NONCE)
    assert (found.email_verified, found.name) == (verified, None)


@pytest.mark.parametrize(
    "claims", [{"iss": "https://account.apple.com"}, {"aud": "com.example.other"}, {"nonce": "another"}]
)
async def test_a_token_that_is_not_about_this_sign_in_is_refused(
    server: ScriptedProvider, claims: dict[str, Any]
) -> None:
    """Signed by Apple, for somebody else."""
    server.claims |= claims
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server).fetch_profile(tokens_with(server.id_token()), nonce=NONCE)
    assert refusal.value.kind is ProviderFailure.ID_TOKEN


async def test_a_callback_of_another_provider_is_refused(server: ScriptedProvider) -> None:
    """Apple would get its code."""
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server).exchange_code(CallbackParameters(code="c", issuer="https://evil"), VERIFIER)
    assert refusal.value.kind is ProviderFailure.ISSUER
    assert server.requests == []


async def test_the_tokens_do_not_print_what_they_hold(server: ScriptedProvider) -> None:
    """Whoever reads logs learns neither the person nor the tokens."""
    callback = CallbackParameters(code="c", user=json.dumps(USER))
    tokens = await provider(server).exchange_code(callback, VERIFIER)
    assert "Ada" not in f"{tokens!r} {callback!r} {replace(tokens)!r}"
    assert "access-token" not in repr(tokens)


@pytest.mark.parametrize(
    "options", [{"team_id": ""}, {"key_id": " "}, {"private_key": "no key"}, {"client_id": ""}]
)
def test_a_registration_that_cannot_work_is_refused_at_start(
    server: ScriptedProvider, options: dict[str, Any]
) -> None:
    """Found when the process starts."""
    with pytest.raises(ValueError, match=r"blank|signing key"):
        provider(server, **options)
