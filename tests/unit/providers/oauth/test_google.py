"""Sign-in with Google: three requests, byte for byte, and an address that Google has verified."""

from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from bymax_auth.config import GoogleOAuthConfig
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.google import GoogleProvider
from bymax_auth.testing import FakeClock
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens
from bymax_auth.types.secret import Secret
from tests.servers.scripted_provider import NONCE, NOW, Answer, ScriptedProvider, signed

METADATA = "https://accounts.google.com/.well-known/openid-configuration"
CERTIFICATES = "https://www.googleapis.com/oauth2/v3/certs"
TOKEN = "https://oauth2.googleapis.com/token"
USERINFO = "https://www.googleapis.com/oauth2/v2/userinfo"
CONFIG = GoogleOAuthConfig(
    client_id="id.apps.googleusercontent.com",
    client_secret=Secret("s+e/c r"),
    callback_url="https://app.example.com/auth/oauth/google/callback",
)
PLAIN = CONFIG.model_copy(update={"scope": ("email", "profile")})
REQUEST = AuthorizationRequest(state="5" * 64, code_challenge="c-_~.", nonce=NONCE)
ADA: dict[str, Any] = {
    "id": "110169484474386276334",
    "email": "ada@example.com",
    "verified_email": True,
    "name": "Ada Lovelace",
    "picture": "https://lh3.googleusercontent.com/ada",
}
KEY, OTHER_KEY = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
FROM_GOOGLE = CallbackParameters(code="4/0A b", issuer="https://accounts.google.com")


@pytest.fixture
def server() -> ScriptedProvider:
    server = ScriptedProvider(key=KEY)
    server.answers[METADATA] = Answer(metadata(server))
    server.answers[CERTIFICATES] = Answer(server.key_set())
    server.answers[USERINFO] = Answer(dict(ADA))
    server.answers[TOKEN] = Answer({"access_token": "the-token", "token_type": "Bearer", "expires_in": 3599})
    return server


def metadata(server: ScriptedProvider, **changes: Any) -> dict[str, Any]:
    """What Google publishes; the addresses of the library's requests are known without it."""
    return server.metadata(issuer="https://accounts.google.com", jwks_uri=CERTIFICATES, **changes)


def provider(server: ScriptedProvider, config: GoogleOAuthConfig = CONFIG) -> GoogleProvider:
    return GoogleProvider(config, server.client, clock=FakeClock(NOW))


def tokens(key: RSAKey = KEY, header: dict[str, Any] | None = None, **claims: Any) -> OAuthTokens:
    said: dict[str, Any] = {
        "iss": "https://accounts.google.com",
        "sub": ADA["id"],
        "aud": CONFIG.client_id,
        "azp": CONFIG.client_id,
        "exp": NOW.timestamp() + 600,
        "iat": NOW.timestamp(),
        "nonce": NONCE,
        **claims,
    }
    id_token = signed(said, {"alg": "RS256", "kid": "first", **(header or {})}, key)
    return OAuthTokens(access_token="the-token", token_type="Bearer", id_token=id_token)


async def test_the_address_of_the_browser_is_exact() -> None:
    """Google compares the redirect URI, and old sign-ins are compared with the other implementations'."""
    server = ScriptedProvider(key=KEY)
    beginning = (
        "https://accounts.google.com/o/oauth2/v2/auth?response_type=code"
        "&client_id=id.apps.googleusercontent.com"
        "&redirect_uri=https%3A%2F%2Fapp.example.com%2Fauth%2Foauth%2Fgoogle%2Fcallback"
    )
    end = f"&state={'5' * 64}&code_challenge=c-_~.&code_challenge_method=S256"
    assert await provider(server, PLAIN).authorize_url(REQUEST) == f"{beginning}&scope=email%20profile{end}"
    assert await provider(server).authorize_url(REQUEST) == (
        f"{beginning}&scope=openid%20email%20profile{end}&nonce={NONCE}"
    )
    assert server.requests == []


async def test_the_exchange_is_exact(server: ScriptedProvider) -> None:
    """Field by field as in the other implementations."""
    found = await provider(server).exchange_code(FROM_GOOGLE, "verifier")
    assert found == OAuthTokens(access_token="the-token", token_type="Bearer", expires_in=3599)
    (request,) = server.requests
    assert (request.method, request.url) == ("POST", TOKEN)
    assert request.body == (
        b"code=4%2F0A%20b&client_id=id.apps.googleusercontent.com&client_secret=s%2Be%2Fc%20r"
        b"&redirect_uri=https%3A%2F%2Fapp.example.com%2Fauth%2Foauth%2Fgoogle%2Fcallback"
        b"&grant_type=authorization_code&code_verifier=verifier"
    )
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["accept"] == "application/json"


async def test_the_profile_is_what_userinfo_says(server: ScriptedProvider) -> None:
    """The identity comes from Google's own address, with the person's token."""
    found = await provider(server).fetch_profile(tokens(), nonce=NONCE)
    assert found == OAuthProfile(
        provider="google",
        provider_id=ADA["id"],
        email="ada@example.com",
        email_verified=True,
        name="Ada Lovelace",
        avatar="https://lh3.googleusercontent.com/ada",
    )
    assert [request.url for request in server.requests] == [METADATA, CERTIFICATES, USERINFO]
    request = server.requests[-1]
    assert request.method == "GET"
    assert request.headers["authorization"] == "Bearer the-token"
    assert request.headers["accept"] == "application/json"


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_an_address_that_google_has_not_verified_is_refused(
    server: ScriptedProvider, verified: Any
) -> None:
    """Only exactly true is an assertion."""
    server.answers[USERINFO] = Answer({**ADA, "verified_email": verified})
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server).fetch_profile(tokens(), nonce=NONCE)
    assert refusal.value.kind is ProviderFailure.EMAIL_NOT_VERIFIED


@pytest.mark.parametrize("change", [{"id": ""}, {"id": 7}, {"id": None}, {"email": ""}, {"email": None}])
async def test_a_person_without_identifier_or_address_is_refused(
    server: ScriptedProvider, change: dict[str, Any]
) -> None:
    """Two people without one would be the same."""
    server.answers[USERINFO] = Answer({**ADA, **change})
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server).fetch_profile(tokens(), nonce=NONCE)
    assert refusal.value.kind is ProviderFailure.DECODE


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
async def test_both_names_of_google_are_its_own(server: ScriptedProvider, issuer: str) -> None:
    """Google writes both."""
    assert await provider(server).fetch_profile(tokens(iss=issuer), nonce=NONCE)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"iss": 7},
        {"aud": "another"},
        {"exp": NOW.timestamp() - 61},
        {"sub": "110169484474386276335"},
        {"at_hash": "of another access token"},
        {"key": OTHER_KEY},
        {"header": {"alg": "none"}},
        {"header": {"alg": "HS256"}},
        {"header": {"kid": "unknown"}},
    ],
    ids=[
        "another sign-in",
        "no nonce",
        "another issuer",
        "no issuer",
        "another client",
        "expired",
        "another",
        "another access token",
        "another key",
        "no signature",
        "the public key as secret",
        "an unknown key",
    ],
)
async def test_a_token_that_is_not_about_this_sign_in_is_refused(
    server: ScriptedProvider, claims: dict[str, Any]
) -> None:
    """A code that somebody else obtained would sign the victim's browser in."""
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server).fetch_profile(tokens(**claims), nonce=NONCE)
    assert refusal.value.kind is ProviderFailure.ID_TOKEN


async def test_without_openid_no_token_is_needed(server: ScriptedProvider) -> None:
    """Google sends one only for that scope."""
    bare = replace(tokens(), id_token=None)
    assert await provider(server, PLAIN).exchange_code(CallbackParameters(code="c"), "v")
    assert (await provider(server, PLAIN).fetch_profile(bare, nonce=NONCE)).provider_id == ADA["id"]
    assert [request.url for request in server.requests] == [TOKEN, USERINFO]
    with pytest.raises(OAuthProviderError):
        await provider(server).fetch_profile(bare, nonce=NONCE)


@pytest.mark.parametrize("issuer", ["https://evil.example", "accounts.google.com", ""])
async def test_a_callback_that_names_another_provider_is_refused(
    server: ScriptedProvider, issuer: str
) -> None:
    """Google would get the code of the other one."""
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server).exchange_code(CallbackParameters(code="c", issuer=issuer), "v")
    assert refusal.value.kind is ProviderFailure.ISSUER
    assert server.requests == []


@pytest.mark.parametrize("announced", [True, False])
async def test_a_callback_without_a_name_is_googles_only_while_it_announces_none(
    server: ScriptedProvider, announced: bool
) -> None:
    """Google names itself to some people and not to others, until its metadata says that it always does."""
    server.answers[METADATA] = Answer(
        metadata(server, authorization_response_iss_parameter_supported=announced)
    )
    unnamed = CallbackParameters(code="c")
    if not announced:
        assert await provider(server).exchange_code(unnamed, "v")
        return
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server).exchange_code(unnamed, "v")
    assert refusal.value.kind is ProviderFailure.ISSUER
    assert server.asked("/token") == 0


def test_a_registration_without_its_secret_is_refused(server: ScriptedProvider) -> None:
    """Found when the process starts."""
    with pytest.raises(ValueError, match="blank"):
        provider(server, CONFIG.model_copy(update={"client_secret": Secret("")}))
