"""
The host's repositories, with two rules that flows rely on.

Rule 1: an account of another tenant than the one asked for counts as missing, and an event tells the host
to filter its query by tenant.
Rule 2: whatever a repository raises is replaced by `RepositoryBackendError`, without text or cause, or by
`RepositoryUnavailable` if its database is unavailable; only a refused write keeps its meaning.
"""

from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from bymax_auth.errors import (
    RepositoryBackendError,
    RepositoryConflict,
    RepositoryUnavailable,
    RepositoryValueRefused,
)
from bymax_auth.ports.accounts import (
    LinkOutcome,
    PlatformUserRepository,
    UnlinkOutcome,
    UserRepository,
)
from bymax_auth.ports.events import EventSink, TenantMismatch
from bymax_auth.services.diagnostics import is_outage
from bymax_auth.services.failures import FailureReporter
from bymax_auth.types.account import (
    AuthPlatformUser,
    AuthUser,
    CreateUserData,
    CreateWithOAuthData,
    LinkedIdentity,
    UpdateMfaData,
    UpdatePlatformMfaData,
)

__all__ = ["DashboardAccounts", "PlatformAccounts", "TenantScopedUsers"]

_REFUSED_WRITES: Final = (RepositoryConflict, RepositoryValueRefused)
"""What keeps its meaning: a write that the repository refuses."""


@dataclass(frozen=True, slots=True)
class TenantScopedUsers:
    """Implements `UserRepository` over the host's, with both rules."""

    users: UserRepository
    failures: FailureReporter

    async def find_by_id(self, user_id: str, *, tenant_id: str | None) -> AuthUser | None:
        """Return the user of that tenant."""
        # Every request calls this, and a `_Concealed` block would cost it half a microsecond.
        try:
            user = await self.users.find_by_id(user_id, tenant_id=tenant_id)
        except Exception as error:  # noqa: BLE001 - a repository may raise anything
            raise _stand_in(self.failures, "find_by_id", error) from None
        return user if tenant_id is None else _of_tenant(user, tenant_id, self.failures.events)

    async def find_by_email(self, email: str, *, tenant_id: str) -> AuthUser | None:
        """Return the tenant's user with this canonical address."""
        with _Concealed(self.failures, "find_by_email"):
            user = await self.users.find_by_email(email, tenant_id=tenant_id)
        return _of_tenant(user, tenant_id, self.failures.events)

    async def is_taken(self, email: str, *, tenant_id: str) -> bool:
        """Say whether the repository has a row with this address; a row of another tenant counts too."""
        with _Concealed(self.failures, "find_by_email"):
            return await self.users.find_by_email(email, tenant_id=tenant_id) is not None

    async def create(self, data: CreateUserData) -> AuthUser:
        """
        Store a new user.

        Raises:
            RepositoryConflict: The tenant has a user with this address.
            RepositoryValueRefused: The repository cannot hold a value.
            RepositoryBackendError: The repository failed.
        """
        with _Concealed(self.failures, "create", keep=_REFUSED_WRITES):
            return await self.users.create(data)

    async def update_password(
        self, user_id: str, password_hash: str, *, tenant_id: str, expected_hash: str | None = None
    ) -> bool:
        """Store a hash, conditionally when `expected_hash` is given; say whether a row was written."""
        with _Concealed(self.failures, "update_password"):
            return await self.users.update_password(
                user_id, password_hash, tenant_id=tenant_id, expected_hash=expected_hash
            )

    async def update_last_login(self, user_id: str, *, tenant_id: str) -> None:
        """Record a sign-in."""
        with _Concealed(self.failures, "update_last_login"):
            await self.users.update_last_login(user_id, tenant_id=tenant_id)

    async def update_status(self, user_id: str, status: str, *, tenant_id: str) -> None:
        """Store a status."""
        with _Concealed(self.failures, "update_status"):
            await self.users.update_status(user_id, status, tenant_id=tenant_id)

    async def update_email_verified(self, user_id: str, verified: bool, *, tenant_id: str) -> None:
        """Record whether the address is proven."""
        with _Concealed(self.failures, "update_email_verified"):
            await self.users.update_email_verified(user_id, verified, tenant_id=tenant_id)

    async def update_mfa(self, user_id: str, data: UpdateMfaData, *, tenant_id: str) -> None:
        """Replace the user's second factor, all three fields."""
        with _Concealed(self.failures, "update_mfa"):
            await self.users.update_mfa(user_id, data, tenant_id=tenant_id)

    async def update_email(
        self,
        user_id: str,
        email: str,
        *,
        tenant_id: str,
        expected_email: str | None = None,
        expected_hash: str | None = None,
    ) -> bool:
        """
        Store an address, conditionally when an expectation is given; say whether a row was written.

        Raises:
            RepositoryConflict: Another user of the tenant has this address.
            RepositoryValueRefused: The repository cannot hold the address.
            RepositoryBackendError: The repository failed.
        """
        with _Concealed(self.failures, "update_email", keep=_REFUSED_WRITES):
            return await self.users.update_email(
                user_id,
                email,
                tenant_id=tenant_id,
                expected_email=expected_email,
                expected_hash=expected_hash,
            )

    async def find_by_oauth_id(self, provider: str, provider_id: str, *, tenant_id: str) -> AuthUser | None:
        """Return the tenant's user with this identity."""
        with _Concealed(self.failures, "find_by_oauth_id"):
            user = await self.users.find_by_oauth_id(provider, provider_id, tenant_id=tenant_id)
        return _of_tenant(user, tenant_id, self.failures.events)

    async def create_with_oauth(self, data: CreateWithOAuthData) -> AuthUser:
        """
        Store a new user with an identity and no password.

        Raises:
            RepositoryConflict: The tenant has a user with this address or this identity.
            RepositoryValueRefused: The repository cannot hold a value.
            RepositoryBackendError: The repository failed.
        """
        with _Concealed(self.failures, "create_with_oauth", keep=_REFUSED_WRITES):
            return await self.users.create_with_oauth(data)

    async def list_identities(self, user_id: str, *, tenant_id: str) -> tuple[LinkedIdentity, ...]:
        """Return every identity of a user, in the order in which they were linked."""
        with _Concealed(self.failures, "list_identities"):
            return await self.users.list_identities(user_id, tenant_id=tenant_id)

    async def link_oauth(
        self,
        user_id: str,
        provider: str,
        provider_id: str,
        *,
        tenant_id: str,
        as_seen: AuthUser | None = None,
    ) -> LinkOutcome:
        """
        Store a further identity of a user, while the row holds the password of `as_seen`.

        Raises:
            RepositoryConflict: Another user of the tenant has this identity, or there is room for one only.
            RepositoryValueRefused: The repository cannot hold a value.
            RepositoryBackendError: The repository failed.
        """
        with _Concealed(self.failures, "link_oauth", keep=_REFUSED_WRITES):
            return await self.users.link_oauth(
                user_id, provider, provider_id, tenant_id=tenant_id, as_seen=as_seen
            )

    async def unlink_oauth(
        self,
        user_id: str,
        provider: str,
        provider_id: str,
        *,
        tenant_id: str,
        usable: Collection[str] | None = None,
    ) -> UnlinkOutcome:
        """
        Remove an identity of a user; with `usable`, only while there is another way in.

        Raises:
            RepositoryBackendError: The repository failed.
        """
        with _Concealed(self.failures, "unlink_oauth"):
            return await self.users.unlink_oauth(
                user_id, provider, provider_id, tenant_id=tenant_id, usable=usable
            )

    async def remove_credentials(self, user_id: str, email: str, *, tenant_id: str) -> bool:
        """
        Remove the password and every identity of an unverified account; say whether the account is so.

        Raises:
            RepositoryBackendError: The repository failed.
        """
        with _Concealed(self.failures, "remove_credentials"):
            return await self.users.remove_credentials(user_id, email, tenant_id=tenant_id)

    async def reclaim_with_oauth(self, user_id: str, data: CreateWithOAuthData) -> bool:
        """
        Give an account that nobody can use to the person whom a provider has identified; say whether it was.

        Raises:
            RepositoryConflict: Another user of the tenant has this identity.
            RepositoryValueRefused: The repository cannot hold a value.
            RepositoryBackendError: The repository failed.
        """
        with _Concealed(self.failures, "reclaim_with_oauth", keep=_REFUSED_WRITES):
            return await self.users.reclaim_with_oauth(user_id, data)


class DashboardAccounts:
    """Implements `Accounts` over the users of tenants.  Without a tenant there is no account."""

    __slots__ = ("_users",)

    def __init__(self, users: UserRepository, failures: FailureReporter) -> None:
        self._users = TenantScopedUsers(users, failures)

    async def find(self, user_id: str, *, tenant_id: str | None) -> AuthUser | None:
        """Return the account with this id in this tenant."""
        return await self._users.find_by_id(user_id, tenant_id=tenant_id) if tenant_id else None

    async def find_by_email(self, email: str, *, tenant_id: str | None) -> AuthUser | None:
        """Return the account with this canonical address in this tenant."""
        return await self._users.find_by_email(email, tenant_id=tenant_id) if tenant_id else None

    async def update_password(
        self, user_id: str, password_hash: str, *, tenant_id: str | None, expected_hash: str | None = None
    ) -> bool:
        """Store a hash, conditionally when `expected_hash` is given; say whether a row was written."""
        if not tenant_id:
            return False
        return await self._users.update_password(
            user_id, password_hash, tenant_id=tenant_id, expected_hash=expected_hash
        )

    async def update_last_login(self, user_id: str, *, tenant_id: str | None) -> None:
        """Record a sign-in."""
        if tenant_id:
            await self._users.update_last_login(user_id, tenant_id=tenant_id)

    async def update_mfa(self, user_id: str, data: UpdateMfaData, *, tenant_id: str | None) -> None:
        """Replace the account's second factor, all three fields."""
        if tenant_id:
            await self._users.update_mfa(user_id, data, tenant_id=tenant_id)


@dataclass(frozen=True, slots=True)
class PlatformAccounts:
    """Implements `Accounts` over the platform's administrators.  With a tenant there is no account."""

    admins: PlatformUserRepository
    failures: FailureReporter

    async def find(self, user_id: str, *, tenant_id: str | None) -> AuthPlatformUser | None:
        """Return the administrator with this id."""
        if tenant_id is not None:
            return None
        with _Concealed(self.failures, "find_by_id"):
            return await self.admins.find_by_id(user_id)

    async def find_by_email(self, email: str, *, tenant_id: str | None) -> AuthPlatformUser | None:
        """Return the administrator with this canonical address."""
        if tenant_id is not None:
            return None
        with _Concealed(self.failures, "find_by_email"):
            return await self.admins.find_by_email(email)

    async def update_password(
        self, user_id: str, password_hash: str, *, tenant_id: str | None, expected_hash: str | None = None
    ) -> bool:
        """Store a hash, conditionally when `expected_hash` is given; say whether a row was written."""
        if tenant_id is not None:
            return False
        with _Concealed(self.failures, "update_password"):
            return await self.admins.update_password(user_id, password_hash, expected_hash=expected_hash)

    async def update_last_login(self, user_id: str, *, tenant_id: str | None) -> None:
        """Record a sign-in."""
        if tenant_id is None:
            with _Concealed(self.failures, "update_last_login"):
                await self.admins.update_last_login(user_id)

    async def update_mfa(self, user_id: str, data: UpdateMfaData, *, tenant_id: str | None) -> None:
        """Replace the administrator's second factor, all three fields."""
        if tenant_id is None:
            own = UpdatePlatformMfaData(
                mfa_enabled=data.mfa_enabled,
                mfa_secret=data.mfa_secret,
                mfa_recovery_codes=data.mfa_recovery_codes,
            )
            with _Concealed(self.failures, "update_mfa"):
                await self.admins.update_mfa(user_id, own)


def _of_tenant(user: AuthUser | None, tenant_id: str, events: EventSink) -> AuthUser | None:
    if user is None or user.tenant_id == tenant_id:
        return user
    events.emit(TenantMismatch(asked=tenant_id, answered=user.tenant_id))
    return None


class _Concealed:
    """Replaces what a repository raises; a class, because a generator costs every request a microsecond."""

    __slots__ = ("_failures", "_keep", "_operation")

    def __init__(
        self, failures: FailureReporter, operation: str, *, keep: tuple[type[Exception], ...] = ()
    ) -> None:
        self._failures = failures
        self._operation = operation
        self._keep = keep

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, self._keep):
            raise _stand_in(self._failures, self._operation, error) from None


def _stand_in(failures: FailureReporter, operation: str, error: Exception) -> RepositoryBackendError:
    failure = RepositoryUnavailable() if is_outage(error) else RepositoryBackendError()
    return failures.stand_in(f"repository.{operation}", error, failure)
