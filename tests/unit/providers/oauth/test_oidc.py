"""A sign-in with an OpenID provider: who somebody is, and whether the address is proven."""

import logging
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.providers.oauth.openid import OpenIdRules
from bymax_auth.testing import FakeClock
from bymax_auth.types.oauth import OAuthProfile
from tests.servers.scripted_provider import CLIENT_ID, NONCE, Answer, ScriptedProvider
from tests.unit.providers.oauth.sign_ins import (
    ACCESS_TOKEN,
    CALLBACK,
    REDIRECT_URI,
    REQUEST,
    SECRET,
    VERIFIER,
    failure,
    profile,
    provider_of,
    tokens_with,
)


async def test_the_browser_is_sent_with_everything_that_binds_the_sign_in(provider: OidcProvider) -> None:
    """A parameter that is missing is one that an attacker may choose."""
    address = urlsplit(await provider.authorize_url(REQUEST))
    assert address[:3] == ("https", "id.example.com", "/authorize")
    assert parse_qsl(address.query) == [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid email profile"),
        ("state", REQUEST.state),
        ("code_challenge", REQUEST.code_challenge),
        ("code_challenge_method", "S256"),
        ("nonce", NONCE),
    ]


async def test_rules_of_a_provider_change_what_is_sent(server: ScriptedProvider, clock: FakeClock) -> None:
    """A provider that refuses a parameter, or wants another one, could not be used at all."""
    address = Answer(server.metadata(authorization_endpoint=f"{server.issuer}/authorize?tenant=7"))
    server.answers[f"{server.issuer}/.well-known/openid-configuration"] = address
    rules = OpenIdRules(form_post=True, supports_pkce=False, parameters=(("prompt", "select_account"),))
    provider = provider_of(server, clock, rules=rules)
    sent = parse_qsl(urlsplit(await provider.authorize_url(REQUEST)).query)
    assert sent[0] == ("tenant", "7")
    assert sent[-3:] == [("nonce", NONCE), ("response_mode", "form_post"), ("prompt", "select_account")]
    assert "code_challenge" not in dict(sent)
    assert provider.uses_form_post
    server.answers[f"{server.issuer}/token"] = Answer({"access_token": "a", "token_type": "bearer"})
    await provider.exchange_code(CALLBACK, VERIFIER)
    assert "code_verifier" not in dict(server.requests[-1].form)


async def test_a_person_is_who_the_token_says(provider: OidcProvider, server: ScriptedProvider) -> None:
    """With address and assertion in the token, no further request is made."""
    server.claims = {"picture": "https://id.example.com/ada.png"}
    assert await profile(provider, server) == OAuthProfile(
        provider="oidc",
        provider_id="248289761001",
        email="ada@example.com",
        email_verified=True,
        name="Ada Lovelace",
        avatar="https://id.example.com/ada.png",
    )
    assert server.asked("/userinfo") == 0


async def test_userinfo_is_asked_for_what_the_token_does_not_say(
    provider: OidcProvider, server: ScriptedProvider
) -> None:
    """Most certified providers put the address there."""
    server.without = ("email", "email_verified", "name")
    server.answers[f"{server.issuer}/userinfo"] = Answer(
        {
            "sub": "248289761001",
            "email": "ada@example.com",
            "email_verified": True,
            "name": "Ada",
            "picture": 7,
        }
    )
    found = await profile(provider, server)
    assert (found.email, found.email_verified, found.name, found.avatar) == (
        "ada@example.com",
        True,
        "Ada",
        None,
    )
    assert server.requests[-1].headers["authorization"] == f"Bearer {ACCESS_TOKEN}"


async def test_userinfo_about_somebody_else_is_refused(
    provider: OidcProvider, server: ScriptedProvider
) -> None:
    """The access token of another person would give the account that person's address."""
    server.without = ("email",)
    server.answers[f"{server.issuer}/userinfo"] = Answer(
        {"sub": "248289761002", "email": "bob@example.com", "email_verified": True}
    )
    assert (await failure(provider, server.id_token())).kind is ProviderFailure.ID_TOKEN


async def test_an_assertion_belongs_to_the_address_beside_it(
    provider: OidcProvider, server: ScriptedProvider
) -> None:
    """Else the assertion for one address would verify another one."""
    server.without = ("email",)
    server.answers[f"{server.issuer}/userinfo"] = Answer({"sub": "248289761001", "email": "eve@example.com"})
    found = await profile(provider, server)
    assert (found.email, found.email_verified) == ("eve@example.com", False)


@pytest.mark.parametrize("verified", [False, None], ids=["denied", "absent"])
async def test_an_address_is_verified_only_when_the_provider_says_so(
    provider: OidcProvider, server: ScriptedProvider, verified: bool | None
) -> None:
    """An address that anybody may enter would take over its owner's account."""
    if verified is None:
        server.without = ("email_verified",)
    else:
        server.claims = {"email_verified": verified}
    assert (await profile(provider, server)).email_verified is False


@pytest.mark.parametrize("claims", [{"email_verified": "true"}, {"email_verified": 1}, {"email": ["a@b.c"]}])
async def test_a_claim_of_another_type_is_refused(
    provider: OidcProvider, server: ScriptedProvider, claims: dict[str, Any]
) -> None:
    """The text `false` is true in many languages."""
    server.claims = claims
    assert (await failure(provider, server.id_token())).kind is ProviderFailure.DECODE


@pytest.mark.parametrize("subject", ["x" * 256, "zéro", "a\nb"])
async def test_an_identifier_that_cannot_be_stored_is_refused(
    provider: OidcProvider, server: ScriptedProvider, subject: str
) -> None:
    """A store that shortens it would make two people one."""
    server.claims = {"sub": subject}
    assert (await failure(provider, server.id_token())).kind is ProviderFailure.DECODE


async def test_without_a_userinfo_address_the_token_is_all_there_is(
    provider: OidcProvider, server: ScriptedProvider
) -> None:
    """A person without an address cannot have an account."""
    metadata = server.metadata()
    del metadata["userinfo_endpoint"]
    server.answers[f"{server.issuer}/.well-known/openid-configuration"] = Answer(metadata)
    server.without = ("email",)
    assert (await failure(provider, server.id_token())).kind is ProviderFailure.DECODE


async def test_nothing_of_a_sign_in_is_printed_or_logged(
    provider: OidcProvider, server: ScriptedProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever reads logs must not be able to sign in."""
    caplog.set_level(logging.DEBUG)
    server.claims = {"iss": "https://evil.example"}
    token = server.id_token()
    refusal = await failure(provider, token)
    server.answers[f"{server.issuer}/token"] = Answer({"error": "invalid_grant", "error_description": SECRET})
    with pytest.raises(OAuthProviderError) as other:
        await provider.exchange_code(CALLBACK, VERIFIER)
    tokens = tokens_with(token)
    printed = f"{refusal!r} {other.value!r} {tokens!r} {CALLBACK!r} {REQUEST!r} {provider!r} {caplog.text}"
    for one in (refusal, other.value):
        assert one.__cause__ is None
    for secret in (SECRET, token, ACCESS_TOKEN, VERIFIER, NONCE, REQUEST.state, CALLBACK.code, "evil"):
        assert secret not in printed
