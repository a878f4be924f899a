"""The keys of a provider: found when it changes them, and not fetched for every token that names one."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.ports.oauth import ProviderFailure
from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.testing import FakeClock
from tests.servers.scripted_provider import Answer, ScriptedProvider, signed
from tests.unit.providers.oauth.sign_ins import (
    OTHER_KEY,
    claims_of,
    failure,
    profile,
    signed_with_key,
)


async def test_several_keys_without_an_identifier_are_refused(
    provider: OidcProvider, server: ScriptedProvider
) -> None:
    """The token would be tried with keys until one fits."""
    keys = server.key_set()["keys"]
    other = {**OTHER_KEY.as_dict(private=False), "kid": "second"}
    server.answers[f"{server.issuer}/jwks"] = Answer({"keys": [*keys, other]})
    token = signed(claims_of(server.id_token()), {"alg": "RS256"}, server.key)
    assert (await failure(provider, token)).kind is ProviderFailure.ID_TOKEN


async def test_a_storm_of_unknown_keys_is_one_request_a_minute(
    provider: OidcProvider, server: ScriptedProvider, clock: FakeClock
) -> None:
    """Anybody can send tokens that name keys; the provider must not be asked for each of them."""
    await profile(provider, server)
    assert server.asked("/jwks") == 1
    tokens = [signed_with_key(server, f"unknown-{number}") for number in range(50)]
    for wait, asked in ((0, 2), (59, 2), (1, 3)):
        clock.advance(timedelta(seconds=wait))
        refused = await asyncio.gather(*(failure(provider, token) for token in tokens))
        assert {one.kind for one in refused} == {ProviderFailure.ID_TOKEN}
        assert server.asked("/jwks") == asked


async def test_a_new_key_is_found_at_once(provider: OidcProvider, server: ScriptedProvider) -> None:
    """Providers change their keys without notice, and people sign in with the new one immediately."""
    await profile(provider, server)
    server.key, server.key_id = OTHER_KEY, "second"
    server.answers[f"{server.issuer}/jwks"] = Answer(server.key_set())
    found = await asyncio.gather(*(profile(provider, server) for _ in range(20)))
    assert {one.provider_id for one in found} == {"248289761001"}
    assert server.asked("/jwks") == 2


async def test_a_key_that_was_withdrawn_is_forgotten_within_the_hour(
    provider: OidcProvider, server: ScriptedProvider, clock: FakeClock
) -> None:
    """A stolen key would sign for ever."""
    await profile(provider, server)
    stolen = server.id_token()
    server.key, server.key_id = OTHER_KEY, "second"
    server.answers[f"{server.issuer}/jwks"] = Answer(server.key_set())
    clock.advance(timedelta(hours=1))
    assert (await failure(provider, stolen)).kind is ProviderFailure.ID_TOKEN


async def test_keys_that_cannot_be_fetched_again_leave_the_known_ones(
    provider: OidcProvider, server: ScriptedProvider, clock: FakeClock
) -> None:
    """A token of an attacker's must not keep everybody out while the provider is down."""
    await profile(provider, server)
    del server.answers[f"{server.issuer}/jwks"]
    assert (await failure(provider, signed_with_key(server, "second"))).kind is ProviderFailure.HTTP
    assert (await failure(provider, signed_with_key(server, "second"))).kind is ProviderFailure.ID_TOKEN
    assert (await profile(provider, server)).provider_id == "248289761001"


KEY_SETS: dict[str, Any] = {
    "no keys": {},
    "keys that are no list": {"keys": {}},
    "too many": {"keys": [{}] * 101},
}


@pytest.mark.parametrize("document", KEY_SETS.values(), ids=KEY_SETS)
async def test_a_document_that_is_no_key_set_is_refused(
    provider: OidcProvider, server: ScriptedProvider, document: Any
) -> None:
    """A provider that answers something else is down."""
    server.answers[f"{server.issuer}/jwks"] = Answer(document)
    assert (await failure(provider, server.id_token())).kind is ProviderFailure.DECODE


async def test_keys_of_no_use_are_ignored(provider: OidcProvider, server: ScriptedProvider) -> None:
    """A set may hold keys of kinds that nobody knows yet."""
    (key,) = server.key_set()["keys"]
    others = [7, {"kty": "AKP", "kid": "first"}, {**key, "use": "enc"}, {**key, "key_ops": ["sign"]}]
    server.answers[f"{server.issuer}/jwks"] = Answer({"keys": [*others, key]})
    assert (await profile(provider, server)).provider_id == "248289761001"
