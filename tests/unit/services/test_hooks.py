"""The host's hooks: two decide, the others are told."""

import asyncio
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import Any

import pytest

from bymax_auth.errors import AccountLocked, Forbidden, OAuthFailed
from bymax_auth.ports.events import BackgroundTaskFailed, HookFailed
from bymax_auth.ports.hooks import (
    Allow,
    AuthHooks,
    HookContext,
    RegisterAttempt,
    RegisterDecision,
    RegisterOverrides,
    Reject,
)
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.testing import RecordingEvents
from bymax_auth.types.account import SafeAuthUser
from bymax_auth.types.oauth import OAuthProfile
from tests.unit.services.parts import CHROME_ON_MAC, CONTEXT, Broken, user

ATTEMPT = RegisterAttempt(email="ana@example.com", name="Ana", tenant_id="acme")
ABOUT = hook_context(CONTEXT, user_id="u1", email="ana@example.com", tenant_id="acme")
MINUTE = timedelta(minutes=1)


class Answering(AuthHooks):
    """Hooks that answer, or raise, what they are given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    async def before_register(self, attempt: RegisterAttempt, context: HookContext) -> RegisterDecision:
        if isinstance(self.answer, BaseException):
            raise self.answer
        decision: RegisterDecision = self.answer
        return decision

    async def before_login(self, email: str, tenant_id: str, context: HookContext) -> None:
        if isinstance(self.answer, BaseException):
            raise self.answer


class Hanging(AuthHooks):
    """Hooks that never answer."""

    async def before_register(self, attempt: RegisterAttempt, context: HookContext) -> RegisterDecision:
        await asyncio.Event().wait()
        return Allow()

    async def before_login(self, email: str, tenant_id: str, context: HookContext) -> None:
        await asyncio.Event().wait()


class RunnerOf:
    """Builds runners around the test's background."""

    def __init__(self, background: BackgroundTasks, failures: FailureReporter) -> None:
        self.background = background
        self.failures = failures

    def __call__(self, hooks: AuthHooks, timeout: timedelta = MINUTE) -> HookRunner:
        return HookRunner(hooks, self.background, self.failures, timeout)


@pytest.fixture
def runner(background: BackgroundTasks, failures: FailureReporter) -> RunnerOf:
    return RunnerOf(background, failures)


def test_a_hook_is_told_all_that_is_known() -> None:
    """A host's audit log is only as good as this."""
    assert (
        HookContext(
            user_id="u1",
            email="ana@example.com",
            tenant_id="acme",
            ip="203.0.113.9",
            user_agent=CHROME_ON_MAC,
            sanitized_headers={"host": "app.example.com"},
        )
        == ABOUT
    )


async def test_hooks_let_things_pass_unless_the_host_says_otherwise(runner: RunnerOf) -> None:
    """A host without hooks has an application that works."""
    plain = runner(AuthHooks())

    assert await plain.before_register(ATTEMPT, ABOUT) == RegisterOverrides()
    await plain.before_login("ana@example.com", "acme", ABOUT)


async def test_a_registration_takes_the_hooks_values(runner: RunnerOf) -> None:
    """A host decides who starts as what."""
    overrides = RegisterOverrides(role="ADMIN", status="PENDING")

    assert await runner(Answering(Allow(overrides))).before_register(ATTEMPT, ABOUT) == overrides


@pytest.mark.parametrize("name", ["role", "status"])
@pytest.mark.parametrize(
    ("value", "error"),
    [("", ValueError), ("A" * 65, ValueError), ("\ud800", ValueError), ("A\nB", ValueError), (5, TypeError)],
)
def test_a_value_that_no_access_token_can_contain_is_named_to_the_host(
    name: str, value: Any, error: type[Exception]
) -> None:
    """The account is created, and the answer is an error page."""
    with pytest.raises(error, match=f"{name} must be"):
        RegisterOverrides(**{name: value})
    assert getattr(RegisterOverrides(**{name: "A" * 64}), name) == "A" * 64


def test_a_role_may_be_a_member_of_an_enumeration() -> None:
    """Many hosts declare their roles so, and no access token can be written with one."""

    class Role(str, Enum):  # noqa: UP042 - its `str` is not its value
        ADMIN = "ADMIN"

    assert type(RegisterOverrides(role=Role.ADMIN).role) is str


def test_a_verified_address_is_true_or_false() -> None:
    """A text such as "no" would verify the address."""
    with pytest.raises(TypeError, match="email_verified must be"):
        RegisterOverrides(email_verified="no")  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", [Reject("bots"), None, True, Allow(None), Broken()], ids=repr)
async def test_whatever_is_not_consent_refuses_a_registration(runner: RunnerOf, answer: object) -> None:
    """A hook that crashes while it screens for fraud must not let the fraud in."""
    with pytest.raises(Forbidden):
        await runner(Answering(answer)).before_register(ATTEMPT, ABOUT)


async def test_a_broken_hook_is_reported_without_its_text(
    runner: RunnerOf, events: RecordingEvents, told: list[tuple[str, BaseException]]
) -> None:
    """The host must find out why nobody can sign in, and the client must not."""
    with pytest.raises(Forbidden) as refusal:
        await runner(Answering(Broken())).before_login("ana@example.com", "acme", ABOUT)

    assert refusal.value.__suppress_context__
    assert events.events == [HookFailed(origin="before_login", exception="Broken")]
    assert [name for name, _ in told] == ["hook.failed"]


async def test_an_answer_of_the_wrong_kind_is_reported(runner: RunnerOf, events: RecordingEvents) -> None:
    """A hook that forgot to return would otherwise refuse everybody without a trace."""
    with pytest.raises(Forbidden):
        await runner(Answering(None)).before_register(ATTEMPT, ABOUT)

    assert events.events == [HookFailed(origin="before_register", exception="NoneType")]


@pytest.mark.parametrize("answer", [Forbidden(), AccountLocked()], ids=lambda error: type(error).__name__)
async def test_a_hook_may_refuse_in_the_librarys_words(
    runner: RunnerOf, events: RecordingEvents, answer: Exception
) -> None:
    """Refusing on purpose is no fault, and every refusal of a hook looks the same to a client."""
    with pytest.raises(Forbidden):
        await runner(Answering(answer)).before_login("ana@example.com", "acme", ABOUT)

    assert events.events == []


async def test_a_hook_that_hangs_refuses(runner: RunnerOf, events: RecordingEvents) -> None:
    """A sign-in must not hang with it, and must not pass because it hangs."""
    hanging = runner(Hanging(), timedelta(0))
    with pytest.raises(Forbidden):
        await hanging.before_register(ATTEMPT, ABOUT)
    with pytest.raises(Forbidden):
        await hanging.before_login("ana@example.com", "acme", ABOUT)

    assert [(event.origin, event.exception) for event in events.of(HookFailed)] == [
        ("before_register", "TimeoutError"),
        ("before_login", "TimeoutError"),
    ]


async def test_a_caller_that_leaves_stops_a_deciding_hook(runner: RunnerOf, events: RecordingEvents) -> None:
    """A cancellation is no refusal."""
    call = asyncio.create_task(runner(Hanging()).before_login("ana@example.com", "acme", ABOUT))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert events.events == []


async def test_a_notified_hook_runs_in_the_background(
    runner: RunnerOf, background: BackgroundTasks, events: RecordingEvents
) -> None:
    """What it does, or fails to do, changes nothing for the person who signs in."""
    seen: list[str] = []

    class Telling(AuthHooks):
        async def after_login(self, user: SafeAuthUser, context: HookContext) -> None:
            seen.append(user.id)
            raise Broken

    telling = runner(Telling())
    telling.notify("after_login", partial(telling.hooks.after_login, SafeAuthUser.from_user(user()), ABOUT))
    assert seen == []
    await background.drain()

    assert seen == ["u1"]
    assert events.events == [BackgroundTaskFailed(origin="after_login", exception="Broken")]


async def test_a_hook_set_on_the_object_runs_too(runner: RunnerOf, background: BackgroundTasks) -> None:
    """A host may attach one without a class."""
    seen: list[str] = []

    async def after_logout(user_id: str, context: HookContext) -> None:
        seen.append(user_id)

    hooks = AuthHooks()
    hooks.after_logout = after_logout  # type: ignore[method-assign]
    runner(hooks).notify("after_logout", partial(hooks.after_logout, "u1", ABOUT))
    await background.drain()

    assert seen == ["u1"]


async def test_a_hook_that_the_host_left_alone_is_not_started(
    runner: RunnerOf, background: BackgroundTasks
) -> None:
    """Every sign-in would otherwise start tasks that do nothing."""
    called: list[str] = []

    async def after_logout() -> None:
        called.append("after_logout")

    runner(AuthHooks()).notify("after_logout", after_logout)
    await background.drain()

    assert called == []


class Guarding(AuthHooks):
    """A host that lets nobody add an identity."""

    async def before_identity_linked(
        self, profile: OAuthProfile, user: SafeAuthUser, context: HookContext
    ) -> None:
        raise Forbidden


async def test_a_host_may_refuse_an_identity_and_need_not(runner: RunnerOf) -> None:
    """An account whose policy forbids a second key would get one."""
    profile = OAuthProfile(provider="memory", provider_id="1", email="ana@example.com", email_verified=True)
    owner = SafeAuthUser.from_user(user())
    with pytest.raises(OAuthFailed):
        await runner(Guarding()).before_identity_linked(profile, owner, ABOUT)

    await runner(AuthHooks()).before_identity_linked(profile, owner, ABOUT)
