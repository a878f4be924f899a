"""A client that hangs up at any step: either nothing has happened, or everything."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from bymax_auth.errors import AuthError, OtpInvalid, PasswordResetTokenInvalid, SessionNotFound
from bymax_auth.types.identity import Realm
from tests.integration.flows.journeys import EVERY_JOURNEY, NEW_EMAIL, Journey, calls_of, journey
from tests.integration.flows.tracing import once
from tests.integration.flows.world import CONTEXT, TENANT

pytestmark = pytest.mark.untraced

Check = Callable[[Journey], Awaitable[None]]


async def _cancelled_at(at: Journey, number: int, *, after: bool) -> None:
    task = asyncio.ensure_future(at.run())

    async def cancel() -> None:
        task.cancel()

    interruption = once(number, cancel)
    if after:
        at.world.trace.after = interruption
    else:
        at.world.trace.before = interruption
    with suppress(asyncio.CancelledError, AuthError):
        await task
    await at.world.engine.drain()
    at.world.trace.before = at.world.trace.after = None


async def _epoch(at: Journey) -> int:
    return await at.world.stores.revocation.current_epoch(at.world.subject(at.view.realm))


async def _password_and_sessions(at: Journey) -> bool:
    changed = not (await at.world.account(Realm.DASHBOARD)).password_hash.startswith("plain:")
    assert (await at.world.live_sessions() == 0, await _epoch(at) == 1) == (changed, changed)
    assert any(mail.kind == "password_changed" for mail in at.world.mail.sent) == changed
    return changed


async def _reset(at: Journey) -> None:
    if await _password_and_sessions(at):
        with pytest.raises((PasswordResetTokenInvalid, OtpInvalid)):
            await at.run()
    else:
        await at.run()


async def _change(at: Journey) -> None:
    await _password_and_sessions(at)


async def _verified(at: Journey) -> None:
    if not (await at.world.account(Realm.DASHBOARD)).email_verified:
        await at.run()


async def _asked_for_another_address(at: Journey) -> None:
    mailed = len(at.world.mail.of("email_change_verification"))
    assert at.world.trace.count("proofs.put") == mailed
    assert at.world.events.names.count("email_change.requested") == mailed


async def _confirmed_another_address(at: Journey) -> None:
    account = await at.world.account(Realm.DASHBOARD)
    confirmed = account.email == NEW_EMAIL
    assert account.email_verified == confirmed
    assert len(at.world.mail.of("email_changed")) == confirmed
    if not confirmed:
        await at.run()


async def _exchanged(at: Journey) -> None:
    if at.world.trace.count("proofs.put") == 0:
        await at.run()


async def _revoked_one(at: Journey) -> None:
    gone = await at.world.live_sessions() == 0
    assert (await _epoch(at) == 1) == gone


async def _registered(at: Journey) -> None:
    trace = at.world.trace
    created = await at.world.users.find_by_email("b@example.com", tenant_id=TENANT) is not None
    assert trace.count("sessions.create") == trace.count("otps.put") == created
    assert ("register.ok" in at.world.events.names) == created


async def _refreshed(at: Journey) -> None:
    """Whoever hung up can come back with the same token, as if the reply had been lost."""
    await at.view.flows.refresh(at.session.refresh_token, CONTEXT)


async def _logged_out(at: Journey) -> None:
    ended = await at.world.live_sessions(at.view.realm) == 0
    refused = False
    try:
        await at.view.flows.authenticate(at.session.access_token)
    except AuthError:
        refused = True
    assert refused == ended


async def _others_revoked(at: Journey) -> None:
    with suppress(SessionNotFound):
        await at.run()


async def _invited(at: Journey) -> None:
    stored = at.world.trace.count("invitations.put")
    assert [mail.kind for mail in at.world.mail.sent].count("invitation") == stored


async def _accepted(at: Journey) -> None:
    created = await at.world.users.find_by_email("b@example.com", tenant_id=TENANT) is not None
    assert at.world.trace.count("sessions.create") == created
    if not created:
        await at.run()


async def _factor_and_sessions(at: Journey) -> None:
    """What ends sessions has ended them all, and its owner was told; or nothing has happened."""
    mails = [mail.kind for mail in at.world.mail.sent if mail.kind in {"mfa_enabled", "mfa_disabled"}]
    enabled = (await at.world.account(at.view.realm)).mfa_enabled
    assert mails[-1:] == ([] if not mails else ["mfa_enabled" if enabled else "mfa_disabled"])
    changed = at.world.trace.count("users.update_mfa", "admins.update_mfa") == 1
    assert (await at.world.live_sessions(at.view.realm) == 0) == changed


CHECKS: dict[str, Check] = {
    "mfa enable": _factor_and_sessions,
    "mfa disable": _factor_and_sessions,
    "mfa reset": _factor_and_sessions,
    "reset by link": _reset,
    "reset by code": _reset,
    "change": _change,
    "ask for another address": _asked_for_another_address,
    "confirm another address": _confirmed_another_address,
    "verify email": _verified,
    "exchange of a code": _exchanged,
    "revoke one": _revoked_one,
    "register": _registered,
    "refresh": _refreshed,
    "recovery": _refreshed,
    "logout": _logged_out,
    "revoke others": _others_revoked,
    "invite": _invited,
    "accept": _accepted,
}


@pytest.mark.parametrize(("name", "realm"), EVERY_JOURNEY)
async def test_a_client_that_hangs_up_leaves_no_half_finished_step(name: str, realm: Realm) -> None:
    """A dropped connection must not leave a new password beside the thief's old sessions."""
    for number, call in enumerate(await calls_of(name, realm)):
        for after in (False, True):
            async with journey(name, realm) as at:
                await _cancelled_at(at, number, after=after)
                trace = at.world.trace
                ended = trace.count("attempts.ok", "attempts.fail", "attempts.abandon")
                assert trace.count("attempts.begin") == ended, (call, after)
                if name in CHECKS:
                    await CHECKS[name](at)


async def test_what_was_begun_is_finished_when_the_last_client_hangs_up() -> None:
    """The sweep after a password was written must not depend on anybody waiting for it."""
    calls = await calls_of("change", Realm.DASHBOARD)
    async with journey("change") as at:
        await _cancelled_at(at, calls.index("users.update_password"), after=True)
        assert await _password_state(at) == (True, 0, 1)


async def _password_state(at: Journey) -> tuple[Any, ...]:
    changed = not (await at.world.account(Realm.DASHBOARD)).password_hash.startswith("plain:")
    return changed, await at.world.live_sessions(), await _epoch(at)
