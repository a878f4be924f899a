"""
Change password: a signed-in user proves the old password and sets a new one.

    account, local password? ─no─▶ refuse
      │ yes
    blocked? ─yes─▶ refuse with the status
      │ no
    begin ─Locked─▶ refuse (429)
      │
    current password ─wrong─▶ count a failure, refuse
      │ right
    new password acceptable? ─no─▶ refuse
      │ yes
    write, if the proven hash is still the stored one ──▶ end every other session ──▶ mail

The new hash is written before sessions end: a crash in between leaves sessions, but not the old
password.
"""

from dataclasses import dataclass, field

from bymax_auth.errors import InvalidCredentials
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.ports.events import EventSink, PasswordChanged
from bymax_auth.services.access_revocation import AccessRevocation
from bymax_auth.services.account_status import AccountStatus
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.mail import Mailer, Recipient
from bymax_auth.services.opaque_tokens import opaque_token_ref
from bymax_auth.services.password_text import require_password
from bymax_auth.services.passwords import Passwords
from bymax_auth.services.reauthentication import Reauthentication
from bymax_auth.types.account import AuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import KeyLayout, Realm, Subject, TokenRef

__all__ = ["ChangePassword"]

_WRITES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """The change of a known password."""

    users: UserRepository
    identifiers: Identifiers
    account_status: AccountStatus
    reauthentication: Reauthentication
    passwords: Passwords
    revoke_access: AccessRevocation
    mailer: Mailer
    background: BackgroundTasks
    events: EventSink
    layout: KeyLayout

    async def __call__(
        self,
        user_id: str,
        *,
        tenant_id: str,
        current_password: str,
        new_password: str,
        current_refresh: str | None = None,
        context: RequestContext | None = None,
    ) -> None:
        """
        Replace the password and end every session except that of `current_refresh`, live or just exchanged.

        The notice to the owner is in the language of `context`.

        Raises:
            InvalidCredentials: The current password is wrong or was changed meanwhile, or the
                account is gone or has no local password.
            AccountLocked: Too many wrong current passwords; `retry_after` says for how long.
            TooManyRequests: Too many changes of this account are in flight.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            PasswordCompromised: The new password is a known one.
            ValidationFailed: The input breaks a rule of form.
            Overloaded: Password hashing is at its bound.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        require_password(current_password, "currentPassword", 1)
        require_password(new_password, "newPassword", 8)
        subject = self.identifiers.subject(Realm.DASHBOARD, user_id, tenant_id)
        user = await self.users.find_by_id(user_id, tenant_id=tenant_id)
        if user is None or user.password_hash is None:
            raise InvalidCredentials
        await self.account_status.assert_allowed(user)
        await self.reauthentication.prove(subject, current_password, user.password_hash)

        await self.passwords.assert_acceptable(new_password, "newPassword")
        change = _Change(
            subject=subject,
            proven=current_password,
            context=context or RequestContext(),
            new_hash=await self.passwords.hash(new_password, client=subject.hash),
            kept_session=opaque_token_ref(current_refresh or "", self.layout),
        )
        await self.background.shielded(self._apply(user, change))

    async def _apply(self, user: AuthUser, change: "_Change") -> None:
        await self.revoke_access.before_write(change.subject)
        await self._write(user, change)
        await self.revoke_access(change.subject, kept=change.kept_session)
        self.events.emit(PasswordChanged(user_id=user.id, tenant_id=user.tenant_id))
        self.mailer.password_changed(Recipient(user, user.email, change.context))

    async def _write(self, user: AuthUser, change: "_Change") -> None:
        """
        Store the new hash in place of the proven one.

        A reset since the proof wins, because it set a newer password; a sign-in that only rehashed the same
        password does not, so the password is verified once more against the new hash.
        """
        proven = user.password_hash
        for _ in range(_WRITES):
            if await self.users.update_password(
                user.id, change.new_hash, tenant_id=user.tenant_id, expected_hash=proven
            ):
                return
            now = await self.users.find_by_id(user.id, tenant_id=user.tenant_id)
            if now is None or now.password_hash is None:
                raise InvalidCredentials
            verdict = await self.passwords.verify(
                change.proven, now.password_hash, client=change.subject.hash
            )
            if not verdict.matched:
                raise InvalidCredentials
            proven = now.password_hash
        raise InvalidCredentials


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A change whose old password was proven and whose new one was accepted."""

    subject: Subject
    proven: str = field(repr=False)
    new_hash: str = field(repr=False)
    context: RequestContext
    kept_session: TokenRef | None
