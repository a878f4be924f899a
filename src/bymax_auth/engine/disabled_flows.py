"""What stands in a flow's place when the flow must not run: a realm that is off, an engine that is closed."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, NoReturn, TypeVar

from bymax_auth.engine.flow_records import RealmFlows
from bymax_auth.errors import PlatformAuthRequired

__all__ = ["Refusing", "closed", "disabled_platform", "refuse_every_flow"]

FlowsT = TypeVar("FlowsT", bound=RealmFlows)


class Refusing:
    """Takes any call, and raises."""

    __slots__ = ("_reason",)

    def __init__(self, reason: Callable[[], Exception]) -> None:
        self._reason = reason

    async def __call__(self, *_arguments: object, **_named: object) -> NoReturn:
        """Raise the reason."""
        raise self._reason()


def closed() -> RuntimeError:
    """Return what using an engine after its end raises."""
    return RuntimeError("The engine is closed.")


def refuse_every_flow(flows: RealmFlows, reason: Callable[[], Exception]) -> None:
    """Put a refusal in the place of every flow of the record, which its holder gives up."""
    for part in fields(flows):
        if callable(getattr(flows, part.name)):
            object.__setattr__(flows, part.name, Refusing(reason))


def disabled_platform() -> RealmFlows:
    """Return the record of a platform realm that is off: every flow is `PlatformAuthRequired`."""
    refusing: Any = Refusing(PlatformAuthRequired)
    return RealmFlows(
        login=refusing,
        logout=refusing,
        refresh=refusing,
        authenticate=refusing,
        me=refusing,
        revoke_all_sessions=refusing,
        unlock_account=refusing,
        is_account_locked=refusing,
        account_lockout_seconds=refusing,
        hierarchy=None,
    )
