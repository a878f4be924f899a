"""A token that is not about this sign-in, or not signed by the provider, signs nobody in."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey
from joserfc.jws import JWSRegistry

from bymax_auth.crypto.jws import SignatureAlgorithm
from bymax_auth.jwt import base64url
from bymax_auth.ports.oauth import ProviderFailure
from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.providers.oauth.openid import OpenIdRules
from bymax_auth.testing import FakeClock
from tests.servers.scripted_provider import CLIENT_ID, NONCE, NOW, Answer, ScriptedProvider, signed
from tests.unit.providers.oauth.sign_ins import (
    ACCESS_TOKEN,
    KEY,
    OTHER_KEY,
    claims_of,
    failure,
    profile,
    provider_of,
    tokens_with,
)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (KEY, "RS256"),
        (KEY, "PS256"),
        (ECKey.generate_key("P-256"), "ES256"),
        (OKPKey.generate_key("Ed25519"), "EdDSA"),
    ],
    ids=["RS256", "PS256", "ES256", "EdDSA"],
)
@pytest.mark.parametrize("key_id", ["first", None])
async def test_every_default_algorithm_is_checked_with_its_hash(
    server: ScriptedProvider, clock: FakeClock, key: Any, algorithm: str, key_id: str | None
) -> None:
    """A hash that is not the algorithm's refuses everybody, or nobody."""
    server.key = key
    server.answers[f"{server.issuer}/jwks"] = Answer(server.key_set(use="sig", alg=algorithm))
    hash_name = SignatureAlgorithm(algorithm).hash_name
    half = 32 if hash_name == "sha512" else 16
    digest = hashlib.new(hash_name, ACCESS_TOKEN.encode()).digest()
    server.claims = {"at_hash": base64url.encode(digest[:half])}
    server.header = {"alg": algorithm, "typ": "JWT"}
    if key_id is None:
        server.header["kid"] = None
    token = server.id_token()
    if key_id is None:
        token = signed(claims_of(token), {"alg": algorithm}, key)
    found = await provider_of(server, clock).fetch_profile(tokens_with(token), nonce=NONCE)
    assert found.provider_id == "248289761001"


NOT_OURS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://id.example.com.evil.example"},
    "an issuer with a slash": {"iss": "https://id.example.com/"},
    "an issuer that is a list": {"iss": ["https://id.example.com"]},
    "nobody": {"sub": ""},
    "a number as subject": {"sub": 7},
    "another audience": {"aud": "another-application"},
    "audiences without us": {"aud": ["another-application", "a-third"]},
    "several audiences and no azp": {"aud": [CLIENT_ID, "another-application"]},
    "several audiences and azp of another": {
        "aud": [CLIENT_ID, "another-application"],
        "azp": "another-application",
    },
    "azp of another": {"azp": "another-application"},
    "azp that is no text": {"azp": [CLIENT_ID]},
    "an audience that is no text": {"aud": [CLIENT_ID, 7], "azp": CLIENT_ID},
    "an audience that is an object": {"aud": {CLIENT_ID: True}},
    "expired": {"exp": NOW.timestamp() - 61},
    "an expiry in text": {"exp": "2000000000"},
    "an expiry that is a truth value": {"exp": True},
    "issued in the future": {"iat": NOW.timestamp() + 61},
    "issued at no time": {"iat": None},
    "not valid yet": {"nbf": NOW.timestamp() + 61},
    "valid from a text": {"nbf": "0"},
    "valid from a number without a float": {"nbf": 10**400},
    "another nonce": {"nonce": "bm90aGVy"},
    "a nonce that is no text": {"nonce": [NONCE]},
    "another access token": {"at_hash": base64url.encode(b"0" * 16)},
    "an at_hash that is no text": {"at_hash": 7},
}


@pytest.mark.parametrize("claims", NOT_OURS.values(), ids=NOT_OURS)
async def test_a_token_that_is_not_about_this_sign_in_is_refused(
    provider: OidcProvider, server: ScriptedProvider, claims: dict[str, Any]
) -> None:
    """Each of these tokens is the provider's own; somebody else would be signed in with it."""
    server.claims = claims
    assert (await failure(provider, server.id_token())).kind is ProviderFailure.ID_TOKEN
    assert server.asked("/userinfo") == 0


@pytest.mark.parametrize("missing", ["iss", "sub", "aud", "exp", "iat", "nonce"])
async def test_a_token_without_a_required_claim_is_refused(
    provider: OidcProvider, server: ScriptedProvider, missing: str
) -> None:
    """What is not said cannot be checked."""
    server.without = (missing,)
    assert (await failure(provider, server.id_token())).kind is ProviderFailure.ID_TOKEN


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW.timestamp() - 60},
        {"iat": NOW.timestamp() + 60, "nbf": NOW.timestamp() + 60},
        {"aud": [CLIENT_ID]},
        {"aud": [CLIENT_ID, "another-application"], "azp": CLIENT_ID},
        {"exp": 10**400},
    ],
    ids=["just expired", "just ahead", "a list of us", "several and we asked", "for ever"],
)
async def test_a_token_at_the_edge_is_accepted(
    provider: OidcProvider, server: ScriptedProvider, claims: dict[str, Any]
) -> None:
    """Clocks differ by seconds, and providers write one audience as a list."""
    server.claims = claims
    assert (await profile(provider, server)).email == "ada@example.com"


async def test_a_number_that_is_infinite_is_refused(provider: OidcProvider, server: ScriptedProvider) -> None:
    """A token that never expires."""
    token = server.id_token()
    body = base64url.decode(token.split(".")[1].encode()).replace(
        str(int(NOW.timestamp()) + 600).encode(), b"1e999"
    )
    header = base64url.encode(b'{"alg":"RS256","kid":"first"}')
    message = f"{header}.{base64url.encode(body)}"
    signature = base64url.encode(JWSRegistry.algorithms["RS256"].sign(message.encode(), server.key))
    assert (await failure(provider, f"{message}.{signature}")).kind is ProviderFailure.ID_TOKEN


Forged = Callable[[ScriptedProvider], str | None]


def _with_header(**header: Any) -> Forged:
    def forged(server: ScriptedProvider) -> str:
        server.header = header
        return server.id_token()

    return forged


def _by(key: Any, **header: Any) -> Forged:
    def forged(server: ScriptedProvider) -> str:
        return signed(claims_of(server.id_token()), {"alg": "RS256", "kid": "first", **header}, key)

    return forged


def _changed(change: Callable[[str], str]) -> Forged:
    return lambda server: change(server.id_token())


def _reheaded(token: str, header: bytes) -> str:
    return f"{base64url.encode(header)}.{token.partition('.')[2]}"


def _other_body(token: str) -> str:
    header, _, signature = token.split(".")
    body = base64url.decode(token.split(".")[1].encode()).replace(b"248289761001", b"248289761002")
    return f"{header}.{base64url.encode(body)}.{signature}"


FORGED: dict[str, Forged] = {
    "alg none": _with_header(alg="none"),
    "HS256 with the public key": _with_header(alg="HS256"),
    "an algorithm that is not allowed": _with_header(alg="RS512"),
    "an algorithm that does not exist": _changed(lambda token: _reheaded(token, b'{"alg":"XX"}')),
    "an algorithm that is no text": _changed(lambda token: _reheaded(token, b'{"alg":["RS256"]}')),
    "no algorithm": _changed(lambda token: _reheaded(token, b"{}")),
    "a key of another provider": _by(OTHER_KEY),
    "a key of another kind": _by(ECKey.generate_key("P-256"), alg="ES256"),
    "an unknown key": _with_header(kid="second"),
    "a key identifier that is no text": _with_header(kid=7),
    "a critical extension": _with_header(crit=["b64"], b64=True),
    "an access token": _with_header(typ="at+jwt"),
    "a type that is no text": _with_header(typ=["JWT"]),
    "a changed claim": _changed(_other_body),
    "no signature": _changed(lambda token: token.rpartition(".")[0] + "."),
    "two parts": _changed(lambda token: token.rpartition(".")[0]),
    "encrypted": _changed(lambda token: f"{token}.AA.AA"),
    "padded": _changed(lambda token: token + "="),
    "no text": _changed(lambda token: "é" + token),
    "too long": _changed(lambda token: token + "A" * 70_000),
    "a member twice": _changed(lambda token: _reheaded(token, b'{"alg":"none","alg":"RS256"}')),
    "empty": lambda _server: "",
    "absent": lambda _server: None,
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
async def test_a_token_that_the_provider_did_not_sign_is_refused(
    provider: OidcProvider, server: ScriptedProvider, forged: Forged
) -> None:
    """Anybody could write it."""
    assert (await failure(provider, forged(server))).kind is ProviderFailure.ID_TOKEN


async def test_a_provider_without_nonces_may_leave_it_out_and_not_change_it(
    server: ScriptedProvider, clock: FakeClock
) -> None:
    """LinkedIn sends none; another sign-in's must be refused all the same."""
    provider = provider_of(server, clock, rules=OpenIdRules(supports_nonce=False))
    server.without = ("nonce",)
    assert (await profile(provider, server)).provider_id == "248289761001"
    server.without, server.claims = (), {"nonce": "of another sign-in"}
    assert (await failure(provider, server.id_token())).kind is ProviderFailure.ID_TOKEN
