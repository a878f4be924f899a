"""Every flow, ready to run in a world of its own, for tests that step in at each of its calls."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import AuthError
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import (
    AcceptInvitationInput,
    ForgotPasswordInput,
    RegisterInput,
    ResetPasswordInput,
    VerifyResetOtpInput,
)
from tests.cheap import COST_OPTIONS
from tests.integration.flows.factors import MFA, begun, enable, enrolled, set_up
from tests.integration.flows.world import (
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    WRONG_PASSWORD,
    PlainVerifier,
    RealmView,
    World,
    build_world,
)

NEW_EMAIL = "ana@new.example"

BUILD: dict[str, Any] = {
    "password": {
        "scrypt": COST_OPTIONS,
        "legacy_verifiers": (PlainVerifier(),),
        "rehash_on_verify": False,
    }
}


@dataclass
class Journey:
    """A flow that is about to run, in a world prepared for it; `session` is a session opened before."""

    world: World
    view: RealmView
    session: Any
    run: Callable[[], Awaitable[Any]]


@asynccontextmanager
async def journey(name: str, realm: Realm = Realm.DASHBOARD) -> AsyncIterator[Journey]:
    """Yield the journey of this name in a new world whose passwords cost nothing to verify."""
    method = "otp" if name in {"reset by code", "exchange of a code"} else "token"
    mfa = {"mfa": MFA} if "mfa" in name else {}
    world = build_world(
        password_reset={"method": method}, oauth_providers=[InMemoryOAuthProvider()], **mfa, **BUILD
    )
    try:
        await world.change_account(realm, password_hash=f"plain:{PASSWORD}")
        view = world.realm(realm)
        session = await view.flows.login(view.credentials(), CONTEXT)
        run = await _JOURNEYS[name](world, view, session)
        await world.engine.drain()
        world.trace.clear()
        yield Journey(world, view, session, run)
    finally:
        world.trace.before = world.trace.after = None
        await world.engine.aclose(timeout=0)


async def calls_of(name: str, realm: Realm) -> list[str]:
    """Return the calls that an undisturbed journey makes."""
    async with journey(name, realm) as at:
        with suppress(AuthError):
            await at.run()
        return list(at.world.trace.calls)


Run = Callable[[], Awaitable[Any]]


async def _login(world: World, view: RealmView, session: Any) -> Run:
    return lambda: view.flows.login(view.credentials(), CONTEXT)


async def _refused_login(world: World, view: RealmView, session: Any) -> Run:
    return lambda: view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT)


async def _blocked_login(world: World, view: RealmView, session: Any) -> Run:
    await world.change_account(view.realm, status="BANNED")
    return lambda: view.flows.login(view.credentials(), CONTEXT)


async def _refresh(world: World, view: RealmView, session: Any) -> Run:
    return lambda: view.flows.refresh(session.refresh_token, CONTEXT)


async def _recovery(world: World, view: RealmView, session: Any) -> Run:
    await view.flows.refresh(session.refresh_token, CONTEXT)
    return await _refresh(world, view, session)


async def _register(world: World, view: RealmView, session: Any) -> Run:
    applicant = RegisterInput(email="b@example.com", name="Bea", password=NEW_PASSWORD, tenant_id=TENANT)
    return lambda: world.engine.register(applicant, CONTEXT)


async def _authenticate(world: World, view: RealmView, session: Any) -> Run:
    return lambda: view.flows.authenticate(session.access_token)


async def _reset_by_link(world: World, view: RealmView, session: Any) -> Run:
    await world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    request = ResetPasswordInput(
        email=EMAIL, tenant_id=TENANT, new_password=NEW_PASSWORD, token=world.mail.last().code
    )
    return lambda: world.engine.reset_password(request, CONTEXT)


async def _reset_by_code(world: World, view: RealmView, session: Any) -> Run:
    await world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    request = ResetPasswordInput(
        email=EMAIL, tenant_id=TENANT, new_password=NEW_PASSWORD, otp=world.mail.last().code
    )
    return lambda: world.engine.reset_password(request, CONTEXT)


async def _exchange_code(world: World, view: RealmView, session: Any) -> Run:
    await world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    given = VerifyResetOtpInput(email=EMAIL, tenant_id=TENANT, otp=world.mail.last().code)
    return lambda: world.engine.verify_reset_otp(given, CONTEXT)


async def _change(world: World, view: RealmView, session: Any) -> Run:
    return lambda: world.engine.change_password(
        "u1", tenant_id=TENANT, current_password=PASSWORD, new_password=NEW_PASSWORD
    )


async def _ask_for_another_address(world: World, view: RealmView, session: Any) -> Run:
    return lambda: world.engine.request_email_change(
        "u1", tenant_id=TENANT, new_email=NEW_EMAIL, current_password=PASSWORD
    )


async def _confirm_another_address(world: World, view: RealmView, session: Any) -> Run:
    await world.change_account(Realm.DASHBOARD, email_verified=False)
    await (await _ask_for_another_address(world, view, session))()
    token = world.mail.last().code
    return lambda: world.engine.confirm_email_change(token, context=CONTEXT)


async def _verify_email(world: World, view: RealmView, session: Any) -> Run:
    await world.change_account(Realm.DASHBOARD, email_verified=False)
    await world.engine.resend_verification(tenant_id=TENANT, email=EMAIL, context=CONTEXT)
    await world.engine.drain()
    code = world.mail.last().code
    return lambda: world.engine.verify_email(tenant_id=TENANT, email=EMAIL, otp=code, context=CONTEXT)


async def _list(world: World, view: RealmView, session: Any) -> Run:
    return lambda: world.engine.list_sessions("u1", tenant_id=TENANT)


async def _revoke_one(world: World, view: RealmView, session: Any) -> Run:
    hashed = sha256_hex(session.refresh_token)
    return lambda: world.engine.revoke_session("u1", hashed, tenant_id=TENANT)


async def _revoke_others(world: World, view: RealmView, session: Any) -> Run:
    token = session.refresh_token
    return lambda: world.engine.revoke_other_sessions("u1", tenant_id=TENANT, raw_refresh=token)


async def _revoke_all(world: World, view: RealmView, session: Any) -> Run:
    return lambda: view.flows.revoke_all_sessions(view.account_id, tenant_id=view.tenant_id)


async def _unlock(world: World, view: RealmView, session: Any) -> Run:
    return lambda: view.flows.unlock_account(view.email, tenant_id=view.tenant_id)


async def _logout(world: World, view: RealmView, session: Any) -> Run:
    return lambda: view.flows.logout(session.access_token, session.refresh_token)


async def _depart_to_link(world: World, view: RealmView, session: Any) -> Run:
    return lambda: world.engine.link_identity(
        "u1", "memory", tenant_id=TENANT, current_refresh=session.refresh_token, password=PASSWORD
    )


async def _link(world: World, view: RealmView, session: Any) -> Run:
    departed = await (await _depart_to_link(world, view, session))()
    provider: Any = world.engine.oauth_providers["memory"]
    brought = provider.sign_in(departed.authorize_url, email=EMAIL)
    return lambda: world.engine.oauth_callback(
        "memory", **brought, state_cookie=departed.state, context=CONTEXT
    )


async def _unlink(world: World, view: RealmView, session: Any) -> Run:
    identity = await (await _link(world, view, session))()
    return lambda: world.engine.unlink_identity(
        "u1",
        identity.id,
        tenant_id=TENANT,
        current_refresh=session.refresh_token,
        password=PASSWORD,
    )


async def _list_identities(world: World, view: RealmView, session: Any) -> Run:
    return lambda: world.engine.list_identities("u1", tenant_id=TENANT)


async def _invite(world: World, view: RealmView, session: Any) -> Run:
    return lambda: world.engine.invite("u1", tenant_id=TENANT, email="b@example.com", role="MEMBER")


async def _accept(world: World, view: RealmView, session: Any) -> Run:
    await (await _invite(world, view, session))()
    await world.engine.drain()
    given = AcceptInvitationInput(token=world.mail.last().code, name="Bea", password=NEW_PASSWORD)
    return lambda: world.engine.accept_invitation(given, CONTEXT)


async def _revoke_invitation(world: World, view: RealmView, session: Any) -> Run:
    await (await _invite(world, view, session))()
    return lambda: world.engine.revoke_invitation("u1", tenant_id=TENANT, email="b@example.com")


async def _mfa_setup(world: World, view: RealmView, session: Any) -> Run:
    return lambda: set_up(view)


async def _mfa_enable(world: World, view: RealmView, session: Any) -> Run:
    app = await begun(world, view.realm)
    return lambda: enable(view, app.code())


async def _mfa_login(world: World, view: RealmView, session: Any) -> Run:
    app = await enrolled(world, view.realm)
    return app.challenge


async def _mfa_challenge(world: World, view: RealmView, session: Any) -> Run:
    app = await enrolled(world, view.realm)
    token = await app.challenge()
    return lambda: app.answer(token, app.code())


async def _refused_mfa_challenge(world: World, view: RealmView, session: Any) -> Run:
    app = await enrolled(world, view.realm)
    token = await app.challenge()
    return lambda: app.answer(token, app.wrong_code())


async def _mfa_recovery_code(world: World, view: RealmView, session: Any) -> Run:
    app = await enrolled(world, view.realm)
    token = await app.challenge()
    return lambda: app.answer(token, app.recovery_codes[0])


async def _mfa_disable(world: World, view: RealmView, session: Any) -> Run:
    app = await enrolled(world, view.realm)
    await app.sign_in()
    return lambda: app.disable(app.code(1))


async def _mfa_recovery_codes(world: World, view: RealmView, session: Any) -> Run:
    app = await enrolled(world, view.realm)
    await app.sign_in()
    return lambda: app.regenerate(app.code(1))


async def _mfa_reset(world: World, view: RealmView, session: Any) -> Run:
    await (await enrolled(world, view.realm)).sign_in()
    return lambda: view.flows.reset_mfa(view.account_id, tenant_id=view.tenant_id)


_JOURNEYS: dict[str, Callable[[World, RealmView, Any], Awaitable[Run]]] = {
    "login": _login,
    "refused login": _refused_login,
    "blocked login": _blocked_login,
    "refresh": _refresh,
    "recovery": _recovery,
    "register": _register,
    "authenticate": _authenticate,
    "reset by link": _reset_by_link,
    "reset by code": _reset_by_code,
    "exchange of a code": _exchange_code,
    "change": _change,
    "ask for another address": _ask_for_another_address,
    "confirm another address": _confirm_another_address,
    "verify email": _verify_email,
    "list": _list,
    "revoke one": _revoke_one,
    "revoke others": _revoke_others,
    "revoke all": _revoke_all,
    "unlock": _unlock,
    "logout": _logout,
    "depart to link": _depart_to_link,
    "link": _link,
    "unlink": _unlink,
    "list identities": _list_identities,
    "invite": _invite,
    "accept": _accept,
    "revoke invitation": _revoke_invitation,
    "mfa setup": _mfa_setup,
    "mfa enable": _mfa_enable,
    "mfa login": _mfa_login,
    "mfa challenge": _mfa_challenge,
    "refused mfa challenge": _refused_mfa_challenge,
    "mfa challenge by recovery code": _mfa_recovery_code,
    "mfa disable": _mfa_disable,
    "mfa recovery codes": _mfa_recovery_codes,
    "mfa reset": _mfa_reset,
}

BOTH_REALMS = (
    "login",
    "refused login",
    "blocked login",
    "refresh",
    "recovery",
    "authenticate",
    "revoke all",
    "unlock",
    "logout",
    *(name for name in _JOURNEYS if "mfa" in name),
)

EVERY_JOURNEY = [(name, Realm.DASHBOARD) for name in _JOURNEYS] + [
    (name, Realm.PLATFORM) for name in BOTH_REALMS
]
"""Each flow in each realm that has it."""
