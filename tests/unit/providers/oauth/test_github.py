"""Sign-in with GitHub: the number of the account, and the address that GitHub has verified."""

from typing import Any

import pytest

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.github import GitHubAddresses, GitHubProvider
from bymax_auth.types.oauth import CallbackParameters, OAuthProfile, OAuthTokens
from tests.servers.scripted_provider import Answer, ScriptedProvider
from tests.unit.providers.oauth.sign_ins import KEY, NONCE, REDIRECT_URI, REQUEST, SECRET

TOKENS = OAuthTokens(access_token="gho_token", token_type="bearer")
USER = {"id": 583231, "login": "octocat", "name": "The Octocat", "avatar_url": "https://a.example/1"}
PRIMARY = {"email": "octocat@github.com", "primary": True, "verified": True, "visibility": "public"}
SECOND = {"email": "second@example.com", "primary": False, "verified": True, "visibility": None}


@pytest.fixture
def server() -> ScriptedProvider:
    server = ScriptedProvider(key=KEY)
    server.answers["https://api.github.com/user"] = Answer(dict(USER))
    server.answers["https://api.github.com/user/emails"] = Answer([SECOND, PRIMARY])
    server.answers["https://github.com/login/oauth/access_token"] = Answer(
        {"access_token": "gho_token", "token_type": "bearer", "scope": "read:user,user:email"}
    )
    return server


def provider(server: ScriptedProvider, **more: Any) -> GitHubProvider:
    return GitHubProvider(
        client_id="Iv1.0123",
        client_secret=SECRET,
        redirect_uri=REDIRECT_URI,
        http_client=server.client,
        **more,
    )


async def failure(server: ScriptedProvider) -> ProviderFailure:
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server).fetch_profile(TOKENS, nonce=NONCE)
    return refusal.value.kind


async def test_the_browser_goes_to_github_with_pkce(server: ScriptedProvider) -> None:
    """Without the challenge, a stolen code could be exchanged."""
    address = await provider(server).authorize_url(REQUEST)
    assert address.startswith(
        "https://github.com/login/oauth/authorize?response_type=code&client_id=Iv1.0123&"
    )
    assert "&scope=read%3Auser%20user%3Aemail&" in address
    assert address.endswith(f"&code_challenge={REQUEST.code_challenge}&code_challenge_method=S256")


async def test_a_code_is_exchanged(server: ScriptedProvider) -> None:
    """GitHub answers with a form unless JSON is asked for."""
    found = await provider(server).exchange_code(CallbackParameters(code="c"), "v")
    assert (found.access_token, found.scope) == ("gho_token", "read:user,user:email")
    (request,) = server.requests
    assert request.headers["accept"] == "application/json"
    assert dict(request.form) == {
        "code": "c",
        "client_id": "Iv1.0123",
        "client_secret": SECRET,
        "redirect_uri": REDIRECT_URI,
        "grant_type": "authorization_code",
        "code_verifier": "v",
    }


async def test_a_refused_code_is_refused_although_the_status_is_200(server: ScriptedProvider) -> None:
    """GitHub's way of saying no."""
    server.answers["https://github.com/login/oauth/access_token"] = Answer({"error": "bad_verification_code"})
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server).exchange_code(CallbackParameters(code="c"), "v")
    assert refusal.value.kind is ProviderFailure.HTTP


@pytest.mark.parametrize(
    ("issuer", "accepted"), [("https://github.com/login/oauth", True), ("https://github.com", False)]
)
async def test_a_callback_is_from_github(server: ScriptedProvider, issuer: str, accepted: bool) -> None:
    """It names itself since 2026."""
    callback = CallbackParameters(code="c", issuer=issuer)
    if accepted:
        assert await provider(server).exchange_code(callback, "v")
    else:
        with pytest.raises(OAuthProviderError):
            await provider(server).exchange_code(callback, "v")


async def test_a_person_is_a_number_with_a_verified_address(server: ScriptedProvider) -> None:
    """A username passes to somebody else when its owner gives it up."""
    found = await provider(server).fetch_profile(TOKENS, nonce=NONCE)
    assert found == OAuthProfile(
        provider="github",
        provider_id="583231",
        email="octocat@github.com",
        email_verified=True,
        name="The Octocat",
        avatar="https://a.example/1",
    )
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer gho_token"}
    assert {request.headers["user-agent"] for request in server.requests} == {"bymax-auth"}


async def test_a_person_without_a_name_has_the_username(server: ScriptedProvider) -> None:
    """Most people on GitHub enter none."""
    server.answers["https://api.github.com/user"] = Answer({**USER, "name": None})
    assert (await provider(server).fetch_profile(TOKENS, nonce=NONCE)).name == "octocat"


@pytest.mark.parametrize(
    "emails",
    [
        [],
        [SECOND],
        [{**PRIMARY, "verified": False}, SECOND],
        [{**PRIMARY, "verified": "true"}],
        [{**PRIMARY, "primary": 1}],
        [{**PRIMARY, "email": ""}],
        [{"email": "octocat@github.com"}],
    ],
    ids=["none", "another", "unverified", "text", "number", "blank", "not said"],
)
async def test_no_other_address_is_taken(server: ScriptedProvider, emails: list[Any]) -> None:
    """Whoever adds an address that is not theirs would take over its owner's account."""
    server.answers["https://api.github.com/user/emails"] = Answer(emails)
    assert await failure(server) is ProviderFailure.EMAIL_NOT_VERIFIED


@pytest.mark.parametrize("number", [None, "583231", True, 0, -1, 1.5])
async def test_an_account_without_a_number_is_refused(server: ScriptedProvider, number: Any) -> None:
    """There is nothing else that stays the same."""
    server.answers["https://api.github.com/user"] = Answer({**USER, "id": number})
    assert await failure(server) is ProviderFailure.DECODE


@pytest.mark.parametrize("emails", [{}, ["octocat@github.com"], b"[", b"<html>"])
async def test_addresses_that_are_no_list_of_objects_are_refused(
    server: ScriptedProvider, emails: Any
) -> None:
    """The API has changed, or is another one."""
    server.answers["https://api.github.com/user/emails"] = Answer(emails)
    assert await failure(server) is ProviderFailure.DECODE


async def test_an_api_that_refuses_the_token_signs_nobody_in(server: ScriptedProvider) -> None:
    """The scope for the addresses may have been refused by the person."""
    server.answers["https://api.github.com/user/emails"] = Answer({"message": "Not Found"}, status=404)
    assert await failure(server) is ProviderFailure.HTTP


async def test_an_enterprise_server_has_its_own_addresses(server: ScriptedProvider) -> None:
    """A company's people are not on github.com."""
    addresses = GitHubAddresses(
        oauth="https://git.example.com/login/oauth", api="https://git.example.com/api/v3"
    )
    server.answers["https://git.example.com/api/v3/user"] = Answer(dict(USER))
    server.answers["https://git.example.com/api/v3/user/emails"] = Answer([PRIMARY])
    own = provider(server, addresses=addresses)
    assert (await own.authorize_url(REQUEST)).startswith("https://git.example.com/login/oauth/authorize?")
    assert (await own.fetch_profile(TOKENS, nonce=NONCE)).provider_id == "583231"
