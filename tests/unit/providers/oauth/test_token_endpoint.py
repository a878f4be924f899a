"""The exchange of a code: the secret goes where it belongs, and only tokens come back."""

from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.oidc import OidcProvider
from tests.servers.scripted_provider import Answer, ScriptedProvider
from tests.unit.providers.oauth.sign_ins import (
    ACCESS_TOKEN,
    CALLBACK,
    REDIRECT_URI,
    SECRET,
    VERIFIER,
)


async def test_a_code_is_exchanged_with_the_secret_in_the_header(
    provider: OidcProvider, server: ScriptedProvider
) -> None:
    """Metadata that names no method means this one, with each part encoded before they are joined."""
    server.answers[f"{server.issuer}/token"] = Answer(
        {
            "access_token": ACCESS_TOKEN,
            "token_type": "BEARER",
            "expires_in": 60,
            "scope": "openid",
            "id_token": "i",
            "refresh_token": "r",
        }
    )
    tokens = await provider.exchange_code(CALLBACK, VERIFIER)
    assert (tokens.access_token, tokens.token_type, tokens.expires_in) == (ACCESS_TOKEN, "BEARER", 60)
    assert (tokens.scope, tokens.id_token, tokens.refresh_token) == ("openid", "i", "r")
    request = server.requests[-1]
    assert request.form == [
        ("code", "the code/+"),
        ("redirect_uri", REDIRECT_URI),
        ("grant_type", "authorization_code"),
        ("code_verifier", VERIFIER),
    ]
    kind, _, pair = request.headers["authorization"].partition(" ")
    assert kind == "Basic"
    assert b64decode(pair) == b"the-application:hush%3A+a+client%27s+secret+%26+more"


async def test_a_code_is_exchanged_with_the_secret_in_the_form_where_only_that_is_announced(
    provider: OidcProvider, server: ScriptedProvider
) -> None:
    """A provider that reads no header would refuse every sign-in."""
    metadata = server.metadata(
        token_endpoint_auth_methods_supported=["private_key_jwt", "client_secret_post"]
    )
    server.answers[f"{server.issuer}/.well-known/openid-configuration"] = Answer(metadata)
    server.answers[f"{server.issuer}/token"] = Answer({"access_token": "a", "token_type": "bearer"})
    await provider.exchange_code(CALLBACK, VERIFIER)
    assert dict(server.requests[-1].form)["client_secret"] == SECRET
    assert "authorization" not in server.requests[-1].headers


async def test_the_callback_of_another_provider_is_refused_before_its_code_is_sent(
    provider: OidcProvider, server: ScriptedProvider
) -> None:
    """Mixed up, this provider would get a code that is valid at the other one."""
    with pytest.raises(OAuthProviderError) as refusal:
        await provider.exchange_code(replace(CALLBACK, issuer="https://other.example"), VERIFIER)
    assert refusal.value.kind is ProviderFailure.ISSUER
    assert server.asked("/token") == 0


@pytest.mark.parametrize(("issuer", "accepted"), [("https://id.example.com", True), (None, False)])
async def test_a_provider_that_names_itself_must_do_so(
    provider: OidcProvider, server: ScriptedProvider, issuer: str | None, accepted: bool
) -> None:
    """Leaving the name out is how a mix-up would look."""
    metadata = server.metadata(authorization_response_iss_parameter_supported=True)
    server.answers[f"{server.issuer}/.well-known/openid-configuration"] = Answer(metadata)
    server.answers[f"{server.issuer}/token"] = Answer({"access_token": "a", "token_type": "bearer"})
    callback = replace(CALLBACK, issuer=issuer)
    if accepted:
        assert (await provider.exchange_code(callback, VERIFIER)).access_token == "a"
    else:
        with pytest.raises(OAuthProviderError):
            await provider.exchange_code(callback, VERIFIER)
    assert server.asked("/token") == (1 if accepted else 0)


TOKEN_ANSWERS: dict[str, tuple[Any, ProviderFailure]] = {
    "an error with status 200": (Answer({"error": "bad_verification_code"}), ProviderFailure.HTTP),
    "an error": (Answer({"error": "invalid_grant"}, status=400), ProviderFailure.HTTP),
    "a redirect": (
        Answer({}, status=302, headers=((b"location", b"https://evil.example/"),)),
        ProviderFailure.HTTP,
    ),
    "a redirect that keeps the body": (
        Answer({}, status=307, headers=((b"location", b"https://evil.example/"),)),
        ProviderFailure.HTTP,
    ),
    "another token": (
        Answer({"access_token": "a", "token_type": "mac"}),
        ProviderFailure.UNEXPECTED_TOKEN_TYPE,
    ),
    "no type": (Answer({"access_token": "a"}), ProviderFailure.DECODE),
    "no token": (Answer({"token_type": "bearer"}), ProviderFailure.DECODE),
    "a blank token": (Answer({"access_token": " ", "token_type": "bearer"}), ProviderFailure.DECODE),
    "a token in two lines": (
        Answer({"access_token": "a\r\nb", "token_type": "bearer"}),
        ProviderFailure.DECODE,
    ),
    "a token in Cyrillic": (Answer({"access_token": "а", "token_type": "bearer"}), ProviderFailure.DECODE),
    "a list": (Answer([]), ProviderFailure.DECODE),
    "a page": (Answer(b"<html>"), ProviderFailure.DECODE),
    "cut off": (Answer(b'{"access_token":"a","token_ty'), ProviderFailure.DECODE),
    "no UTF-8": (Answer(b'{"access_token":"\xff","token_type":"bearer"}'), ProviderFailure.DECODE),
    "a member twice": (Answer(b'{"access_token":"a","access_token":"b"}'), ProviderFailure.DECODE),
    "nested": (Answer(b'{"a":' * 100_000), ProviderFailure.DECODE),
    "too large": (Answer(b'"' + b"x" * 1_048_577), ProviderFailure.TRANSPORT),
}


@pytest.mark.parametrize(("answer", "kind"), TOKEN_ANSWERS.values(), ids=TOKEN_ANSWERS)
async def test_an_answer_that_is_no_token_is_refused(
    provider: OidcProvider, server: ScriptedProvider, answer: Answer, kind: ProviderFailure
) -> None:
    """Whatever stands at that address, it signs nobody in, and gets no credentials by a redirect."""
    server.answers[f"{server.issuer}/token"] = answer
    with pytest.raises(OAuthProviderError) as refusal:
        await provider.exchange_code(CALLBACK, VERIFIER)
    assert refusal.value.kind is kind
    assert server.asked("/token") == 1


async def test_a_scope_in_a_list_is_read(provider: OidcProvider, server: ScriptedProvider) -> None:
    """Twitch writes it so."""
    body = {"access_token": "a", "token_type": "bearer", "scope": ["openid", 7, "email"], "expires_in": "60"}
    server.answers[f"{server.issuer}/token"] = Answer(body)
    tokens = await provider.exchange_code(CALLBACK, VERIFIER)
    assert (tokens.scope, tokens.expires_in) == ("openid email", None)
