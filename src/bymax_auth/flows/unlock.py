"""
Unlock: the state of a lockout, and its end by an operator.

    address ──▶ the counter of sign-ins with it ──▶ clear it, those of its codes and of its account
                                                └─▶ locked? for how long?

Neither grants access: the owner still needs the password.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from bymax_auth.ports.accounts import Accounts
from bymax_auth.ports.events import EventSink, LockoutCleared
from bymax_auth.ports.one_time import OtpPurpose
from bymax_auth.services.addresses import canonical_email
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.lockout import REAUTHENTICATING_FLOWS, Lockout
from bymax_auth.services.privacy import mask_email
from bymax_auth.services.realm import RealmPolicy

__all__ = ["LockoutState", "UnlockAccount", "is_locked", "seconds_left"]

ReadingT = TypeVar("ReadingT")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockAccount:
    """The end of a lockout."""

    policy: RealmPolicy
    accounts: Accounts
    identifiers: Identifiers
    lockout: Lockout
    events: EventSink

    async def __call__(self, email: str, *, tenant_id: str | None = None) -> None:
        """
        Clear what was guessed wrongly: passwords and codes of an address, current passwords of its account.

        Idempotent.

        Raises:
            ValidationFailed: The address or the tenant breaks a rule of form.
            StoreUnavailable: The store did not answer.
            RepositoryBackendError: The repository failed.
        """
        address = canonical_email(email)
        counters = [self.identifiers.login_counter(self.policy.realm, tenant_id, address)]
        if tenant_id is not None:
            codes = (self.identifiers.otp(purpose, tenant_id, address) for purpose in OtpPurpose)
            counters += [self.identifiers.wrong_codes(otp) for otp in codes]
        account = await self.accounts.find_by_email(address, tenant_id=tenant_id)
        if account is not None:
            subject = self.identifiers.subject(self.policy.realm, account.id, tenant_id)
            counters += [
                self.identifiers.reauthentication_counter(flow, subject) for flow in REAUTHENTICATING_FLOWS
            ]
        await self.lockout.clear(*counters)
        self.events.emit(
            LockoutCleared(realm=self.policy.realm, masked_email=mask_email(address), tenant_id=tenant_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LockoutState(Generic[ReadingT]):
    """One view of a lockout; `reading` gets the remaining time, ``None`` when there is no lockout."""

    policy: RealmPolicy
    identifiers: Identifiers
    lockout: Lockout
    reading: Callable[[timedelta | None], ReadingT]

    async def __call__(self, email: str, *, tenant_id: str | None = None) -> ReadingT:
        """
        Return the view for an address, known or unknown.

        Raises:
            ValidationFailed: The address or the tenant breaks a rule of form.
            StoreUnavailable: The store did not answer.
        """
        counter = self.identifiers.login_counter(self.policy.realm, tenant_id, canonical_email(email))
        failures = await self.lockout.state(counter)
        return self.reading(failures.remaining if self.lockout.is_locked(failures) else None)


def is_locked(remaining: timedelta | None) -> bool:
    """Say whether a lockout is in force."""
    return remaining is not None


def seconds_left(remaining: timedelta | None) -> int:
    """Return the seconds until a lockout ends, rounded up; 0 when there is none."""
    return 0 if remaining is None else math.ceil(remaining.total_seconds())
