"""What replaces a flow that must not run: in a realm that is turned off, and in an engine that is closed."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, NoReturn

from bymax_auth.engine.flow_records import FactorFlows, RealmFlows
from bymax_auth.errors import PlatformAuthRequired

__all__ = [
    "DisabledFlow",
    "disable_flows",
    "disabled_factor",
    "disabled_platform",
    "enable_flows",
    "engine_closed",
]


class DisabledFlow:
    """Accepts any arguments, and raises."""

    __slots__ = ("_reason",)

    def __init__(self, reason: Callable[[], Exception]) -> None:
        self._reason = reason

    async def __call__(self, *_arguments: object, **_named: object) -> NoReturn:
        """Raise the reason."""
        raise self._reason()


def engine_closed() -> RuntimeError:
    """Return the exception that a closed engine raises."""
    return RuntimeError("The engine is closed.")


def disable_flows(flows: RealmFlows, reason: Callable[[], Exception]) -> None:
    """Replace every flow of the record, so that whoever holds the record cannot run one either."""
    for field in fields(flows):
        if callable(getattr(flows, field.name)):
            setattr(flows, field.name, DisabledFlow(reason))


def enable_flows(flows: RealmFlows, composed: RealmFlows) -> None:
    """Replace every flow of the record by the composed one, for whoever holds the record."""
    for field in fields(flows):
        setattr(flows, field.name, getattr(composed, field.name))


def disabled_factor(reason: Callable[[], Exception]) -> FactorFlows:
    """Return the flows of a second factor that nobody can have: each raises the reason."""
    disabled: Any = DisabledFlow(reason)
    return FactorFlows(
        mfa_setup=disabled,
        mfa_verify_enable=disabled,
        mfa_challenge=disabled,
        mfa_disable=disabled,
        mfa_recovery_codes=disabled,
        reset_mfa=disabled,
    )


def disabled_platform() -> RealmFlows:
    """Return the flows of a platform realm that is turned off: each raises `PlatformAuthRequired`."""
    disabled: Any = DisabledFlow(PlatformAuthRequired)
    return RealmFlows(
        login=disabled,
        logout=disabled,
        refresh=disabled,
        authenticate=disabled,
        me=disabled,
        revoke_all_sessions=disabled,
        unlock_account=disabled,
        is_account_locked=disabled,
        account_lockout_seconds=disabled,
        hierarchy=None,
        **vars(disabled_factor(PlatformAuthRequired)),
    )
