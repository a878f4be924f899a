"""Whatever a host's hooks do, answers stay the same."""

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from bymax_auth.errors import AuthError, Forbidden
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import (
    AcceptInvitationInput,
    ForgotPasswordInput,
    LoginInput,
    RegisterInput,
    ResetPasswordInput,
)
from tests.integration.flows.world import (
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    WRONG_PASSWORD,
    World,
)


async def _hang(*_arguments: Any) -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError


async def _raise(*_arguments: Any) -> NoReturn:
    raise RuntimeError("postgres://root:hunter2@db")


def _raise_when_called(*_arguments: Any) -> NoReturn:
    raise RuntimeError("postgres://root:hunter2@db")


def _forget_to_be_async(*_arguments: Any) -> None:
    """What a host writes that leaves out one word."""


async def _refuse(*_arguments: Any) -> NoReturn:
    raise AuthErrorOfTheHost


class AuthErrorOfTheHost(Forbidden):
    """What a host may think it can answer with."""


TOLD = [name for name in vars(AuthHooks) if name.startswith(("after_", "on_"))]


def hooks_that(behave: Any) -> AuthHooks:
    return type("Misbehaving", (AuthHooks,), {name: lambda self, *rest: behave(*rest) for name in TOLD})()


async def journey(world: World) -> list[str]:
    """Go through everything that tells a hook, and return what a client hears."""
    heard: list[str] = []

    async def hear(call: Any) -> Any:
        started = world.clock.monotonic()
        try:
            answer = await call
        except AuthError as refusal:
            heard.append(f"{type(refusal).__name__} {world.clock.monotonic() - started:.2f}")
            return None
        heard.append(f"{type(answer).__name__} {world.clock.monotonic() - started:.2f}")
        return answer

    flows = world.engine
    applicant = RegisterInput(email="b@example.com", name="Bea", password=NEW_PASSWORD, tenant_id=TENANT)
    await hear(flows.register(applicant, CONTEXT))
    for _ in range(6):
        await hear(flows.login(LoginInput(email=EMAIL, password=WRONG_PASSWORD, tenant_id=TENANT), CONTEXT))
    await flows.unlock_account(EMAIL, tenant_id=TENANT)
    born = await hear(flows.login(LoginInput(email=EMAIL, password=PASSWORD, tenant_id=TENANT), CONTEXT))
    renewed = await hear(flows.refresh(born.refresh_token, CONTEXT))
    await hear(flows.refresh(born.refresh_token, CONTEXT))
    await hear(flows.logout(None, renewed.tokens.refresh_token))
    await hear(flows.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT))
    for _ in range(100):
        await asyncio.sleep(0)
    request = ResetPasswordInput(
        email=EMAIL, tenant_id=TENANT, new_password=NEW_PASSWORD, token=world.mail.last().code
    )
    await hear(flows.reset_password(request, CONTEXT))
    await hear(flows.invite("u1", tenant_id=TENANT, email="c@example.com", role="MEMBER"))
    for _ in range(100):
        await asyncio.sleep(0)
    given = AcceptInvitationInput(token=world.mail.last("invitation").code, name="Cy", password=NEW_PASSWORD)
    await hear(flows.accept_invitation(given, CONTEXT))
    return heard


@pytest.mark.parametrize("behave", [_hang, _raise, _raise_when_called, _forget_to_be_async, _refuse])
async def test_a_told_hook_changes_no_answer(worlds: Callable[..., World], behave: Any) -> None:
    """A host's webhook that is down must not sign anyone out, nor slow a refusal down."""
    options: dict[str, Any] = {"jwt": {"refresh_grace_window": 0}, "sessions": {"enabled": True}}
    expected = await journey(worlds(**options))
    assert len(expected) == 15
    misbehaving = worlds(hooks=hooks_that(behave), **options)
    assert await journey(misbehaving) == expected
    if behave is not _hang:
        await misbehaving.engine.drain()
        failed = [event for event in misbehaving.events.events if event.name == "detached.failed"]
        assert failed
        assert "hunter2" not in repr(failed)


@pytest.mark.parametrize("behave", [_hang, _raise, _raise_when_called, _forget_to_be_async, _refuse])
async def test_a_deciding_hook_that_misbehaves_has_refused(worlds: Callable[..., World], behave: Any) -> None:
    """A rule that cannot be asked must hold, not lapse."""
    deciding = {name: lambda self, *rest: behave(*rest) for name in ("before_login", "before_register")}
    world = worlds(hooks=type("Misbehaving", (AuthHooks,), deciding)(), hook_timeout=0)
    with pytest.raises(Forbidden) as refusal:
        await world.login()
    assert type(refusal.value) is Forbidden
    applicant = RegisterInput(email="b@example.com", name="Bea", password=NEW_PASSWORD, tenant_id=TENANT)
    with pytest.raises(Forbidden):
        await world.engine.register(applicant, CONTEXT)
    await world.login(Realm.PLATFORM)
    assert world.trace.count("attempts.begin") == world.trace.count("attempts.abandon", "attempts.ok") == 2


async def test_a_hanging_mail_server_changes_no_answer(worlds: Callable[..., World]) -> None:
    """How slow the mail server is must not say who has an account."""
    world = worlds()
    world.mail.send_password_reset_token = _hang  # type: ignore[method-assign]
    started = world.clock.monotonic()
    await world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    assert world.clock.monotonic() - started == pytest.approx(0.3)
