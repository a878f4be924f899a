"""Signing in, on both realms where they are alike."""

import math
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import (
    AccountBanned,
    AccountLocked,
    EmailNotVerified,
    Forbidden,
    InvalidCredentials,
    MfaNotConfigured,
    ValidationFailed,
)
from bymax_auth.ports.events import FactorNotConfigured, LoginLocked, TenantMismatch
from bymax_auth.ports.hooks import AuthHooks, LoginFailureReason
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import LoginInput
from tests.integration.flows.factors import MFA, enrolled
from tests.integration.flows.world import (
    ANA,
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    WRONG_PASSWORD,
    RealmView,
    World,
    stored_hash,
)


async def test_the_right_password_opens_a_session(world: World, view: RealmView) -> None:
    """The owner of an account must get in."""
    result = await view.flows.login(view.credentials(), CONTEXT)
    claims = (await view.flows.authenticate(result.access_token)).claims
    assert (claims.sub, claims.mfa_verified) == (view.account_id, False)
    await view.flows.refresh(result.refresh_token, CONTEXT)
    await world.engine.drain()
    assert (await world.account(view.realm)).last_login_at is not None
    expected = "login.ok" if view.realm is Realm.DASHBOARD else "platform.login_ok"
    assert world.events.names == [expected]


async def test_the_owner_hears_of_a_sign_in(worlds: Any) -> None:
    """A thief's session would be known to the thief alone."""
    world = worlds(sessions={"enabled": True, "new_session_alerts": True})
    await world.login()
    await world.engine.drain()
    assert [(mail.kind, mail.to) for mail in world.mail.sent] == [("new_session_alert", EMAIL)]


async def test_who_has_ended_every_session_signs_in_again_with_a_second_factor(
    worlds: Any, realm: Realm
) -> None:
    """Enabling the factor ends them, and a challenge of the epoch before would pass nobody."""
    world = worlds(mfa=MFA)
    app = await enrolled(world, realm)
    await app.sign_in()
    assert await world.live_sessions(realm) == 1


async def test_login_hooks_belong_to_the_dashboard(world: World, view: RealmView) -> None:
    """A host's tenant hooks must not hear of operators."""
    await view.flows.login(view.credentials(), CONTEXT)
    await world.engine.drain()
    expected = ["before_login", "after_login"] if view.realm is Realm.DASHBOARD else []
    assert world.hooks.names == expected


async def test_after_login_names_the_user_and_the_request(world: World) -> None:
    """A host's audit log must say who signed in from where."""
    await world.login()
    await world.engine.drain()
    [(user, context)] = world.hooks.of("after_login")
    assert (user.id, context.user_id, context.email, context.tenant_id) == ("u1", "u1", EMAIL, TENANT)
    assert (context.ip, context.user_agent) == (CONTEXT.ip, CONTEXT.user_agent)
    [(email, tenant, before)] = world.hooks.of("before_login")
    assert (email, tenant, before.user_id) == (EMAIL, TENANT, None)


@pytest.mark.parametrize("case", ["unknown", "no password", "wrong password"])
async def test_refusals_of_credentials_are_alike(world: World, case: str) -> None:
    """Whoever tries addresses must not learn which have an account."""
    email = "nobody@example.com" if case == "unknown" else EMAIL
    if case == "no password":
        await world.change_account(Realm.DASHBOARD, password_hash=None)
    started = world.clock.monotonic()
    with pytest.raises(InvalidCredentials) as refusal:
        await world.engine.login(LoginInput(email=email, password=WRONG_PASSWORD, tenant_id=TENANT), CONTEXT)
    assert (refusal.value.fields, refusal.value.retry_after) == ((), None)
    assert world.clock.monotonic() - started == pytest.approx(0.3)
    await world.engine.drain()
    [(failure, _)] = world.hooks.of("on_login_failed")
    assert failure.reason is LoginFailureReason.INVALID_CREDENTIALS
    assert failure.user_id == (None if case == "unknown" else ANA.id)
    assert world.events.names == ["login.refused"]


async def test_a_refusal_is_told_in_both_realms(world: World, view: RealmView) -> None:
    """An operator's account under attack must be seen, too."""
    with pytest.raises(InvalidCredentials):
        await view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT)
    await world.engine.drain()
    [(failure, _)] = world.hooks.of("on_login_failed")
    assert failure.tenant_id == (TENANT if view.realm is Realm.DASHBOARD else "platform")


async def test_a_success_takes_no_longer_than_it_must(world: World, view: RealmView) -> None:
    """The floor of refusals must not slow down everybody else."""
    started = world.clock.monotonic()
    await view.flows.login(view.credentials(), CONTEXT)
    assert world.clock.monotonic() == started


async def test_a_blocked_account_is_named_to_its_owner_alone(world: World, view: RealmView) -> None:
    """A suspended owner must learn why; a stranger must learn nothing."""
    await world.change_account(view.realm, status="banned")
    with pytest.raises(InvalidCredentials):
        await view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT)
    with pytest.raises(AccountBanned):
        await view.flows.login(view.credentials(), CONTEXT)
    await world.engine.drain()
    reasons = [failure.reason for failure, _ in world.hooks.of("on_login_failed")]
    assert reasons == [LoginFailureReason.INVALID_CREDENTIALS, LoginFailureReason.ACCOUNT_BLOCKED]
    assert await world.live_sessions(view.realm) == 0


async def test_an_unverified_address_is_named_to_its_owner_alone(world: World) -> None:
    """The owner must be sent to the inbox; a stranger must learn nothing."""
    await world.change_account(Realm.DASHBOARD, email_verified=False)
    with pytest.raises(EmailNotVerified):
        await world.login()
    await world.engine.drain()
    [(failure, _)] = world.hooks.of("on_login_failed")
    assert (failure.reason, failure.user_id) == (LoginFailureReason.EMAIL_NOT_VERIFIED, ANA.id)


async def test_a_gate_behind_the_right_password_leaves_the_counter_alone(
    world: World, view: RealmView
) -> None:
    """A blocked owner's attempts must neither lock the address nor wash off a stranger's guesses."""
    with pytest.raises(InvalidCredentials):
        await view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT)
    await world.change_account(view.realm, status="BANNED")
    for _ in range(6):
        with pytest.raises(AccountBanned):
            await view.flows.login(view.credentials(), CONTEXT)
    counter = world.engine.identifiers.login_counter(view.realm, view.tenant_id, view.email)
    assert (await world.stores.attempts.failures(counter)).count == 1


async def test_the_fifth_failure_locks_and_the_sixth_is_not_looked_at(world: World, view: RealmView) -> None:
    """Guessing must stop at the bound, and cost the guesser, not the database."""
    for number in range(1, 6):
        with pytest.raises(InvalidCredentials):
            await view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT)
        await world.engine.drain()
        assert len(world.hooks.of("on_lockout")) == (number == 5)
    [(email, tenant, seconds, _)] = world.hooks.of("on_lockout")
    assert (email, tenant) == (view.email, TENANT if view.realm is Realm.DASHBOARD else "platform")

    world.trace.clear()
    started = world.clock.monotonic()
    with pytest.raises(AccountLocked) as locked:
        await view.flows.login(view.credentials(), CONTEXT)
    assert world.trace.calls == ["attempts.begin"]
    assert world.clock.monotonic() == started
    assert locked.value.retry_after is not None
    assert 0 < math.ceil(locked.value.retry_after.total_seconds()) <= seconds <= 900
    await world.engine.drain()
    assert len(world.hooks.of("on_lockout")) == 1
    assert world.hooks.of("on_login_failed")[-1][0].reason is LoginFailureReason.LOCKED_OUT
    assert world.events.last(LoginLocked).realm is view.realm


async def test_a_lockout_ends_with_its_window(world: World, view: RealmView) -> None:
    """An owner must get back in without an operator's help."""
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            await view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT)
    world.clock.advance(timedelta(seconds=901))
    await view.flows.login(view.credentials(), CONTEXT)


async def test_the_spellings_of_an_address_share_one_budget(world: World, view: RealmView) -> None:
    """Changing the case must not buy a guesser more attempts."""
    name, _, domain = view.email.partition("@")
    spellings = [view.email, view.email.upper(), f"  {view.email}\n", f"{name.title()}@{domain}", view.email]
    for spelling in spellings:
        with pytest.raises(InvalidCredentials):
            await view.flows.login(view.credentials(WRONG_PASSWORD, spelling), CONTEXT)
    with pytest.raises(AccountLocked):
        await view.flows.login(view.credentials(), CONTEXT)


async def test_a_tenant_named_platform_does_not_lock_operators_out(world: World) -> None:
    """A customer who may choose a tenant's name must not reach the operators' counter."""
    operators = world.realm(Realm.PLATFORM)
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            await world.engine.login(
                LoginInput(email=operators.email, password=WRONG_PASSWORD, tenant_id="platform"), CONTEXT
            )
    await operators.flows.login(operators.credentials(), CONTEXT)


async def test_an_operator_signs_in_without_a_tenant(world: World) -> None:
    """A tenant in an operator's request is a mistake that must not pass unnoticed."""
    operators = world.realm(Realm.PLATFORM)
    with pytest.raises(ValidationFailed) as refusal:
        await operators.flows.login(
            LoginInput(email=operators.email, password=PASSWORD, tenant_id="acme"), CONTEXT
        )
    assert refusal.value.fields[0].field == "tenantId"


async def test_a_user_signs_in_with_a_tenant(world: World) -> None:
    """Without a tenant there is no way to tell whose address it is."""
    with pytest.raises(ValidationFailed):
        await world.engine.login(LoginInput(email=EMAIL, password=PASSWORD), CONTEXT)


class _AnyTenant:
    """A repository whose query forgets the tenant."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    async def find_by_email(self, email: str, *, tenant_id: str) -> Any:
        return await self._rows.find_by_email(email, tenant_id=TENANT)


async def test_a_repository_that_ignores_the_tenant_lets_nobody_in(worlds: Any) -> None:
    """A host's forgotten WHERE clause must not open one customer's accounts to another."""
    world = worlds(users=_AnyTenant)
    with pytest.raises(InvalidCredentials):
        await world.engine.login(LoginInput(email=EMAIL, password=PASSWORD, tenant_id="other"), CONTEXT)
    assert world.events.last(TenantMismatch).asked == "other"


async def test_an_account_that_changed_meanwhile_is_refused(world: World, view: RealmView) -> None:
    """Whoever was blocked while signing in must not come out with a session."""
    reads = 0

    async def block(_number: int, name: str) -> None:
        nonlocal reads
        reads += name in {"users.find_by_email", "admins.find_by_email"}
        if reads == 1:
            await world.change_account(view.realm, status="BANNED")

    world.trace.after = block
    started = world.clock.monotonic()
    with pytest.raises(InvalidCredentials):
        await view.flows.login(view.credentials(), CONTEXT)
    assert world.clock.monotonic() - started == pytest.approx(0.3)
    assert await world.live_sessions(view.realm) == 0


@pytest.mark.parametrize("change", ["gone", "unverified", "other password", "no password"])
async def test_the_second_reading_of_the_account_decides(world: World, change: str) -> None:
    """A proof of what the account was must not open what it has become."""

    async def alter(_number: int, name: str) -> None:
        if name != "revocation.current_epoch":
            return
        if change == "gone":
            world.users._rows.clear()
        elif change == "unverified":
            await world.change_account(Realm.DASHBOARD, email_verified=False)
        else:
            other = stored_hash(NEW_PASSWORD) if change == "other password" else None
            await world.change_account(Realm.DASHBOARD, password_hash=other)

    world.trace.before = alter
    with pytest.raises(InvalidCredentials):
        await world.login()
    assert world.trace.count("sessions.create") == 0


async def test_an_account_with_a_factor_that_nothing_checks_stays_shut(world: World, view: RealmView) -> None:
    """A second factor must not be skipped because this deployment cannot ask for it."""
    await world.change_account(view.realm, mfa_enabled=True)
    refusal = MfaNotConfigured if view.realm is Realm.DASHBOARD else InvalidCredentials
    with pytest.raises(refusal):
        await view.flows.login(view.credentials(), CONTEXT)
    event = world.events.last(FactorNotConfigured)
    assert (event.realm, event.user_id) == (view.realm, view.account_id)
    assert await world.live_sessions(view.realm) == 0


async def test_a_configured_resolver_decides_the_tenant(worlds: Any) -> None:
    """A caller must not choose whose accounts to try."""

    class Resolver:
        async def resolve(self, parts: Any) -> str:
            return TENANT if parts.host == CONTEXT.host else "other"

    world = worlds(tenancy={"resolver": Resolver()})
    result = await world.engine.login(
        LoginInput(email=EMAIL, password=PASSWORD, tenant_id="chosen by the caller"), CONTEXT
    )
    assert result.user.tenant_id == TENANT


async def test_a_refusing_hook_forbids_and_counts_nothing(worlds: Any) -> None:
    """A host's rule must hold before anything is looked up, and must not lock anyone out."""

    class Closed(AuthHooks):
        async def before_login(self, email: str, tenant_id: str, context: Any) -> None:
            raise RuntimeError("closed for the night")

    world = worlds(hooks=Closed())
    for _ in range(6):
        with pytest.raises(Forbidden):
            await world.login()
    assert world.trace.count("users.find_by_email", "attempts.fail") == 0
    assert world.trace.count("attempts.abandon") == 6


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("", PASSWORD, "email"),
        ("a" * 256, PASSWORD, "email"),
        ("a\x00@example.com", PASSWORD, "email"),
        (EMAIL, "", "password"),
        (EMAIL, "p" * 129, "password"),
        (EMAIL, "p\ud800", "password"),
    ],
)
async def test_a_direct_caller_meets_the_bounds_of_the_wire(
    world: World, email: str, password: str, field: str
) -> None:
    """Code that calls the engine itself must not be able to hash a megabyte."""
    with pytest.raises(ValidationFailed) as refusal:
        await world.engine.login(LoginInput(email=email, password=password, tenant_id=TENANT), CONTEXT)
    assert [error.field for error in refusal.value.fields] == [field]
    assert world.trace.calls == []
