"""
Creation of an account by the person who will own it, at registration and on accepting an invitation.

    profile ──▶ row ──conflict─▶ refuse
                 │
               may it sign in? ─no─▶ the account alone
                 │ yes
               the first session; if the epoch was raised, that of the account as it is by then, unless it may
               not sign in any more or has another password
                 │
               no alert to the person who has just opened it
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import cast

from pydantic import BaseModel, ValidationError

from bymax_auth.config.enums import RegistrationSession
from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.errors import (
    EmailAlreadyExists,
    FieldError,
    RepositoryConflict,
    RepositoryValueRefused,
    ValidationFailed,
)
from bymax_auth.ports.sessions import FIRST_EPOCH, Stale
from bymax_auth.services.account_status import StatusGate
from bymax_auth.services.accounts import TenantScopedUsers
from bymax_auth.services.session_issuer import SessionIssuer
from bymax_auth.types.account import AuthUser, CreateUserData, SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.results import AccountCreated, AuthResult, RegistrationResult

__all__ = ["NewAccounts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccounts:
    """Creates accounts of tenants' users, and opens their first sessions."""

    users: TenantScopedUsers
    issuer: SessionIssuer
    status_gate: StatusGate
    session: RegistrationSession
    verification_required: bool
    profile: type[BaseModel] | None

    def profile_of(self, given: BaseModel | None) -> BaseModel | None:
        """
        Return the profile; without one, that of a model whose fields all have defaults.

        Raises:
            ValidationFailed: It is missing, or of another model, or there is no model.
        """
        if self.profile is None:
            if given is None:
                return None
            raise ValidationFailed(fields=(FieldError("profile", "is not allowed"),))
        if given is None:
            try:
                return self.profile()
            except ValidationError:
                raise ValidationFailed(fields=(FieldError("profile", "is required"),)) from None
        if isinstance(given, self.profile):
            return given
        raise ValidationFailed(fields=(FieldError("profile", "is not valid"),))

    async def create(self, data: CreateUserData, *, sent: AbstractSet[str]) -> AuthUser:
        """
        Store an account; `sent` names the fields that the client has sent, and can send otherwise.

        Raises:
            EmailAlreadyExists: The tenant has an account with this address.
            ValidationFailed: The repository cannot hold a value that the client has sent.
            RepositoryValueRefused: It cannot hold another value.
            RepositoryBackendError: The repository failed.
        """
        try:
            return await self.users.create(data)
        except RepositoryConflict:
            raise EmailAlreadyExists from None
        except RepositoryValueRefused as refused:
            if refused.field.partition(".")[0] not in sent:
                raise
            raise ValidationFailed(fields=(FieldError(refused.field, refused.fault),)) from None

    async def open_session(self, user: AuthUser, context: RequestContext) -> RegistrationResult:
        """
        Return a new account, with its first session if it may sign in.

        An account that has become somebody else's since gets no session.

        Raises:
            StoreUnavailable: The session store did not answer, or is full.
            RepositoryBackendError: The repository failed.
        """
        if not self._may_sign_in(user):
            return AccountCreated(user=SafeAuthUser.from_user(user))
        outcome = await self._issue(user, context, epoch=FIRST_EPOCH)
        if isinstance(outcome, Stale):
            # Meanwhile somebody has proven the address and got the account, or an administrator has
            # changed it; or its id was another's before.
            current = await self.users.find_by_id(user.id, tenant_id=user.tenant_id)
            if current is not None and ct_eq_text(current.password_hash or "", user.password_hash or ""):
                user = current
                if self._may_sign_in(user):
                    outcome = await self._issue(user, context, epoch=outcome.epoch)
        return AccountCreated(user=SafeAuthUser.from_user(user)) if isinstance(outcome, Stale) else outcome

    async def _issue(self, user: AuthUser, context: RequestContext, *, epoch: int) -> AuthResult | Stale:
        issued = self.issuer.issue(user, context, mfa_verified=False, expected_epoch=epoch, alert=False)
        return cast("AuthResult | Stale", await issued)

    def _may_sign_in(self, user: AuthUser) -> bool:
        if self.status_gate.blocks(user.status):
            return False
        proven = user.email_verified or not self.verification_required
        return proven or self.session is RegistrationSession.ALWAYS
