"""
Register: create an account, and sign it in if it may.

    before_register ─refuses, raises─▶ forbidden
      │
    address in use? ─yes─▶ one derivation, as for a new account ──▶ refuse
      │ no
    password acceptable? ─no─▶ refuse
      │ yes
    hash ──▶ create ─conflict─▶ refuse
               │
             may it sign in? ─no─▶ verification code ──▶ call the hook, no session
               │ yes
             session ‖ verification code ──▶ call the hook

A blocked account, such as one that waits for approval, gets no session.  Whether an unverified one does is
configured: a session lets the application say "check your inbox", while the next sign-in and every refresh
require a verified address.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from bymax_auth.config.constants import VERIFICATION_OTP_LENGTH
from bymax_auth.errors import EmailAlreadyExists, InternalError
from bymax_auth.ports.events import EventSink, RegisterSucceeded
from bymax_auth.ports.hooks import RegisterAttempt
from bymax_auth.ports.one_time import OtpPurpose
from bymax_auth.services.accounts import TenantScopedUsers
from bymax_auth.services.addresses import canonical_email, require_display_name
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.client_networks import queue_share
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.mail import Mailer, Recipient
from bymax_auth.services.new_accounts import NewAccounts
from bymax_auth.services.one_time_codes import OneTimeCodes
from bymax_auth.services.password_text import require_password
from bymax_auth.services.passwords import Passwords
from bymax_auth.services.tenants import TenantResolution
from bymax_auth.services.waiting import together
from bymax_auth.types.account import CreateUserData, SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import RegisterInput
from bymax_auth.types.results import RegistrationResult

__all__ = ["Register"]

_SENT: Final = frozenset({"email", "name", "profile", "tenantId"})
"""The fields of an account that a client sends, and can send otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The registration flow; `code_ttl` is ``None`` when addresses are not verified."""

    users: TenantScopedUsers
    accounts: NewAccounts
    tenants: TenantResolution
    passwords: Passwords
    codes: OneTimeCodes
    mailer: Mailer
    hooks: HookRunner
    background: BackgroundTasks
    events: EventSink
    failures: FailureReporter
    code_ttl: timedelta | None

    async def __call__(self, applicant: RegisterInput, context: RequestContext) -> RegistrationResult:
        """
        Return a new account, with its first session if it may sign in.

        Raises:
            EmailAlreadyExists: The tenant has an account with this address.
            Forbidden: The `before_register` hook or the tenant resolver refused.
            PasswordCompromised: The password is a known one.
            ValidationFailed: The input breaks a rule of form, or names no tenant.
            Overloaded: Password hashing is at its bound.
            StoreUnavailable: A store did not answer.  The account may exist.
            RepositoryBackendError: The repository failed.
        """
        email = canonical_email(applicant.email)
        require_display_name(applicant.name)
        require_password(applicant.password, "password", 8)
        profile = self.accounts.profile_of(applicant.profile)
        tenant_id = await self.tenants.resolve(applicant.tenant_id, context)
        attempt = RegisterAttempt(email=email, name=applicant.name, tenant_id=tenant_id, profile=profile)
        overrides = await self.hooks.before_register(
            attempt, hook_context(context, email=email, tenant_id=tenant_id)
        )
        if await self.users.is_taken(email, tenant_id=tenant_id):
            await self.passwords.verify_sentinel(applicant.password, client=queue_share(context.ip))
            raise EmailAlreadyExists
        await self.passwords.assert_acceptable(applicant.password, "password")
        new_user = CreateUserData(
            email=email,
            name=applicant.name,
            password_hash=await self.passwords.hash(applicant.password, client=queue_share(context.ip)),
            tenant_id=tenant_id,
            role=overrides.role,
            status=overrides.status,
            email_verified=overrides.email_verified if self.code_ttl is None else False,
            profile=profile,
        )
        return await self.background.shielded(self._create(new_user, context))

    async def _create(self, new_user: CreateUserData, context: RequestContext) -> RegistrationResult:
        user = await self.accounts.create(new_user, sent=_SENT)
        result, _ = await together(
            self.accounts.open_session(user, context),
            self._send_code(Recipient(user, new_user.email, context)),
        )
        self.events.emit(RegisterSucceeded(user_id=user.id, tenant_id=user.tenant_id))
        about = hook_context(context, user_id=user.id, email=new_user.email, tenant_id=user.tenant_id)
        self.hooks.notify(
            "after_register", partial(self.hooks.hooks.after_register, SafeAuthUser.from_user(user), about)
        )
        return result

    async def _send_code(self, recipient: Recipient) -> None:
        """Store and mail a verification code.  A failure does not undo the registration."""
        if self.code_ttl is None:
            return
        try:
            code = await self.codes.issue(
                OtpPurpose.EMAIL_VERIFICATION,
                recipient.tenant_id,
                recipient.email,
                length=VERIFICATION_OTP_LENGTH,
                ttl=self.code_ttl,
            )
        except InternalError as error:
            self.failures.report("register.send_code", error)
        else:
            self.mailer.verification_otp(recipient, code)
