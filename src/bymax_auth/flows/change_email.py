"""
Change email: a signed-in user asks for a new address, and the link mailed there changes it.

    request   account, local password? ─no─▶ refuse
                │ yes
              blocked? ─yes─▶ refuse with the status
                │ no
              current password, counted ─wrong─▶ refuse
                │ right
              address free in the tenant? ─no─▶ refuse
                │ yes
              mail a link to the new address ─fails─▶ delete the token, fail
    confirm   consume the token ──▶ password unchanged since, proofs not ended? ─no─▶ refuse
                │ yes
              blocked? ─yes─▶ refuse with the status
                │ no
              address still free? ─no─▶ refuse
                │ yes
              end every proof ──▶ write, if address and password are still stored ──▶ mail the old address
                ▼
              address verified

Rule 1: the link is mailed before the request is answered: whoever asked must know if it was not sent, and has
proven to own the account, so that the time this takes tells them nothing.
Rule 2: proofs end before the address is written: a crash in between leaves the old address without proofs,
but never the new one with a link or code that was mailed to the old.
Rule 3: receiving the link proves the new address, so it is verified from then on.  No session ends.
"""

from dataclasses import dataclass, replace

from bymax_auth.errors import (
    EmailAlreadyExists,
    EmailChangeTokenInvalid,
    FieldError,
    InvalidCredentials,
    MailFailed,
    RepositoryConflict,
    RepositoryValueRefused,
    ValidationFailed,
)
from bymax_auth.ports.events import EmailChanged, EmailChangeProofStale, EmailChangeRequested, EventSink
from bymax_auth.services.account_status import AccountStatus
from bymax_auth.services.accounts import TenantScopedUsers
from bymax_auth.services.address_verification import AddressVerification
from bymax_auth.services.addresses import canonical_email, stored_address
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.email_change_proofs import EmailChangeProofs
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.mail import Mailer, Recipient
from bymax_auth.services.password_text import require_password
from bymax_auth.services.reauthentication import Reauthentication
from bymax_auth.types.account import AuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm

__all__ = ["ConfirmEmailChange", "RequestEmailChange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEmailChange:
    """The request for another address."""

    users: TenantScopedUsers
    identifiers: Identifiers
    account_status: AccountStatus
    reauthentication: Reauthentication
    proofs: EmailChangeProofs
    mailer: Mailer
    background: BackgroundTasks
    failures: FailureReporter
    events: EventSink

    async def __call__(
        self,
        user_id: str,
        *,
        tenant_id: str,
        new_email: str,
        current_password: str,
        context: RequestContext | None = None,
    ) -> None:
        """
        Mail a link to the new address, with a token that `ConfirmEmailChange` accepts.

        The mail is in the language of `context`.

        Raises:
            InvalidCredentials: The current password is wrong, or the account is gone or has no local
                password.
            AccountLocked: Too many wrong current passwords; `retry_after` says for how long.
            TooManyRequests: Too many requests of this account are in flight.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            EmailAlreadyExists: The account, or another one of the tenant, has this address.
            ValidationFailed: The input breaks a rule of form.
            Overloaded: Password hashing is at its bound.
            MailFailed: The mail was not accepted; there is no token then.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        email = canonical_email(new_email, "newEmail")
        require_password(current_password, "currentPassword", 1)
        subject = self.identifiers.subject(Realm.DASHBOARD, user_id, tenant_id)
        user = await self.users.find_by_id(user_id, tenant_id=tenant_id)
        if user is None or user.password_hash is None:
            raise InvalidCredentials
        await self.account_status.assert_allowed(user)
        await self.reauthentication.prove(subject, current_password, user.password_hash)
        if email == stored_address(user) or await self.users.is_taken(email, tenant_id=tenant_id):
            raise EmailAlreadyExists
        await self.background.shielded(self._send(user, Recipient(user, email, context or RequestContext())))

    async def _send(self, user: AuthUser, to: Recipient) -> None:
        token = await self.proofs.mint(user, to.email)
        try:
            await self.mailer.email_change_verification(to, token)
        except BaseException as error:  # closing the engine cancels this, and the mail is not sent either
            await self.proofs.forget(token)
            if isinstance(error, Exception):
                origin = "email.email_change_verification"
                raise self.failures.stand_in(origin, error, MailFailed()) from None
            raise
        self.events.emit(EmailChangeRequested(user_id=user.id, tenant_id=user.tenant_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmEmailChange:
    """The change to an address that a mailed token has proven."""

    users: TenantScopedUsers
    account_status: AccountStatus
    proofs: EmailChangeProofs
    verification: AddressVerification
    mailer: Mailer
    background: BackgroundTasks
    events: EventSink

    async def __call__(self, token: str, *, context: RequestContext | None = None) -> None:
        """
        Give the account the address that the token was mailed to, and end every other proof of the account.

        The token names account and tenant.  The notice to the old address is in the language of `context`.

        Raises:
            EmailChangeTokenInvalid: The token is unknown, used or expired, or the account is gone, or has
                another password or address since.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account is blocked.
            EmailAlreadyExists: An account of the tenant has the address by now.
            ValidationFailed: The repository cannot hold the address.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        await self.background.shielded(self._confirm(token, context or RequestContext()))

    async def _confirm(self, token: str, context: RequestContext) -> None:
        proven = await self.proofs.redeem(token)
        if proven is None:
            raise EmailChangeTokenInvalid
        user = await self.users.find_by_id(proven.user_id, tenant_id=proven.tenant_id)
        if user is None:
            raise EmailChangeTokenInvalid
        if not await self.proofs.fits(proven, user):
            self.events.emit(EmailChangeProofStale(user_id=user.id, tenant_id=user.tenant_id))
            raise EmailChangeTokenInvalid
        await self.account_status.assert_allowed(user)
        if await self.users.is_taken(proven.new_email, tenant_id=user.tenant_id):
            raise EmailAlreadyExists
        await self.proofs.end_all(user)
        await self._write(user, proven.new_email)
        self.events.emit(EmailChanged(user_id=user.id, tenant_id=user.tenant_id))
        self.mailer.email_changed(Recipient(user, user.email, context), proven.new_email)
        if user.email_verified:
            await self.account_status.forget(user.id, user.tenant_id)
        else:
            await self.verification.record(replace(user, email=proven.new_email), context)

    async def _write(self, user: AuthUser, new_email: str) -> None:
        """Store the address in place of the one that was read, under the password that was read."""
        try:
            written = await self.users.update_email(
                user.id,
                new_email,
                tenant_id=user.tenant_id,
                expected_email=user.email,
                expected_hash=user.password_hash,
            )
        except RepositoryConflict:
            raise EmailAlreadyExists from None
        except RepositoryValueRefused as refused:
            raise ValidationFailed(fields=(FieldError("newEmail", refused.fault),)) from None
        if not written:
            raise EmailChangeTokenInvalid
