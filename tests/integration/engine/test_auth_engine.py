"""Building an engine, using it, and closing it."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth import AuthEngine, ConfigError, LoginInput
from bymax_auth.errors import (
    AccountBanned,
    EmailNotVerified,
    PlatformAuthRequired,
    StoreUnavailable,
    TokenInvalid,
)
from bymax_auth.flows.login import Login
from bymax_auth.ports.one_time import PASSWORD_RESET
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import ForgotPasswordInput, ResetPasswordInput
from bymax_auth.types.session import CachedStatus
from tests.integration.engine.engines import Bundle, engine_of
from tests.integration.flows.world import (
    ANA,
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    config_of,
)


async def test_every_problem_is_reported_at_once() -> None:
    """Whoever deploys must not find the next mistake only after fixing the last."""
    config = config_of(
        environment="production",
        jwt={"secret": "short"},
        roles={"hierarchy": {}, "platform_hierarchy": None},
        password={"min_length": 7},
        mfa={"encryption_key": "A" * 43 + "=", "issuer": "Acme"},
        oauth={"google": {"client_id": "id", "client_secret": "s", "callback_url": "https://a.example/c"}},
    )
    with pytest.raises(ConfigError) as refusal:
        AuthEngine(config, users=None, stores=None)  # type: ignore[arg-type]
    codes = set(refusal.value.codes)
    assert {
        "jwt_secret_too_short",
        "missing_user_repository",
        "missing_stores",
        "missing_platform_repository",
        "password_min_length_range",
    } <= codes
    assert refusal.value.codes[0] == "jwt_secret_too_short"


def test_an_engine_needs_no_loop_and_touches_nothing() -> None:
    """An application must be importable, and built before a server forks its workers."""
    bundle = Bundle()
    engine = engine_of(stores=bundle)
    assert bundle.started == 0
    assert engine.login.passwords._pool._workers is None
    assert asyncio.run(engine.aclose()) is None


async def test_a_cost_that_cannot_be_computed_is_a_problem_of_the_configuration() -> None:
    """A server that cannot hash must not start."""

    class Broken:
        def monotonic(self) -> float:
            raise MemoryError

    with pytest.raises(ConfigError) as refusal:
        engine_of(clock=Broken())
    assert refusal.value.codes == ("sentinel_hash_failed",)


@pytest.mark.parametrize(
    ("password", "marker"),
    [
        ({"scrypt": {"cost_factor": 32768}}, "$scrypt$ln=15"),
        ({"active_algorithm": "argon2id"}, "$argon2id$"),
    ],
)
async def test_new_hashes_have_the_configured_cost(password: dict[str, Any], marker: str) -> None:
    """What a host configures must be what protects its users."""
    async with engine_of(config=config_of(platform={"enabled": False}, password=password)) as engine:
        assert (await engine.login.passwords.hash(PASSWORD)).startswith(marker)


async def test_warnings_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What is allowed and probably a mistake must be seen in the log of the deployment."""
    hierarchy = {"OWNER": ("ADMIN",), "ADMIN": ("MEMBER",), "MEMBER": ()}
    with caplog.at_level(logging.WARNING, logger="bymax_auth"):
        engine = engine_of(config=config_of(platform={"enabled": False}, roles={"hierarchy": hierarchy}))
    [record] = [found for found in caplog.records if getattr(found, "event", None) == "config.warning"]
    assert record.levelno == logging.WARNING
    await engine.aclose()


async def test_route_groups_follow_the_configuration() -> None:
    """A group that is off must not be served, and one that a feature needs must be."""
    bare = engine_of()
    assert bare.route_groups.auth
    assert bare.route_groups.password_reset
    off = ("mfa", "sessions", "platform", "platform_mfa", "oauth", "invitations", "email_change")
    assert not any(getattr(bare.route_groups, group) for group in off)
    full = engine_of(
        config=config_of(sessions={"enabled": True}), platform_users=InMemoryPlatformUserRepository()
    )
    assert full.route_groups.sessions
    assert full.route_groups.platform
    await bare.aclose()
    await full.aclose()


async def test_roles_are_judged_in_their_own_realm(worlds: Any) -> None:
    """An operator's role must not count among users, nor the reverse."""
    world = worlds()
    assert world.engine.role_satisfies("ADMIN", "MEMBER")
    assert world.engine.role_satisfies("ADMIN", "ADMIN")
    assert not world.engine.role_satisfies("MEMBER", "ADMIN")
    assert world.engine.platform.role_satisfies("OPERATOR", "OPERATOR")
    assert not world.engine.platform.role_satisfies("ADMIN", "MEMBER")


async def test_a_platform_that_is_off_refuses_every_flow() -> None:
    """A deployment without operators must not have a back door for them."""
    async with engine_of(platform_users=InMemoryPlatformUserRepository()) as engine:
        credentials = LoginInput(email=EMAIL, password=PASSWORD)
        calls: list[Awaitable[Any]] = [
            engine.platform.login(credentials, CONTEXT),
            engine.platform.logout(None, None),
            engine.platform.refresh("0" * 64, CONTEXT),
            engine.platform.authenticate("token"),
            engine.platform.me("a1"),
            engine.platform.revoke_all_sessions("a1"),
            engine.platform.unlock_account(EMAIL),
            engine.platform.is_account_locked(EMAIL),
            engine.platform.account_lockout_seconds(EMAIL),
        ]
        for call in calls:
            with pytest.raises(PlatformAuthRequired):
                await call
        assert engine.platform.role_satisfies("OPERATOR", "OPERATOR") is False


async def test_the_context_manager_opens_and_closes_the_stores() -> None:
    """Whoever uses ``async with`` must leave nothing open behind."""
    bundle = Bundle()
    async with engine_of(stores=bundle) as engine:
        assert (bundle.started, bundle.closed) == (1, 0)
    assert bundle.closed == 1
    await engine.aclose()
    assert bundle.closed == 1


async def test_a_closed_engine_says_so(worlds: Any) -> None:
    """A request that arrives during shutdown must fail clearly, not half-way."""
    world = worlds()
    await world.engine.aclose()
    credentials = LoginInput(email=EMAIL, password=PASSWORD, tenant_id=TENANT)
    for call in (
        world.engine.login(credentials, CONTEXT),
        world.engine.logout(None, None),
        world.engine.platform.login(credentials, CONTEXT),
        world.engine.assert_user_active("u1", tenant_id=TENANT),
        world.engine.assert_user_active_and_verified("u1", tenant_id=TENANT),
        world.engine.invalidate_user_status("u1", tenant_id=TENANT),
    ):
        with pytest.raises(RuntimeError, match="closed"):
            await call


async def test_a_closed_engine_runs_no_flow(worlds: Any) -> None:
    """Part of an application that still holds the engine, or its platform, must not work on closed stores."""
    world = worlds()
    platform = world.engine.platform
    assert isinstance(world.engine.login, Login)
    await world.engine.aclose()
    for flows in (world.engine, platform):
        names = [field.name for field in fields(flows) if field.name != "hierarchy"]
        assert {"login", "refresh", "authenticate"} <= set(names)
        for name in names:
            with pytest.raises(RuntimeError, match="closed"):
                await getattr(flows, name)()


def test_one_engine_serves_one_loop() -> None:
    """A task of another loop would wait for ever, so the mistake must be named."""
    engine = engine_of()

    async def use() -> None:
        await engine.__aenter__()

    asyncio.run(use())
    with pytest.raises(RuntimeError, match="one event loop"):
        asyncio.run(use())
    asyncio.run(engine.aclose())


async def test_closing_waits_for_detached_work(worlds: Any) -> None:
    """A mail that was promised must be sent, also when the server is told to stop."""
    world = worlds()
    await world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    await world.engine.aclose()
    assert world.mail.last().kind == "password_reset_token"


async def test_closing_does_not_wait_for_ever(worlds: Any) -> None:
    """A mail server that hangs must not keep the process from ending."""
    world = worlds()
    cancelled = asyncio.Event()

    async def hang(*_arguments: Any, **_options: Any) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    world.mail.send_password_reset_token = hang
    await world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    await asyncio.sleep(0)
    await world.engine.aclose(timeout=0)
    assert cancelled.is_set()


async def test_everything_is_closed_when_one_part_fails_to() -> None:
    """A store that cannot be closed must not leave threads behind."""

    class Stuck(Bundle):
        async def aclose(self) -> None:
            raise StoreUnavailable

    engine = engine_of(stores=Stuck())
    passwords = engine.login.passwords
    await passwords.hash(PASSWORD)
    with pytest.raises(StoreUnavailable):
        await engine.aclose()
    with pytest.raises(RuntimeError):
        await passwords.hash(PASSWORD)


async def test_guards_are_answered_from_the_cache_or_the_repository(worlds: Any) -> None:
    """A blocked user must be stopped, and everybody else must not cost a database read each time."""
    world = worlds()
    await world.engine.assert_user_active("u1", tenant_id=TENANT)
    await world.engine.drain()
    world.trace.clear()
    known = CachedStatus("ACTIVE", email_verified=True)
    await world.engine.assert_user_active("u1", tenant_id=TENANT, cached=known)
    await world.engine.assert_user_active_and_verified("u1", tenant_id=TENANT, cached=known)
    assert world.trace.calls == []
    await world.change_account(Realm.DASHBOARD, status="BANNED", email_verified=False)
    with pytest.raises(AccountBanned):
        await world.engine.assert_user_active("u1", tenant_id=TENANT)
    await world.change_account(Realm.DASHBOARD, status="ACTIVE")
    with pytest.raises(EmailNotVerified):
        await world.engine.assert_user_active_and_verified("u1", tenant_id=TENANT)
    with pytest.raises(TokenInvalid):
        await world.engine.assert_user_active("nobody", tenant_id=TENANT)


async def test_a_host_may_invalidate_a_cached_status(worlds: Any) -> None:
    """A ban through the host's own tools must be felt at once."""
    world = worlds()
    known = CachedStatus("ACTIVE", email_verified=True)
    await world.stores.revocation.remember_status(world.subject(), known, timedelta(seconds=60))
    await world.engine.invalidate_user_status("u1", tenant_id=TENANT)
    assert (await world.stores.revocation.token_state(world.subject(), "any")).status is None


async def test_a_status_that_was_read_before_a_ban_does_not_outlive_it(worlds: Any) -> None:
    """A request reads the account, a host bans it and drops the cached status, and the request caches it."""
    world = worlds()

    async def ban(_number: int, name: str) -> None:
        if name == "revocation.remember_status":
            world.trace.before = None
            await world.change_account(Realm.DASHBOARD, status="BANNED")
            await world.engine.invalidate_user_status("u1", tenant_id=TENANT)

    world.trace.before = ban
    await world.engine.assert_user_active("u1", tenant_id=TENANT)
    await world.engine.drain()
    assert world.trace.before is None
    cached = (await world.stores.revocation.token_state(world.subject(), "any")).status
    with pytest.raises(AccountBanned):
        await world.engine.assert_user_active("u1", tenant_id=TENANT, cached=cached)


async def test_a_status_that_cannot_be_confirmed_is_not_cached(worlds: Any) -> None:
    """The database fails once, and the status that was read before stays for a minute, whatever it is now."""

    reads: list[str] = []

    class Failing(InMemoryUserRepository):
        async def find_by_id(self, user_id: str, *, tenant_id: str) -> Any:
            reads.append(user_id)
            if len(reads) == 2:
                raise OSError("the database is away")
            return await super().find_by_id(user_id, tenant_id=tenant_id)

    users = Failing()
    users.add(ANA)
    world = worlds(users=lambda _rows: users)
    await world.engine.assert_user_active("u1", tenant_id=TENANT)
    await world.engine.drain()
    assert reads == ["u1", "u1"]
    assert (await world.stores.revocation.token_state(world.subject(), "any")).status is None


@pytest.mark.parametrize("ending", [StoreUnavailable, asyncio.CancelledError])
async def test_a_status_whose_writing_has_no_answer_is_not_cached(
    worlds: Any, ending: type[BaseException]
) -> None:
    """The store has written, but its answer is lost, or the time limit cancels the wait for it."""
    world = worlds()

    async def cached() -> Any:
        return (await world.stores.revocation.token_state(world.subject(), "any")).status

    written: list[Any] = []

    async def end(_number: int, name: str) -> None:
        if name == "revocation.remember_status":
            world.trace.after = None
            written.append(await cached())
            raise ending

    world.trace.after = end
    await world.engine.assert_user_active("u1", tenant_id=TENANT)
    await world.engine.drain()
    assert written == [CachedStatus("ACTIVE", email_verified=True)]
    assert await cached() is None


async def test_without_a_proof_store_a_reset_cannot_be_proven() -> None:
    """A host that turned recovery off must not have it open by accident."""
    config = config_of(platform={"enabled": False}, controllers={"password_reset": False})
    engine = engine_of(config=config, stores=Bundle(proofs=None))
    request = ResetPasswordInput(email=EMAIL, tenant_id=TENANT, new_password=NEW_PASSWORD, token="0" * 64)
    with pytest.raises(StoreUnavailable):
        await engine.reset_password(request, CONTEXT)
    proofs = engine.reset_password.proofs
    with pytest.raises(StoreUnavailable):
        await proofs.mint(PASSWORD_RESET, ANA, EMAIL, timedelta(seconds=60))
    with pytest.raises(StoreUnavailable):
        await proofs.forget(PASSWORD_RESET, "0" * 64)
    await engine.aclose()


async def test_the_hosts_reporting_hears_of_failures_once(worlds: Any) -> None:
    """An error tracker must see the original exception, and see it once."""
    heard: list[tuple[str, BaseException]] = []

    class Away(InMemoryUserRepository):
        async def find_by_email(self, email: str, *, tenant_id: str) -> Any:
            raise OSError("the database is away")

    engine = engine_of(users=Away(), on_internal_error=lambda event, error: heard.append((event, error)))
    await engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    assert [(event, type(error)) for event, error in heard] == [("repository.find_by_email", OSError)]
    await engine.aclose()


async def test_secrets_are_not_shown(worlds: Any) -> None:
    """A traceback or a log of the engine must not hold what signs its tokens."""
    engine = worlds().engine
    shown = repr(engine) + repr(engine.config) + "".join(map(repr, vars(engine).values()))
    assert "k3Jx9Qm" not in shown
    assert "correct horse" not in shown
