"""Sign-in with a provider: how it fails, what it may say, and the form that some post."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import OAuthFailed
from bymax_auth.ports.events import OAuthProviderFailed
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.ports.one_time import OAUTH_FORM_USER
from bymax_auth.services.oauth_profiles import display_name_of, usable_profile
from bymax_auth.services.oauth_providers import OAuthProviders
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens
from bymax_auth.types.results import AuthResult
from tests.integration.flows.strangers import (
    ZOE,
    arrive,
    depart,
    returned,
    signed_in,
    world_of,
)
from tests.integration.flows.world import TENANT, World


@pytest.fixture
async def world(provider: InMemoryOAuthProvider) -> AsyncIterator[World]:
    ready = world_of(provider, InMemoryOAuthProvider("other"))
    yield ready
    await ready.engine.aclose()


# ── the provider ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_provider_that_sends_no_code_is_named_in_the_log_and_spends_nothing(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """Somebody who changed their mind must be able to try again; its text must not forge a log line."""
    back = await returned(world, provider)
    world.trace.clear()
    for changes in (
        {"code": None, "error": "access_denied"},
        {"code": None},
        {"error": "a\nforged line"},
    ):
        with pytest.raises(OAuthFailed):
            await arrive(world, back, **changes)
    assert world.trace.calls == []
    told = world.events.of(OAuthProviderFailed)
    assert [(event.provider, event.kind, event.error) for event in told] == [
        ("memory", "refused", "access_denied"),
        ("memory", "refused", None),
        ("memory", "refused", "<malformed>"),
    ]
    assert isinstance(await arrive(world, back), AuthResult)


@pytest.mark.parametrize("url", ["https://p.example/\r\nx: y", f"https://p.example/{'a' * 4096}", ""])
async def test_a_departure_that_no_header_can_carry_keeps_no_state(url: str) -> None:
    """The browser never left, and whoever asks again and again would fill the store."""

    class Odd(InMemoryOAuthProvider):
        async def authorize_url(self, _request: AuthorizationRequest) -> str:
            return url

    world = world_of(Odd())
    with pytest.raises(OAuthFailed):
        await depart(world)
    assert world.trace.calls == []
    assert [event.kind for event in world.events.of(OAuthProviderFailed)] == ["decode"]
    await world.engine.aclose()


async def test_a_return_of_an_unknown_provider_is_refused(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """A host that removes a provider would answer its last returns with an error of its own."""
    back = await returned(world, provider)
    for changes in ({}, {"code": None}):
        with pytest.raises(OAuthFailed):
            await arrive(world, back, "google", **changes)


async def test_the_provider_gets_what_the_browser_brought(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """Without the issuer, an answer of another provider could not be told from its own."""
    back = await returned(world, provider)
    await arrive(world, back, issuer=provider.issuer)
    assert provider.callbacks == [CallbackParameters(code=back.code, issuer=provider.issuer)]
    again = await returned(world, provider)
    with pytest.raises(OAuthFailed):
        await arrive(world, again, issuer="https://evil.example")


async def test_a_code_of_another_sign_in_is_refused(world: World, provider: InMemoryOAuthProvider) -> None:
    """A stranger's code in somebody's address would sign them in to the stranger's account."""
    mine, theirs = await returned(world, provider), await returned(world, provider, "eve@example.com")
    with pytest.raises(OAuthFailed):
        await arrive(world, dataclasses.replace(mine, code=theirs.code))
    assert await world.users.find_by_email("eve@example.com", tenant_id=TENANT) is None


class Failing(InMemoryOAuthProvider):
    """A provider that fails in one of its methods."""

    def __init__(self, method: str, failure: Exception) -> None:
        super().__init__()
        self._method, self._failure = method, failure

    def _fail(self, method: str) -> None:
        if method == self._method:
            raise self._failure

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        self._fail("authorize_url")
        return await super().authorize_url(request)

    async def exchange_code(self, callback: CallbackParameters, code_verifier: str) -> OAuthTokens:
        self._fail("exchange_code")
        return await super().exchange_code(callback, code_verifier)

    async def fetch_profile(self, tokens: OAuthTokens, *, nonce: str) -> OAuthProfile:
        self._fail("fetch_profile")
        return await super().fetch_profile(tokens, nonce=nonce)


FAILURES = [
    (
        OAuthProviderError(ProviderFailure.HTTP, "hunter2", status=503),
        OAuthProviderFailed(provider="memory", kind="http", status=503),
    ),
    (TimeoutError("hunter2"), OAuthProviderFailed(provider="memory", kind="transport")),
    (
        RuntimeError("hunter2"),
        OAuthProviderFailed(provider="memory", kind="exception", exception="RuntimeError"),
    ),
]


@pytest.mark.parametrize(("failure", "event"), FAILURES, ids=["answered", "late", "broken"])
@pytest.mark.parametrize("method", ["authorize_url", "exchange_code", "fetch_profile"])
async def test_a_provider_that_fails_refuses_the_sign_in(
    method: str, failure: Exception, event: OAuthProviderFailed
) -> None:
    """A host would answer with an error of its own, or the log would hold what the provider has sent."""
    provider = Failing(method, failure)
    world = world_of(provider)
    with pytest.raises(OAuthFailed) as refused:
        await signed_in(world, provider)
    assert refused.value.__suppress_context__
    assert world.events.of(OAuthProviderFailed) == [event]
    assert "hunter2" not in repr(world.events.events)
    assert await world.users.find_by_email(ZOE, tenant_id=TENANT) is None
    await world.engine.aclose()


async def test_a_provider_that_never_answers_is_given_up(
    world: World, provider: InMemoryOAuthProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every worker would wait for it in the end."""

    class Silent(InMemoryOAuthProvider):
        async def authorize_url(self, request: AuthorizationRequest) -> str:
            await asyncio.Event().wait()
            return ""

    monkeypatch.setattr("bymax_auth.services.oauth_providers.OAUTH_PROVIDER_TIMEOUT", timedelta(0))
    failures = world.engine.failures
    providers = OAuthProviders({"silent": Silent("silent")}, failures)
    request = AuthorizationRequest(state="s", code_challenge="c", nonce="n")
    with pytest.raises(OAuthFailed):
        await providers.authorize_url(providers.named("silent"), request)
    assert world.events.of(OAuthProviderFailed) == [OAuthProviderFailed(provider="silent", kind="transport")]


# ── the form of a provider that posts ────────────────────────────────────────────────────────────────────


async def test_what_a_form_says_reaches_the_provider_once() -> None:
    """Apple says a person's name with the first sign-in, in a request that carries no cookie."""
    apple = InMemoryOAuthProvider("apple", uses_form_post=True)
    world = world_of(apple)
    back = await returned(world, apple)
    for said in ("first", '{"name":"Zoé"}'):
        await world.engine.oauth_form_post("apple", state=back.state, user=said)
    await arrive(world, back, "apple")
    assert [callback.user for callback in apple.callbacks] == ['{"name":"Zoé"}']
    assert await world.stores.proofs.read(OAUTH_FORM_USER, sha256_hex(back.state)) is None
    await arrive(world, await returned(world, apple), "apple")
    assert apple.callbacks[-1].user is None
    await world.engine.aclose()


async def test_a_form_that_belongs_to_no_sign_in_stores_nothing() -> None:
    """Anybody can post one: the store would fill with what nobody asks for."""
    apple = InMemoryOAuthProvider("apple", uses_form_post=True)
    world = world_of(apple, InMemoryOAuthProvider("other", uses_form_post=True))
    back = await returned(world, apple)
    world.trace.clear()
    for state in ("a" * 64, "nonsense", "", "\ud800"):
        await world.engine.oauth_form_post("apple", state=state, user="x")
    await world.engine.oauth_form_post("other", state=back.state, user="x")
    await world.engine.oauth_form_post("apple", state=back.state, user=None)
    assert world.trace.count("proofs.put") == 0
    await world.engine.aclose()


@pytest.mark.parametrize("name", ["memory", "google"])
async def test_a_provider_that_does_not_post_gets_no_form(world: World, name: str) -> None:
    """A request of another site would be taken from a provider that never sends one."""
    with pytest.raises(OAuthFailed):
        await world.engine.oauth_form_post(name, state="a" * 64, user="x")


# ── what a provider may say ──────────────────────────────────────────────────────────────────────────────

GOOD = OAuthProfile(provider="memory", provider_id="1234", email=ZOE, email_verified=True)
NOBODY: list[dict[str, Any]] = [
    {"provider": "other"},
    {"provider_id": ""},
    {"provider_id": "9" * 256},
    {"provider_id": "12\n34"},
    {"provider_id": "12\x7f34"},
    {"provider_id": " "},
    {"provider_id": 1234},
    {"email": ""},
    {"email": "zoe"},
    {"email": "@"},
    {"email": " @example.com"},
    {"email": "zoe@ "},
    {"email": None},
    {"email": "a:b@example.com"},
    {"email": f"{'z' * 255}@example.com"},
]


@pytest.mark.parametrize("change", NOBODY, ids=str)
async def test_a_profile_that_names_nobody_is_refused(change: dict[str, Any]) -> None:
    """An empty identifier would be that of everybody who has none."""
    said = dataclasses.replace(GOOD, **change)

    class Says(InMemoryOAuthProvider):
        async def fetch_profile(self, *_arguments: Any, **_named: Any) -> OAuthProfile:
            return said

    provider = Says()
    world = world_of(provider)
    with pytest.raises(OAuthFailed):
        await signed_in(world, provider)
    assert world.events.of(OAuthProviderFailed) == [OAuthProviderFailed(provider="memory", kind="decode")]
    assert world.hooks.of("on_oauth_login") == []
    await world.engine.aclose()


def test_a_profile_is_read_as_it_can_be_stored_and_shown() -> None:
    """A name with a line feed would be a mail's second header, and "true" a verified address."""
    assert usable_profile(GOOD, "memory") == GOOD
    assert usable_profile({"provider": "memory"}, "memory") is None
    odd = dataclasses.replace(GOOD, name=" Zo\x00é\n\ud800 ", avatar=7, email_verified="true")
    assert usable_profile(odd, "memory") == dataclasses.replace(
        GOOD, name="Zoé", avatar=None, email_verified=False
    )
    address = f"https://p.example/{'a' * 4096}"
    long = usable_profile(dataclasses.replace(GOOD, name="n" * 500, avatar=address), "memory")
    assert long is not None
    assert (long.name, long.avatar) == ("n" * 128, address[:2048])
    widest = dataclasses.replace(GOOD, provider_id="9" * 255)
    assert usable_profile(widest, "memory") == widest


def test_a_person_without_a_name_is_called_by_the_local_part_of_the_address() -> None:
    """Mails would greet somebody with a domain."""
    assert display_name_of(GOOD) == "zoe"
    assert display_name_of(dataclasses.replace(GOOD, name="Zoé")) == "Zoé"
