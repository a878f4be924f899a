"""Flows with which an operator reads and ends a lockout."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from bymax_auth.engine.services import Services
from bymax_auth.engine.wiring.realm import RealmServices
from bymax_auth.flows.unlock import LockoutState, UnlockAccount
from bymax_auth.services.realm import RealmPolicy

__all__ = ["lockout_state", "unlock_account"]

ReadingT = TypeVar("ReadingT")


def unlock_account(services: Services, realm: RealmServices) -> UnlockAccount:
    """Return the flow that ends a lockout."""
    return UnlockAccount(
        policy=realm.policy,
        accounts=realm.accounts,
        identifiers=services.identifiers,
        lockout=services.lockout,
        events=services.events,
    )


def lockout_state(
    services: Services, policy: RealmPolicy, reading: Callable[[timedelta | None], ReadingT]
) -> LockoutState[ReadingT]:
    """Return the flow that reads a lockout."""
    return LockoutState(
        policy=policy, identifiers=services.identifiers, lockout=services.lockout, reading=reading
    )
