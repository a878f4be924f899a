"""
The host's hooks: two that decide, within a time limit, and the rest that are told afterwards.

A deciding hook that raises, hangs or answers nonsense has refused.  What a told hook does
changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from bymax_auth.config.constants import BACKGROUND_TASK_TIMEOUT
from bymax_auth.errors import AuthError, Forbidden
from bymax_auth.ports.events import HookFailed
from bymax_auth.ports.hooks import Allow, AuthHooks, HookContext, RegisterAttempt, RegisterOverrides, Reject
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.failures import FailureReporter, class_name
from bymax_auth.types.context import RequestContext

__all__ = ["HookRunner", "hook_context"]

DecisionT = TypeVar("DecisionT")


def hook_context(
    context: RequestContext,
    *,
    user_id: str | None = None,
    email: str | None = None,
    tenant_id: str | None = None,
) -> HookContext:
    """Return what a hook is told about a request and whom it concerns."""
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
    """Runs a host's hooks; a deciding one may take `timeout`."""

    hooks: AuthHooks
    background: BackgroundTasks
    failures: FailureReporter
    timeout: timedelta

    async def before_register(self, attempt: RegisterAttempt, context: HookContext) -> RegisterOverrides:
        """
        Return the values with which the hook lets a registration pass.

        Raises:
            Forbidden: The hook refused, in whichever way.
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
                event = HookFailed(origin="before_register", exception=type(answer).__qualname__)
                self.failures.events.emit(event)
                raise Forbidden

    async def before_login(self, email: str, tenant_id: str, context: HookContext) -> None:
        """
        Let a sign-in pass that the hook does not object to.

        Raises:
            Forbidden: The hook refused, in whichever way.
        """
        await self._decide("before_login", partial(self.hooks.before_login, email, tenant_id, context))

    def tell(self, name: str, hook: Callable[[], Awaitable[object]]) -> None:
        """Run the hook behind the answer's back; `hook` calls it, as ``partial(hooks.after_login, ...)``."""
        if getattr(getattr(self.hooks, name), "__func__", None) is not getattr(AuthHooks, name):
            self.background.spawn(name, _called(hook), BACKGROUND_TASK_TIMEOUT)

    async def _decide(self, name: str, hook: Callable[[], Awaitable[DecisionT]]) -> DecisionT:
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                return await hook()
        except AuthError:
            raise Forbidden from None
        except Exception as error:  # noqa: BLE001 - a host's hook may raise anything
            self.failures.note(HookFailed(origin=name, exception=class_name(error)), error)
            raise Forbidden from None


async def _called(hook: Callable[[], Awaitable[object]]) -> None:
    """Calling a hook is part of the detached work: one that is no coroutine already raises then."""
    await hook()
