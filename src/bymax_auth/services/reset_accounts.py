"""Which account a reset proof still stands for: one that has not changed since the proof was issued."""

from dataclasses import dataclass

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.errors import PasswordResetTokenInvalid
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.ports.events import EventSink, IdentityUnlinked, ResetProofStale
from bymax_auth.ports.one_time import ResetContext
from bymax_auth.services.account_status import StatusGate
from bymax_auth.services.reset_proofs import ResetProofs
from bymax_auth.types.account import AuthUser

__all__ = ["ResetAccounts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetAccounts:
    """Finds the accounts of consumed proofs."""

    users: UserRepository
    proofs: ResetProofs
    status_gate: StatusGate
    events: EventSink

    async def of_proof(self, proven: ResetContext, *, tenant_id: str, email: str) -> AuthUser:
        """
        Return the account of a proof that was presented for this tenant and canonical address.

        Raises:
            PasswordResetTokenInvalid: It was issued for another address or tenant, or the account is gone,
                blocked, or has another password or address since.
            RepositoryBackendError: The repository failed.
        """
        same_address = ct_eq_text(proven.email, email)
        same_tenant = ct_eq_text(proven.tenant_id, tenant_id)
        if not (same_address and same_tenant):
            raise PasswordResetTokenInvalid
        user = self._allowed(await self.users.find_by_id(proven.user_id, tenant_id=tenant_id))
        if not await self.proofs.fits(proven, user):
            self.events.emit(ResetProofStale(user_id=user.id, tenant_id=user.tenant_id))
            raise PasswordResetTokenInvalid
        return user

    async def of_address(self, *, tenant_id: str, email: str) -> AuthUser:
        """
        Return the account of an address, for a code of an implementation that does not record the account.

        Raises:
            PasswordResetTokenInvalid: There is none, or it is blocked.
            RepositoryBackendError: The repository failed.
        """
        return self._allowed(await self.users.find_by_email(email, tenant_id=tenant_id))

    async def remove_identities(self, user: AuthUser) -> None:
        """
        Remove what providers say of an account whose address nobody had proved until now.

        Its identities are those of whoever created it.  Nothing is done for a verified account.

        Raises:
            RepositoryBackendError: The repository failed.
        """
        # The user's own columns show an identity where there is any; a host may support none.
        if user.email_verified or user.oauth_provider is None:
            return
        for one in await self.users.list_identities(user.id, tenant_id=user.tenant_id):
            await self.users.unlink_oauth(user.id, one.provider, one.provider_id, tenant_id=user.tenant_id)
            event = IdentityUnlinked(user_id=user.id, tenant_id=user.tenant_id, provider=one.provider)
            self.events.emit(event)

    def _allowed(self, user: AuthUser | None) -> AuthUser:
        if user is None or self.status_gate.blocks(user.status):
            raise PasswordResetTokenInvalid
        return user
