"""
Which account statuses may sign in: the check itself, and its cached form for request guards.

    read the account ──▶ cache its status ──▶ read the account again ──changed, or no answer─▶ drop the status

The status is cached after the answer.  A host may change the account and drop the cached status in between:
what is cached then is older than that, and would be used until it expires.  A write of the cache
that was not answered counts as made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bymax_auth.config.constants import BACKGROUND_TASK_TIMEOUT
from bymax_auth.errors import (
    AccountBanned,
    AccountInactive,
    AccountSuspended,
    AuthError,
    EmailNotVerified,
    PendingApproval,
    TokenInvalid,
)
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.types.account import AuthUser
from bymax_auth.types.identity import Realm, Subject
from bymax_auth.types.session import CachedStatus

__all__ = ["AccountStatus", "StatusGate"]

# Statuses are the host's own strings; only ASCII letters fold, so that no two of them become equal.
_ASCII_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

_REFUSALS: Final[dict[str, type[AuthError]]] = {
    "banned": AccountBanned,
    "inactive": AccountInactive,
    "suspended": AccountSuspended,
    "pending": PendingApproval,
    "pending_approval": PendingApproval,
}


class StatusGate:
    """Refuses blocked statuses, compared without regard to ASCII case."""

    __slots__ = ("_blocked",)

    def __init__(self, blocked_statuses: Iterable[str]) -> None:
        self._blocked = frozenset(status.translate(_ASCII_LOWER) for status in blocked_statuses)

    def blocks(self, status: str) -> bool:
        """Say whether the status is blocked."""
        return status.translate(_ASCII_LOWER) in self._blocked

    def check(self, status: str) -> None:
        """
        Raise unless the status is allowed.

        Raises:
            AccountBanned, AccountInactive, AccountSuspended, PendingApproval: The status is
                blocked; a status without an error of its own counts as inactive.
        """
        if self.blocks(status):
            raise _REFUSALS.get(status.translate(_ASCII_LOWER), AccountInactive)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """
    The status check of request guards, which may use the cache.

    `cached` is what the cache held when the access token was checked, in the same round trip.
    """

    users: UserRepository
    revocation: RevocationStore
    identifiers: Identifiers
    gate: StatusGate
    background: BackgroundTasks
    cache_ttl: timedelta
    verification_required: bool

    async def assert_active(
        self, user_id: str, *, tenant_id: str, cached: CachedStatus | None = None
    ) -> None:
        """
        Raise unless the account exists and is not blocked.

        Raises:
            TokenInvalid: The account is gone.
            AccountBanned, AccountInactive, AccountSuspended, PendingApproval: It is blocked.
            RepositoryBackendError: The repository failed.
        """
        known = self._usable(cached) or await self._read(user_id, tenant_id)
        self.gate.check(known.status)

    async def assert_active_and_verified(
        self, user_id: str, *, tenant_id: str, cached: CachedStatus | None = None
    ) -> None:
        """
        As `assert_active`; where verification is required, the address must be verified too.

        Raises:
            EmailNotVerified: The address is not verified.
        """
        known = self._usable(cached)
        if known is None or (self.verification_required and known.email_verified is None):
            known = await self._read(user_id, tenant_id)
        self.gate.check(known.status)
        if self.verification_required and not known.email_verified:
            raise EmailNotVerified

    async def assert_allowed(self, user: AuthUser) -> None:
        """
        Raise if an account that was just read is blocked.

        A guard that let its caller in has used an older status: the cached one is deleted.

        Raises:
            AccountBanned, AccountInactive, AccountSuspended, PendingApproval: It is blocked.
            StoreUnavailable: The cached status could not be deleted.
        """
        try:
            self.gate.check(user.status)
        except AuthError:
            await self.forget(user.id, user.tenant_id)
            raise

    async def forget(self, user_id: str, tenant_id: str) -> None:
        """Delete the cached status of the account.  Idempotent."""
        await self.revocation.forget_status(self._subject(user_id, tenant_id))

    def _usable(self, cached: CachedStatus | None) -> CachedStatus | None:
        return cached if self.cache_ttl else None

    async def _read(self, user_id: str, tenant_id: str) -> CachedStatus:
        user = await self.users.find_by_id(user_id, tenant_id=tenant_id)
        if user is None:
            raise TokenInvalid
        return self._remember(user)

    def _remember(self, user: AuthUser) -> CachedStatus:
        status = CachedStatus(user.status, user.email_verified)
        if self.cache_ttl:
            self.background.spawn("status_cache", self._cache(user, status), BACKGROUND_TASK_TIMEOUT)
        return status

    async def _cache(self, user: AuthUser, status: CachedStatus) -> None:
        subject = self._subject(user.id, user.tenant_id)
        is_current = False
        try:
            # A write without an answer may have been made all the same.
            await self.revocation.remember_status(subject, status, self.cache_ttl)
            now = await self.users.find_by_id(user.id, tenant_id=user.tenant_id)
            is_current = now is not None and CachedStatus(now.status, now.email_verified) == status
        finally:
            if not is_current:
                await self.revocation.forget_status(subject)

    def _subject(self, user_id: str, tenant_id: str) -> Subject:
        return self.identifiers.subject(Realm.DASHBOARD, user_id, tenant_id)
