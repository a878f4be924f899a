"""How often each flow waits for the store.  A number that grows here is latency on every request."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import AuthError
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import (
    AcceptInvitationInput,
    ForgotPasswordInput,
    RegisterInput,
    ResendResetOtpInput,
    ResetPasswordInput,
    VerifyResetOtpInput,
)
from tests.integration.flows.journeys import journey
from tests.integration.flows.world import (
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    WRONG_PASSWORD,
    RealmView,
    World,
)


async def waits(world: World, call: Awaitable[Any]) -> list[list[str]]:
    """Return the names of the calls of each wait for the store, in order."""
    await world.engine.drain()
    world.trace.clear()
    with suppress(AuthError):
        await call
    return [sorted(calls) for calls in world.trace.round_trips]


async def test_authenticate_takes_one(world: World, view: RealmView) -> None:
    born = await view.flows.login(view.credentials(), CONTEXT)
    assert await waits(world, view.flows.authenticate(born.access_token)) == [["revocation.token_state"]]


async def test_me_takes_none(world: World, view: RealmView) -> None:
    assert await waits(world, view.flows.me(view.account_id, tenant_id=view.tenant_id)) == []


async def test_register_takes_one(world: World) -> None:
    applicant = RegisterInput(email="b@example.com", name="Bea", password=NEW_PASSWORD, tenant_id=TENANT)
    assert await waits(world, world.engine.register(applicant, CONTEXT)) == [["otps.put", "sessions.create"]]


async def test_login_takes_three(world: World, view: RealmView) -> None:
    assert await waits(world, view.flows.login(view.credentials(), CONTEXT)) == [
        ["attempts.begin"],
        ["attempts.ok", "revocation.current_epoch"],
        ["sessions.create"],
    ]


async def test_a_refused_login_takes_two_and_a_locked_one_one(world: World, view: RealmView) -> None:
    for _ in range(5):
        refused = view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT)
        assert await waits(world, refused) == [["attempts.begin"], ["attempts.fail"]]
    assert await waits(world, view.flows.login(view.credentials(), CONTEXT)) == [["attempts.begin"]]


async def test_refresh_takes_two(world: World, view: RealmView) -> None:
    born = await view.flows.login(view.credentials(), CONTEXT)
    rotated, *repeated = [
        await waits(world, view.flows.refresh(born.refresh_token, CONTEXT)) for _ in range(3)
    ]
    assert rotated == [["sessions.snapshot"], ["sessions.rotate"]]
    assert repeated == [[["sessions.snapshot"], ["sessions.reissue"]]] * 2
    world.clock.advance(timedelta(seconds=31))
    replayed = await waits(world, view.flows.refresh(born.refresh_token, CONTEXT))
    assert replayed == [["sessions.snapshot"], ["sessions.revoke_family"]]


async def test_a_refresh_refused_by_a_gate_takes_two_at_most(world: World, view: RealmView) -> None:
    born = await view.flows.login(view.credentials(), CONTEXT)
    await world.change_account(view.realm, status="BANNED")
    assert await waits(world, view.flows.refresh(born.refresh_token, CONTEXT)) == [
        ["sessions.snapshot"],
        ["sessions.revoke_all"],
    ]


async def test_logout_takes_two(world: World, view: RealmView) -> None:
    born = await view.flows.login(view.credentials(), CONTEXT)
    trips = await waits(world, view.flows.logout(born.access_token, born.refresh_token))
    assert trips == [
        ["revocation.blacklist", "sessions.snapshot"],
        ["sessions.drop_grace", "sessions.revoke"],
    ]


async def test_logout_with_an_old_token_names_its_login_in_two(world: World, view: RealmView) -> None:
    born = await view.flows.login(view.credentials(), CONTEXT)
    await view.flows.refresh(born.refresh_token, CONTEXT)
    world.clock.advance(timedelta(seconds=31))
    trips = await waits(world, view.flows.logout(born.access_token, born.refresh_token))
    assert trips == [["revocation.blacklist", "sessions.snapshot"], ["sessions.revoke_family"]]


async def test_verifying_an_address_takes_two_each_way(world: World) -> None:
    await world.change_account(Realm.DASHBOARD, email_verified=False)
    resend = world.engine.resend_verification(tenant_id=TENANT, email=EMAIL, context=CONTEXT)
    assert await waits(world, resend) == [["otps.try_begin_resend"], ["otps.put"]]
    await world.engine.drain()
    verify = world.engine.verify_email(
        tenant_id=TENANT, email=EMAIL, otp=world.mail.last().code, context=CONTEXT
    )
    assert await waits(world, verify) == [["otps.verify"], ["revocation.forget_status"]]


@pytest.mark.parametrize(
    ("method", "stored"),
    [
        ("token", [["proofs.read"], ["proofs.put"]]),
        ("otp", [["attempts.failures"], ["otps.put", "proofs.read"], ["proofs.put"]]),
    ],
)
async def test_asking_for_a_reset_takes_four_at_most(
    worlds: Any, method: str, stored: list[list[str]]
) -> None:
    world = worlds(password_reset={"method": method})
    forgot = world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    assert await waits(world, forgot) == [["otps.try_begin_resend"], *stored]
    world.clock.advance(timedelta(seconds=60))
    again = world.engine.resend_reset_otp(ResendResetOtpInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    assert await waits(world, again) == [["otps.try_begin_resend"], *stored]


@pytest.mark.parametrize(
    ("method", "spent"), [("token", [["proofs.consume"]]), ("otp", [["otps.verify"], ["proofs.consume"]])]
)
async def test_resetting_takes_three_more_than_its_proof(
    worlds: Any, method: str, spent: list[list[str]]
) -> None:
    world = worlds(password_reset={"method": method})
    await world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    request = ResetPasswordInput(
        email=EMAIL, tenant_id=TENANT, new_password=NEW_PASSWORD, **{method: world.mail.last().code}
    )
    reset = world.engine.reset_password(request, CONTEXT)
    assert await waits(world, reset) == [
        *spent,
        ["proofs.read"],
        ["sessions.revoke_all"],
        ["attempts.clear"] * 4,
    ]


async def test_exchanging_a_reset_code_takes_four(worlds: Any) -> None:
    world = worlds(password_reset={"method": "otp"})
    await world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    given = VerifyResetOtpInput(email=EMAIL, tenant_id=TENANT, otp=world.mail.last().code)
    assert await waits(world, world.engine.verify_reset_otp(given, CONTEXT)) == [
        ["otps.verify"],
        ["proofs.consume"],
        ["proofs.read"],
        ["proofs.put"],
    ]


@pytest.mark.parametrize(
    ("spared", "sweep"), [(True, "sessions.revoke_all_except"), (False, "sessions.revoke_all")]
)
async def test_changing_a_password_takes_three(world: World, spared: bool, sweep: str) -> None:
    born = await world.login()
    change = world.engine.change_password(
        "u1",
        tenant_id=TENANT,
        current_password=PASSWORD,
        new_password=NEW_PASSWORD,
        current_refresh=born.refresh_token if spared else None,
    )
    assert await waits(world, change) == [["attempts.begin"], ["attempts.ok"], [sweep]]


async def test_asking_for_another_address_takes_four_and_confirming_it_four(world: World) -> None:
    ask = world.engine.request_email_change(
        "u1", tenant_id=TENANT, new_email="ana@new.example", current_password=PASSWORD
    )
    assert await waits(world, ask) == [
        ["attempts.begin"],
        ["attempts.ok"],
        ["proofs.read"],
        ["proofs.put"],
    ]
    confirm = world.engine.confirm_email_change(world.mail.last().code)
    assert await waits(world, confirm) == [
        ["proofs.consume"],
        ["proofs.read"],
        ["proofs.put"],
        ["revocation.forget_status"],
    ]


async def issue_ticket(world: World, born: Any) -> str:
    """The guard that precedes it reads the store once, which is its own."""
    tokens = world.engine.authenticate.access_tokens
    claims: Any = tokens.verify(born.access_token)
    return await world.engine.issue_ws_ticket(claims)


async def redeem_ticket(world: World, born: Any) -> None:
    await world.engine.redeem_ws_ticket(await issue_ticket(world, born))


Operation = Callable[[World, Any], Awaitable[Any]]

OPERATIONS: list[tuple[str, Operation, list[list[str]]]] = [
    ("list", lambda world, _: world.engine.list_sessions("u1", tenant_id=TENANT), [["sessions.list"]]),
    (
        "revoke",
        lambda world, born: world.engine.revoke_session(
            "u1", sha256_hex(born.refresh_token), tenant_id=TENANT
        ),
        [["sessions.revoke"], ["revocation.bump_epoch"]],
    ),
    (
        "revoke others",
        lambda world, born: world.engine.revoke_other_sessions(
            "u1", tenant_id=TENANT, raw_refresh=born.refresh_token
        ),
        [["sessions.revoke_all_except"]],
    ),
    (
        "revoke all",
        lambda world, _: world.engine.revoke_all_sessions("u1", tenant_id=TENANT),
        [["revocation.forget_status", "sessions.revoke_all"], ["proofs.put"]],
    ),
    (
        "revoke all of the platform",
        lambda world, _: world.engine.platform.revoke_all_sessions("a1"),
        [["sessions.revoke_all"]],
    ),
    ("issue a ticket", issue_ticket, [["ws_tickets.mint"]]),
    (
        "redeem a ticket",
        redeem_ticket,
        [["ws_tickets.mint"], ["ws_tickets.redeem"], ["revocation.token_state"]],
    ),
    (
        "unlock",
        lambda world, _: world.engine.unlock_account(EMAIL, tenant_id=TENANT),
        [["attempts.clear"] * 6],
    ),
    (
        "is locked",
        lambda world, _: world.engine.is_account_locked(EMAIL, tenant_id=TENANT),
        [["attempts.failures"]],
    ),
    (
        "lockout seconds",
        lambda world, _: world.engine.account_lockout_seconds(EMAIL, tenant_id=TENANT),
        [["attempts.failures"]],
    ),
    (
        "invalidate status",
        lambda world, _: world.engine.invalidate_user_status("u1", tenant_id=TENANT),
        [["revocation.forget_status"]],
    ),
]


@pytest.mark.parametrize(
    ("operate", "trips"), [row[1:] for row in OPERATIONS], ids=[row[0] for row in OPERATIONS]
)
async def test_the_rest_takes_what_it_must(world: World, operate: Operation, trips: list[list[str]]) -> None:
    born = await world.login()
    assert await waits(world, operate(world, born)) == trips


async def test_inviting_takes_two_and_accepting_three(world: World) -> None:
    invite = world.engine.invite("u1", tenant_id=TENANT, email="b@example.com", role="MEMBER")
    assert await waits(world, invite) == [["invitations.read_pending"], ["invitations.put"]]
    await world.engine.drain()
    given = AcceptInvitationInput(token=world.mail.last().code, name="Bea", password=NEW_PASSWORD)
    assert await waits(world, world.engine.accept_invitation(given, CONTEXT)) == [
        ["invitations.take"],
        ["invitations.revoke"],
        ["sessions.create"],
    ]


async def test_revoking_an_invitation_takes_two_at_most(world: World) -> None:
    for trips in ([["invitations.read_pending"]], [["invitations.read_pending"], ["invitations.revoke"]]):
        revoke = world.engine.revoke_invitation("u1", tenant_id=TENANT, email="b@example.com")
        assert await waits(world, revoke) == trips
        await world.engine.invite("u1", tenant_id=TENANT, email="b@example.com", role="MEMBER")


MFA_TRIPS: dict[str, list[list[str]]] = {
    "mfa setup": [["attempts.begin"], ["attempts.ok"], ["mfa.read_setup"], ["mfa.put_setup"]],
    "mfa enable": [
        ["attempts.begin"],
        ["mfa.read_setup"],
        ["mfa.mark_totp_used"],
        ["attempts.ok", "mfa.take_setup"],
        ["mfa.acquire_lock"],
        ["mfa.release_lock"],
        ["sessions.revoke_all"],
    ],
    "mfa login": [["attempts.begin"], ["attempts.ok", "revocation.current_epoch"], ["mfa.put_temp"]],
    "mfa challenge": [
        ["mfa.temp_state"],
        ["attempts.begin"],
        ["mfa.consume_challenge"],
        ["attempts.ok", "sessions.create"],
    ],
    "refused mfa challenge": [["mfa.temp_state"], ["attempts.begin"], ["attempts.fail"]],
    "mfa challenge by recovery code": [
        ["mfa.temp_state"],
        ["attempts.begin"],
        ["mfa.claim_recovery_code"],
        ["mfa.delete_temp"],
        ["attempts.ok", "mfa.acquire_lock"],
        ["mfa.release_lock"],
        ["sessions.create"],
    ],
    "mfa disable": [
        ["attempts.begin"],
        ["mfa.mark_totp_used"],
        ["attempts.ok", "mfa.acquire_lock"],
        ["mfa.release_lock"],
        ["sessions.revoke_all"],
    ],
    "mfa recovery codes": [
        ["attempts.begin"],
        ["mfa.mark_totp_used"],
        ["attempts.ok", "mfa.acquire_lock"],
        ["mfa.release_lock"],
    ],
    "mfa reset": [["mfa.acquire_lock"], ["mfa.release_lock"], ["sessions.revoke_all"]],
}


@pytest.mark.parametrize("realm", list(Realm))
@pytest.mark.parametrize("name", MFA_TRIPS)
async def test_each_step_of_a_second_factor_takes_what_it_must(name: str, realm: Realm) -> None:
    async with journey(name, realm) as at:
        at.world.trace.round_trips.clear()
        assert await waits(at.world, at.run()) == MFA_TRIPS[name]


async def test_setting_up_without_a_password_takes_three() -> None:
    async with journey("mfa setup") as at:
        await at.world.change_account(Realm.DASHBOARD, password_hash=None)
        assert await waits(at.world, at.run()) == [
            ["sessions.has_recent_auth"],
            ["mfa.read_setup"],
            ["mfa.put_setup"],
        ]
