"""Who may invite: an account that is not blocked, and whose role is the invited one or includes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bymax_auth.errors import AuthError, TokenInvalid
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.services.account_status import AccountStatus, StatusGate
from bymax_auth.services.roles import includes_role
from bymax_auth.types.account import AuthUser

__all__ = ["Inviters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inviters:
    """Reads the accounts that invite, always from the repository, and compares roles."""

    users: UserRepository
    status_gate: StatusGate
    account_status: AccountStatus
    hierarchy: Mapping[str, tuple[str, ...]]

    async def caller(self, user_id: str, tenant_id: str) -> AuthUser:
        """
        Return the signed-in account that calls.

        Raises:
            TokenInvalid: It is gone, or in another tenant.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            RepositoryBackendError: The repository failed.
        """
        user = await self.users.find_by_id(user_id, tenant_id=tenant_id)
        if user is None:
            raise TokenInvalid
        try:
            self.status_gate.check(user.status)
        except AuthError:
            # The guard before this flow read another status: the cached one is out of date.
            await self.account_status.forget(user.id, user.tenant_id)
            raise
        return user

    def declares(self, role: str) -> bool:
        """Say whether the configuration has the role."""
        return role in self.hierarchy

    def may_give(self, inviter: AuthUser, role: str) -> bool:
        """Say whether the inviter's own role is `role` or includes it."""
        return includes_role(self.hierarchy, inviter.role, role)

    async def may_still_give(self, inviter_id: str, role: str, *, tenant_id: str) -> bool:
        """
        Say whether the account exists in the tenant, is not blocked and may give the role.

        Raises:
            RepositoryBackendError: The repository failed.
        """
        inviter = await self.users.find_by_id(inviter_id, tenant_id=tenant_id)
        if inviter is None or self.status_gate.blocks(inviter.status):
            return False
        return self.may_give(inviter, role)
