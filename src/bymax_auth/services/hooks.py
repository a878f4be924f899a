"""
How the host's hooks are called: four may refuse, within a timeout; the others run in the background.

A hook that may refuse and raises, exceeds the timeout or returns a wrong type has refused.  A hook that
runs in the background changes no response.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from bymax_auth.config.constants import BACKGROUND_TASK_TIMEOUT
from bymax_auth.errors import AuthError, Forbidden, OAuthFailed
from bymax_auth.ports.events import HookFailed
from bymax_auth.ports.hooks import (
    Allow,
    AuthHooks,
    Create,
    HookContext,
    Link,
    RegisterAttempt,
    RegisterOverrides,
    Reject,
)
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.failures import FailureReporter, class_name
from bymax_auth.types.account import SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.oauth import OAuthProfile

__all__ = ["HookRunner", "hook_context"]

DecisionT = TypeVar("DecisionT")


def hook_context(
    context: RequestContext,
    *,
    user_id: str | None = None,
    email: str | None = None,
    tenant_id: str | None = None,
) -> HookContext:
    """Return the context of a hook call: the request, and the account where one is known."""
    return HookContext(
        user_id=user_id,
        email=email,
        tenant_id=tenant_id,
        ip=context.ip,
        user_agent=context.user_agent,
        sanitized_headers=context.sanitized_headers,
    )


@dataclass(frozen=True, slots=True)
class HookRunner:
    """Runs a host's hooks; one that may refuse has `timeout` to return."""

    hooks: AuthHooks
    background: BackgroundTasks
    failures: FailureReporter
    timeout: timedelta

    async def before_register(self, attempt: RegisterAttempt, context: HookContext) -> RegisterOverrides:
        """
        Return the values with which the hook accepts a registration.

        Raises:
            Forbidden: The hook refused, failed or exceeded its timeout.
        """
        answer: object = await self._decide(
            "before_register", partial(self.hooks.before_register, attempt, context)
        )
        match answer:
            case Allow(RegisterOverrides() as overrides):
                return overrides
            case Reject():
                raise Forbidden
            case _:
                self._note_wrong_type("before_register", answer)
                raise Forbidden

    async def before_login(self, email: str, tenant_id: str, context: HookContext) -> None:
        """
        Raise when the hook refuses the sign-in.

        Raises:
            Forbidden: The hook refused, failed or exceeded its timeout.
        """
        if self._overrides("before_login"):
            await self._decide("before_login", partial(self.hooks.before_login, email, tenant_id, context))

    async def on_oauth_login(
        self, profile: OAuthProfile, existing_user: SafeAuthUser | None, context: HookContext
    ) -> Create | Link:
        """
        Return how the hook lets a person in whom a provider has identified.

        Raises:
            OAuthFailed: The hook refused, failed or exceeded its timeout.
        """
        hook = partial(self.hooks.on_oauth_login, profile, existing_user, context)
        answer: object = await self._decide("on_oauth_login", hook, OAuthFailed)
        match answer:
            case Create() | Link():
                return answer
            case Reject():
                raise OAuthFailed
            case _:
                self._note_wrong_type("on_oauth_login", answer)
                raise OAuthFailed

    async def before_identity_linked(
        self, profile: OAuthProfile, user: SafeAuthUser, context: HookContext
    ) -> None:
        """
        Raise when the hook refuses to add an identity to the account of a user.

        Raises:
            OAuthFailed: The hook refused, failed or exceeded its timeout.
        """
        if self._overrides("before_identity_linked"):
            hook = partial(self.hooks.before_identity_linked, profile, user, context)
            await self._decide("before_identity_linked", hook, OAuthFailed)

    def notify(self, name: str, hook: Callable[[], Awaitable[object]]) -> None:
        """Run the hook in a background task; `hook` calls it, as ``partial(hooks.after_login, ...)``."""
        if self._overrides(name):
            self.background.spawn(name, _called(hook), BACKGROUND_TASK_TIMEOUT)

    def _overrides(self, name: str) -> bool:
        """Say whether the host has this hook; calling the empty default would only cost time."""
        return getattr(getattr(self.hooks, name), "__func__", None) is not getattr(AuthHooks, name)

    def _note_wrong_type(self, name: str, answer: object) -> None:
        self.failures.events.emit(HookFailed(origin=name, exception=type(answer).__qualname__))

    async def _decide(
        self, name: str, hook: Callable[[], Awaitable[DecisionT]], refusal: type[AuthError] = Forbidden
    ) -> DecisionT:
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                return await hook()
        except AuthError:
            raise refusal from None
        except Exception as error:  # noqa: BLE001 - a host's hook may raise anything
            self.failures.note(HookFailed(origin=name, exception=class_name(error)), error)
            raise refusal from None


async def _called(hook: Callable[[], Awaitable[object]]) -> None:
    """Call the hook inside the background task: one that is not a coroutine function raises there."""
    await hook()
