"""
The login of a signed-in caller, as what a later request must still find.

A login is the family of a refresh token, so renewals do not matter.  Signing out, a revocation and the cap
end it.
"""

from dataclasses import dataclass

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.ports.sessions import Live, SessionStore
from bymax_auth.services.opaque_tokens import opaque_token_ref
from bymax_auth.types.identity import KeyLayout, Subject

__all__ = ["LoginBinding", "LoginBindings"]


@dataclass(frozen=True, slots=True)
class LoginBinding:
    """A login, and the account's epoch at the time."""

    login: str
    epoch: int


@dataclass(frozen=True, slots=True)
class LoginBindings:
    """Binds to logins of users, and says whether one goes on."""

    sessions: SessionStore
    revocation: RevocationStore
    layout: KeyLayout

    async def of(self, subject: Subject, raw_refresh: str | None) -> LoginBinding | None:
        """
        Return the login of a live refresh token of the account; ``None`` if it is none.

        Raises:
            StoreUnavailable: The store did not answer.
        """
        ref = opaque_token_ref(raw_refresh or "", self.layout)
        if ref is None:
            return None
        # Before the session is read: whatever ends it in between raises the epoch, and the binding is void.
        epoch = await self.revocation.current_epoch(subject)
        match await self.sessions.snapshot(subject.realm, ref):
            case Live(record) if (record.user_id, record.tenant_id) == (subject.user_id, subject.tenant_id):
                return LoginBinding(record.family_id or ref.hash, epoch)
            case _:
                return None

    async def goes_on(self, subject: Subject, binding: LoginBinding) -> bool:
        """
        Say whether the login is live, and no session of the account was revoked since.

        Raises:
            StoreUnavailable: The store did not answer.
        """
        logins = [detail.family_id or detail.session_hash for detail in await self.sessions.list(subject)]
        if not any(ct_eq_text(login, binding.login) for login in logins):
            return False
        return await self.revocation.current_epoch(subject) == binding.epoch
