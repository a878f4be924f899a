"""Sign-ins with the scripted OpenID provider."""

import json
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from bymax_auth.jwt import base64url
from bymax_auth.ports.oauth import OAuthProviderError
from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.testing import FakeClock
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens
from tests.servers.scripted_provider import CLIENT_ID, NONCE, ScriptedProvider, signed

__all__ = [
    "ACCESS_TOKEN",
    "CALLBACK",
    "KEY",
    "OTHER_KEY",
    "REDIRECT_URI",
    "REQUEST",
    "SECRET",
    "VERIFIER",
    "claims_of",
    "failure",
    "profile",
    "provider_of",
    "signed_with_key",
    "tokens_with",
]

SECRET = "hush: a client's secret & more"
REDIRECT_URI = "https://app.example.com/auth/oauth/oidc/callback"
REQUEST = AuthorizationRequest(state="5" * 64, code_challenge="c" * 43, nonce=NONCE)
CALLBACK = CallbackParameters(code="the code/+")
VERIFIER = "v" * 43
KEY = RSAKey.generate_key(2048)
OTHER_KEY = RSAKey.generate_key(2048)
ACCESS_TOKEN = "access-token"


def provider_of(server: ScriptedProvider, clock: FakeClock, **more: Any) -> OidcProvider:
    options: dict[str, Any] = {
        "issuer": server.issuer,
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "redirect_uri": REDIRECT_URI,
        "http_client": server.client,
        "clock": clock,
    }
    return OidcProvider(**{**options, **more})


def tokens_with(id_token: str | None) -> OAuthTokens:
    return OAuthTokens(access_token=ACCESS_TOKEN, token_type="Bearer", id_token=id_token)


async def profile(provider: OidcProvider, server: ScriptedProvider) -> OAuthProfile:
    return await provider.fetch_profile(tokens_with(server.id_token()), nonce=NONCE)


async def failure(provider: OidcProvider, id_token: str | None) -> OAuthProviderError:
    with pytest.raises(OAuthProviderError) as refusal:
        await provider.fetch_profile(tokens_with(id_token), nonce=NONCE)
    return refusal.value


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64url.decode(token.split(".")[1].encode()))
    return claims


def signed_with_key(server: ScriptedProvider, key_id: str) -> str:
    return signed(claims_of(server.id_token()), {"alg": "RS256", "kid": key_id}, server.key)
