"""Whatever a provider answers, it is understood or refused: there is no third outcome, such as a crash."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bymax_auth.crypto.jws import PublicKey, SignatureAlgorithm
from bymax_auth.ports.http import HttpRequest, HttpResponse
from bymax_auth.ports.oauth import OAuthProvider, OAuthProviderError
from bymax_auth.providers.oauth.github import GitHubProvider
from bymax_auth.providers.oauth.id_token import (
    TokenExpectation,
    check_access_token,
    check_claims,
    read_id_token,
)
from bymax_auth.providers.oauth.key_set import read_key_set
from bymax_auth.providers.oauth.metadata import read_metadata
from bymax_auth.providers.oauth.oauth2 import OAuth2Provider
from bymax_auth.providers.oauth.oauth2_services import DISCORD, FACEBOOK, SPOTIFY
from bymax_auth.types.oauth import OAuthTokens
from tests.unit.providers.oauth.sign_ins import CALLBACK, KEY, NONCE, REDIRECT_URI, SECRET, VERIFIER

ISSUER = "https://id.example.com"
EXPECTED = TokenExpectation(issuer=ISSUER, client_id="id", nonce=NONCE, now=1_000_000.0)
TEXTS = (
    st.sampled_from([ISSUER, "id", NONCE, "sig", "RSA", "EC", "OKP", "P-256", "Ed25519", "true", ""])
    | st.text()
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just(10**400) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def members(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that may have these members, with any value."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, VALUES))


class Answering:
    """A client that gets one answer to everything."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def send(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=200, body=self._body)


@pytest.mark.untraced
@given(st.text(alphabet="eyJhbGciOiJSUzI1NiJ9.-_= é", max_size=60) | st.text(max_size=60) | st.none())
def test_any_token_is_read_or_refused(token: str | None) -> None:
    """It comes from a server that may be anybody's."""
    with suppress(OAuthProviderError):
        assert read_id_token(token).claims is not None


@pytest.mark.untraced
@given(members("iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash"))
def test_any_claims_are_checked_or_refused(claims: dict[str, Any]) -> None:
    """A claim of another type must not be compared as if it were one."""
    with suppress(OAuthProviderError):
        check_claims(claims, EXPECTED)
        assert claims["iss"] == ISSUER
        assert claims["nonce"] == NONCE
    with suppress(OAuthProviderError):
        check_access_token(claims, "token", "sha256")


@pytest.mark.untraced
@given(
    members("kty", "use", "alg", "kid", "key_ops", "n", "e", "crv", "x", "y", "d", "issuer"),
    st.sets(st.sampled_from(["kty", "n", "e"])),
)
def test_any_key_is_read_or_ignored(key: dict[str, Any], right: set[str]) -> None:
    """One key of a set must not keep the others from being used."""
    real = KEY.as_dict(private=False)
    document = {**key, **{name: real[name] for name in right}}
    for found in read_key_set({"keys": [document]}):
        assert isinstance(found, PublicKey)
        for algorithm in SignatureAlgorithm:
            assert not found.has_signed(b"message", b"signature", algorithm)


@pytest.mark.untraced
@given(
    members(
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "token_endpoint_auth_methods_supported",
        "authorization_response_iss_parameter_supported",
        "keys",
    )
)
def test_any_metadata_is_read_or_refused(document: dict[str, Any]) -> None:
    """An address of another scheme must not be asked."""
    with suppress(OAuthProviderError):
        read = read_metadata({"issuer": ISSUER, **document}, ISSUER, loopback=False)
        assert read.token_endpoint.startswith("https://")
    with suppress(OAuthProviderError):
        read_key_set(document)


@pytest.mark.untraced
@given(
    st.binary(max_size=80)
    | VALUES.map(lambda value: repr(value).replace("'", '"').encode("utf-8", "replace"))
)
def test_any_body_is_a_person_or_refused(body: bytes) -> None:
    """A page of the network's own, half an answer, or another API."""
    client = Answering(body)
    registration: dict[str, Any] = {"client_id": "id", "client_secret": SECRET, "redirect_uri": REDIRECT_URI}
    providers: list[OAuthProvider] = [
        OAuth2Provider(service, http_client=client, **registration)
        for service in (DISCORD, FACEBOOK, SPOTIFY)
    ]
    providers.append(GitHubProvider(http_client=client, **registration))
    tokens = OAuthTokens(access_token="a", token_type="Bearer")
    for provider in providers:
        with suppress(OAuthProviderError):
            asyncio.run(_signed_in(provider, tokens))


async def _signed_in(provider: OAuthProvider, tokens: OAuthTokens) -> None:
    with suppress(OAuthProviderError):
        await provider.exchange_code(CALLBACK, VERIFIER)
    await provider.fetch_profile(tokens, nonce=NONCE)
