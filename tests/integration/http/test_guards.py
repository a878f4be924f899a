"""Guards on a host's own routes: who is calling, and may they?"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.config.problems import ConfigError
from bymax_auth.config.resolvers import RequestParts
from bymax_auth.engine import AuthEngine
from bymax_auth.errors import (
    AccountBanned,
    AuthError,
    EmailNotVerified,
    Forbidden,
    InsufficientRole,
    InternalError,
    MfaRequired,
    PlatformAuthRequired,
    StoreUnavailable,
    TokenInvalid,
    TokenMissing,
)
from bymax_auth.http import guards as unbound
from bymax_auth.http.asgi import Connection
from bymax_auth.http.auth_scope import SCOPE_KEY
from bymax_auth.http.guards import Guards
from bymax_auth.http.request import RequestView
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository
from bymax_auth.types.account import AuthPlatformUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from bymax_auth.types.results import PlatformAuthResult
from tests.integration.http.world import (
    EMAIL,
    LOGIN,
    PASSWORD,
    TENANT,
    World,
    a_world,
    password_hash,
    settings,
    user,
)


class Socket:
    """A framework's own connection object: something with a scope, and nothing else we know."""

    def __init__(self, view: RequestView, kind: str = "websocket") -> None:
        self.scope = {**view.scope, "type": kind}
        self.scope.pop("method", None)


def connection(world: World, token: str | None = None, **scope: object) -> RequestView:
    headers = [] if token is None else [("cookie", f"access_token={token}")]
    made = world.driver.scope("GET", "/anything", headers)
    made.update(scope)
    return RequestView(made)


async def token_of(world: World) -> str:
    return (await world.signed_in())["access_token"]


ALL: list[Callable[[Guards, Connection], Awaitable[object]]] = [
    lambda guards, seen: guards.auth_user(seen),
    lambda guards, seen: guards.current_user(seen),
    lambda guards, seen: guards.require_role("MEMBER")(seen),
    lambda guards, seen: guards.self_or_admin("ADMIN")(seen),
    lambda guards, seen: guards.user_status(seen),
    lambda guards, seen: guards.verified_user(seen),
    lambda guards, seen: guards.mfa_satisfied(seen),
]


@pytest.mark.parametrize("guard", ALL)
async def test_every_guard_answers_the_claims_or_refuses(
    world: World, guard: Callable[[Guards, Connection], Awaitable[object]]
) -> None:
    """A route that names any guard must never run for a stranger."""
    bound = Guards(world.engine, world.http)
    token = await token_of(world)
    for made in (
        connection(world, token, path_params={"user_id": "u1"}),
        Socket(connection(world, token, path_params={"user_id": "u1"})),
    ):
        claims = await guard(bound, made)
        assert claims == await bound.auth_user(connection(world, token))
    with pytest.raises(TokenMissing):
        await guard(bound, connection(world, path_params={"user_id": "u1"}))
    with pytest.raises(TokenInvalid):
        await guard(bound, Socket(connection(world, "garbage", path_params={"user_id": "u1"})))


async def test_a_visitor_is_nobody_and_an_outage_is_an_outage(world: World) -> None:
    """A signed-in user who is shown as a visitor during an outage loses their cart, or their patience."""
    bound = Guards(world.engine, world.http)
    token = await token_of(world)
    assert await bound.optional_auth_user(connection(world)) is None
    assert await bound.optional_auth_user(connection(world, "garbage")) is None
    claims = await bound.optional_auth_user(connection(world, token))
    assert claims is not None
    assert claims.sub == "u1"
    await world.stores.aclose()
    with pytest.raises(StoreUnavailable):
        await bound.optional_auth_user(connection(world, token))


async def test_a_role_includes_what_the_hierarchy_lists_and_no_more(world: World) -> None:
    """A role that was meant to include another by way of a third does not."""
    bound = Guards(world.engine, world.http)
    token = await token_of(world)
    assert (await bound.require_role("MEMBER")(connection(world, token))).role == "MEMBER"
    for role in ("ADMIN", "USER"):
        with pytest.raises(InsufficientRole):
            await bound.require_role(role)(connection(world, token))
    world.users.replace(user(role="ADMIN"))
    token = await token_of(world)
    for role in ("ADMIN", "MEMBER"):
        assert (await bound.require_role(role)(connection(world, token))).role == "ADMIN"
    with pytest.raises(InsufficientRole):
        await bound.require_role("USER")(connection(world, token))


async def test_a_role_that_nobody_can_have_is_a_mistake_and_not_a_refusal(world: World) -> None:
    """A misspelt role would lock everybody out of a route, and look like security."""
    bound = Guards(world.engine, world.http)
    for build in (bound.require_role, bound.self_or_admin, bound.require_platform_role):
        with pytest.raises(LookupError, match="ADMNI"):
            build("ADMNI")
    made = connection(world, await token_of(world))
    await bound.auth_user(made)
    for guard in (
        unbound.require_role("ADMNI"),
        unbound.self_or_admin("ADMNI"),
        unbound.require_platform_role("ADMNI"),
    ):
        with pytest.raises(LookupError, match="ADMNI"):
            await guard(made)


async def test_a_record_is_its_owners_and_an_administrators(world: World) -> None:
    """A user who changes the id in the address bar must not see somebody else."""
    bound = Guards(world.engine, world.http)
    token = await token_of(world)
    guard = bound.self_or_admin("ADMIN", "owner")
    assert (await guard(connection(world, token, path_params={"owner": "u1"}))).sub == "u1"
    with pytest.raises(Forbidden):
        await guard(connection(world, token, path_params={"owner": "u2"}))
    for missing in ({}, {"user_id": "u1"}, None):
        with pytest.raises(TokenInvalid):
            await guard(connection(world, token, path_params=missing))
    world.users.replace(user(role="ADMIN"))
    assert (await guard(connection(world, await token_of(world), path_params={"owner": 7}))).role == "ADMIN"


async def test_a_second_factor_that_is_owed_is_asked_for(world: World) -> None:
    """The password alone must not open what the factor protects."""
    bound = Guards(world.engine, world.http)
    cookies = await world.signed_in()
    world.users.replace(user(mfa_enabled=True))
    fresh = (await world.driver.call("POST", "/refresh", cookies=cookies)).cookies["access_token"]
    assert (await bound.auth_user(connection(world, fresh))).mfa_enabled
    with pytest.raises(MfaRequired):
        await bound.mfa_satisfied(connection(world, fresh))


async def test_status_comes_before_verification(world: World) -> None:
    """Somebody who is banned must not be sent to their mailbox."""
    bound = Guards(world.engine, world.http)
    token = await token_of(world)
    world.users.replace(user(status="BANNED", email_verified=False))
    with pytest.raises(AccountBanned):
        await bound.verified_user(connection(world, token))
    await world.engine.drain()
    world.users.replace(user(email_verified=False))
    await world.engine.invalidate_user_status("u1", tenant_id=TENANT)
    with pytest.raises(EmailNotVerified):
        await bound.verified_user(connection(world, token))
    assert (await bound.user_status(connection(world, token))).sub == "u1"


@pytest.mark.parametrize(("ttl", "seen_at_once"), [(timedelta(seconds=60), False), (timedelta(0), True)])
async def test_a_ban_is_seen_within_the_caches_time(ttl: timedelta, seen_at_once: bool) -> None:
    """A host that bans behind the library's back knows how long it takes, or turns the cache off."""
    async with a_world(user_status_cache_ttl=ttl) as world:
        bound = Guards(world.engine, world.http)
        token = await token_of(world)
        await bound.user_status(connection(world, token))
        await world.engine.drain()
        world.users.replace(user(status="BANNED"))
        if not seen_at_once:
            await bound.user_status(connection(world, token))
            world.clock.advance(timedelta(seconds=61))
        with pytest.raises(AccountBanned):
            await bound.user_status(connection(world, token))


async def test_stacked_guards_cost_one_look_at_the_store(world: World) -> None:
    """Three guards on a route must not make it three times as slow."""
    bound = Guards(world.engine, world.http)
    token = await token_of(world)
    await bound.user_status(connection(world, token))
    await world.engine.drain()
    made = connection(world, token)
    await bound.auth_user(made)
    await world.stores.aclose()
    world.users._rows.clear()
    for guard in (bound.user_status, bound.verified_user, bound.mfa_satisfied, bound.require_role("MEMBER")):
        assert (await guard(made)).sub == "u1"


async def test_a_kept_refusal_is_raised_each_time(world: World) -> None:
    """The second guard must not take the first one's refusal for an answer."""
    bound = Guards(world.engine, world.http)
    made = connection(world, "garbage")
    for _ in range(2):
        with pytest.raises(TokenInvalid):
            await bound.auth_user(made)
    await world.stores.aclose()
    made = connection(world, await issued_before(world))
    for _ in range(2):
        with pytest.raises(InternalError):
            await bound.auth_user(made)


async def issued_before(world: World) -> str:
    async with a_world() as other:
        return await token_of(other)


async def test_one_request_never_sees_another(world: World) -> None:
    """Some servers hand the same state to every request; one caller's claims must not wait there."""
    bound = Guards(world.engine, world.http)
    state: dict[str, object] = {}
    first = connection(world, await token_of(world), state=state)
    await bound.auth_user(first)
    assert state == {}
    assert SCOPE_KEY in first.scope
    with pytest.raises(TokenMissing):
        await bound.auth_user(connection(world, state=state))


async def test_another_engines_answer_is_not_taken_over(world: World) -> None:
    """Two engines in one process are two populations."""
    async with a_world(jwt={"secret": fresh_secret()}) as other:
        made = connection(world, await token_of(world))
        assert (await Guards(world.engine, world.http).auth_user(made)).sub == "u1"
        with pytest.raises(TokenInvalid):
            await Guards(other.engine, other.http).auth_user(made)


async def test_an_unbound_guard_says_what_it_needs(world: World) -> None:
    """A developer who forgot the middleware should read so, and not be refused."""
    with pytest.raises(RuntimeError, match="AuthMiddleware"):
        await unbound.auth_user(connection(world))
    made = connection(world, await token_of(world))
    claims = await Guards(world.engine, world.http).current_user(made)
    assert await unbound.current_user(made) == claims


class ByHeader:
    async def resolve(self, parts: RequestParts) -> str:
        return parts.headers.get("x-tenant-id", TENANT)


async def test_a_token_is_bound_to_the_requests_tenant_when_asked_so() -> None:
    """A customer's token must not work on another customer's host."""
    async with a_world(enforce_tenant_binding=True, tenancy={"resolver": ByHeader()}) as world:
        cookies = await world.signed_in()
        assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 200
        answer = await world.driver.call("GET", "/me", cookies=cookies, headers=[("x-tenant-id", "other")])
        assert (answer.status, answer.code) == (401, "auth.token_invalid")


async def test_binding_without_a_resolver_is_refused_at_the_start() -> None:
    """A protection that silently does nothing is worse than none."""
    with pytest.raises(ConfigError) as refusal:
        async with a_world(enforce_tenant_binding=True):
            pass
    assert refusal.value.codes == ("tenant_resolver_required",)


def admin(**overrides: object) -> AuthPlatformUser:
    values: dict[str, object] = {
        "id": "a1",
        "email": EMAIL,
        "name": "Root",
        "password_hash": password_hash(),
        "role": "OPERATOR",
        "status": "ACTIVE",
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "updated_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return AuthPlatformUser(**{**values, **overrides})  # type: ignore[arg-type]


async def test_the_platform_is_guarded_by_its_own_tokens(world: World) -> None:
    """A customer's token in the operators' console is the wrong context, whatever else it is."""
    admins = InMemoryPlatformUserRepository()
    admins.add(admin())
    config = settings(
        roles={"platform_hierarchy": {"ROOT": ["OPERATOR"], "OPERATOR": []}}, platform={"enabled": True}
    )
    async with AuthEngine(
        config,
        users=world.users,
        stores=world.stores,
        platform_users=admins,
        email=world.mailer,
        clock=world.clock,
    ) as engine:
        bound = Guards(engine, world.http)
        born = await engine.platform.login(LoginInput(email=EMAIL, password=PASSWORD), RequestContext())
        assert isinstance(born, PlatformAuthResult)

        def with_header(token: str) -> RequestView:
            return RequestView(world.driver.scope("GET", "/x", [("authorization", f"Bearer {token}")]))

        assert (await bound.platform_user(with_header(born.access_token))).sub == "a1"
        assert (await bound.require_platform_role("OPERATOR")(with_header(born.access_token))).sub == "a1"
        with pytest.raises(InsufficientRole):
            await bound.require_platform_role("ROOT")(with_header(born.access_token))
        dashboard = (await world.driver.call("POST", "/login", json_body=LOGIN)).cookies["access_token"]
        by_cookie = connection(world, born.access_token)
        for refused in (with_header(dashboard), with_header("garbage"), connection(world), by_cookie):
            for _ in range(2):
                with pytest.raises(PlatformAuthRequired):
                    await bound.platform_user(refused)
        with pytest.raises(TokenInvalid):
            await bound.auth_user(connection(world, born.access_token))
        await world.stores.aclose()
        with pytest.raises(StoreUnavailable):
            await bound.platform_user(with_header(born.access_token))


async def test_a_disabled_platform_admits_nobody(world: World) -> None:
    """A realm that is off has no operators, not even those whose tokens are still good."""
    access, _ = await world.administrators_tokens()
    async with AuthEngine(
        settings(platform={"enabled": False}),
        users=world.users,
        stores=world.stores,
        platform_users=world.admins,
        email=world.mailer,
        clock=world.clock,
    ) as engine:
        bound = Guards(engine, world.http)
        made = RequestView(world.driver.scope("GET", "/x", [("authorization", f"Bearer {access}")]))
        with pytest.raises(AuthError) as refusal:
            await bound.platform_user(made)
        assert isinstance(refusal.value, PlatformAuthRequired)
