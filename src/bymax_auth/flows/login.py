"""
Login: exchange an address and a password for a session.

    begin ─Locked─▶ refuse (429), nothing is looked up
      │
    before_login ─raises─▶ forbidden
      │
    account and password ─no─▶ count a failure, wait for the minimum duration, refuse
      │ yes
    blocked? unverified? ─yes─▶ refuse with the reason: only the owner gets here
      │ no
    clear failures ‖ read epoch ─▶ still allowed, same password? ─no─▶ refuse, nothing is counted
      │ yes
    second factor? ─yes─▶ no session, but a token to prove it with
      │ no
    session, unless the epoch has been raised

Rule 1: every begun attempt ends exactly once.  A wrong password is a failure, a proven one is a
success, and every other exit is neither.
Rule 2: the password is proven before any state of the account is revealed.
Rule 3: an unknown address, an account without a password and a wrong password cost the same
derivation, take the same time and get the same response.
Rule 4: the epoch is read before the account is read again.  A password reset writes the hash
before it raises the epoch, so a sign-in with the old password meets one of the two.
"""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

from bymax_auth.config.constants import BACKGROUND_TASK_TIMEOUT
from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.errors import AccountLocked, AuthError, EmailNotVerified, InvalidCredentials, Overloaded
from bymax_auth.ports.accounts import Accounts
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import EventSink, LoginLocked, LoginRefused
from bymax_auth.ports.hooks import HookContext, LoginFailure, LoginFailureReason
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.ports.sessions import Stale
from bymax_auth.services.account_status import StatusGate
from bymax_auth.services.addresses import canonical_email
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.client_networks import queue_share
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.lockout import Attempt, Lockout
from bymax_auth.services.password_text import require_password
from bymax_auth.services.passwords import Passwords
from bymax_auth.services.privacy import mask_email
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.services.sign_ins import SignIns
from bymax_auth.services.waiting import MinimumDuration, together
from bymax_auth.types.account import Account
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from bymax_auth.types.results import LoginResult

__all__ = ["Login"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _SignIn:
    """One sign-in, with the values in the form of keys and lookups."""

    email: str
    tenant_id: str | None
    password: str = field(repr=False)
    context: RequestContext

    def about(self, account: Account | None = None) -> HookContext:
        return hook_context(
            self.context,
            user_id=None if account is None else account.id,
            email=self.email,
            tenant_id=self.tenant_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The sign-in flow."""

    policy: RealmPolicy
    accounts: Accounts
    resolve_tenant: Callable[[str | None, RequestContext], Awaitable[str | None]]
    identifiers: Identifiers
    lockout: Lockout
    passwords: Passwords
    status_gate: StatusGate
    revocation: RevocationStore
    sign_ins: SignIns
    hooks: HookRunner
    background: BackgroundTasks
    events: EventSink
    clock: Clock
    rehash_on_verify: bool

    async def __call__(self, credentials: LoginInput, context: RequestContext) -> LoginResult:
        """
        Return a new session of the account that the credentials name, or the challenge of its second factor.

        Raises:
            InvalidCredentials: The address and the password do not belong together, or the
                account changed during the check.
            AccountLocked: The address has failed too often; `retry_after` says for how long.
            TooManyRequests: Too many sign-ins with this address are in flight.
            Forbidden: The `before_login` hook or the tenant resolver refused.
            EmailNotVerified: The password is right, and the address not verified.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The password is
                right, and the account blocked.
            Overloaded: Password hashing is at its bound.
            ValidationFailed: The input breaks a rule of form, or names no tenant.
            MfaNotConfigured: The account has a second factor, and mfa is not configured.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        email = canonical_email(credentials.email)
        require_password(credentials.password, "password", 1)
        tenant_id = await self.resolve_tenant(credentials.tenant_id, context)
        sign_in = _SignIn(email=email, tenant_id=tenant_id, password=credentials.password, context=context)

        async with await self._begin(sign_in) as attempt:
            if self.policy.fires_login_hooks:
                await self.hooks.before_login(email, self.policy.hook_tenant(tenant_id), sign_in.about())
            minimum = self.passwords.minimum_duration(sign_in.password)
            try:
                account, epoch = await self._prove(sign_in, attempt, minimum)
                return await self._open_session(sign_in, account, epoch)
            except Exception as error:
                if isinstance(error, InvalidCredentials) or not isinstance(error, AuthError):
                    await minimum.wait()
                raise

    async def _begin(self, sign_in: _SignIn) -> Attempt:
        counter = self.identifiers.login_counter(self.policy.realm, sign_in.tenant_id, sign_in.email)
        try:
            return await self.lockout.begin(counter)
        except AccountLocked:
            self.events.emit(
                LoginLocked(
                    realm=self.policy.realm,
                    masked_email=mask_email(sign_in.email),
                    tenant_id=sign_in.tenant_id,
                )
            )
            self._notify_failure(sign_in, None, LoginFailureReason.LOCKED_OUT)
            raise

    async def _prove(
        self, sign_in: _SignIn, attempt: Attempt, minimum: MinimumDuration
    ) -> tuple[Account, int]:
        """Return the account as read after the password was proven, and an epoch read before the account."""
        verify = partial(
            self.passwords.verify,
            client=queue_share(sign_in.context.ip),
            attempt=attempt,
            minimum=minimum,
        )
        account = await self.accounts.find_by_email(sign_in.email, tenant_id=sign_in.tenant_id)
        if account is None or account.password_hash is None:
            await verify(sign_in.password, self.passwords.sentinel)
            await self._refuse(sign_in, account, attempt)
        verdict = await verify(sign_in.password, account.password_hash)
        if not verdict.matched:
            await self._refuse(sign_in, account, attempt)

        self._require_allowed(sign_in, account)
        subject = self.identifiers.subject(self.policy.realm, account.id, sign_in.tenant_id)
        _, epoch = await together(attempt.ok(), self.revocation.current_epoch(subject))
        current = await self.accounts.find(account.id, tenant_id=sign_in.tenant_id)
        if current is None or current.password_hash is None or not self._is_allowed(current):
            raise InvalidCredentials
        if not ct_eq_text(current.password_hash, account.password_hash):
            # Another sign-in may have rehashed the same password.
            verdict = await verify(sign_in.password, current.password_hash)
            if not verdict.matched:
                raise InvalidCredentials

        if verdict.needs_rehash and self.rehash_on_verify:
            rehash = self._rehash(sign_in, current.id, current.password_hash)
            self.background.spawn("rehash", rehash, BACKGROUND_TASK_TIMEOUT)
        return current, epoch

    async def _open_session(self, sign_in: _SignIn, account: Account, epoch: int) -> LoginResult:
        outcome = await self.sign_ins.open(account, sign_in.context, sign_in.about(account), epoch=epoch)
        if isinstance(outcome, Stale):
            raise InvalidCredentials
        return outcome

    def _require_allowed(self, sign_in: _SignIn, account: Account) -> None:
        """Refuse an account that may not sign in; its owner, who proved the password, learns the reason."""
        try:
            self.status_gate.check(account.status)
        except AuthError:
            self._notify_failure(sign_in, account, LoginFailureReason.ACCOUNT_BLOCKED)
            raise
        if not self.policy.verified(account):
            self._notify_failure(sign_in, account, LoginFailureReason.EMAIL_NOT_VERIFIED)
            raise EmailNotVerified

    def _is_allowed(self, account: Account) -> bool:
        return not self.status_gate.blocks(account.status) and self.policy.verified(account)

    async def _refuse(self, sign_in: _SignIn, account: Account | None, attempt: Attempt) -> NoReturn:
        self.events.emit(
            LoginRefused(
                realm=self.policy.realm, masked_email=mask_email(sign_in.email), tenant_id=sign_in.tenant_id
            )
        )
        failures = await attempt.fail()
        self._notify_failure(sign_in, account, LoginFailureReason.INVALID_CREDENTIALS)
        if self.lockout.is_locked(failures):
            self.hooks.notify(
                "on_lockout",
                partial(
                    self.hooks.hooks.on_lockout,
                    sign_in.email,
                    self.policy.hook_tenant(sign_in.tenant_id),
                    math.ceil(failures.remaining.total_seconds()),
                    sign_in.about(account),
                ),
            )
        raise InvalidCredentials

    def _notify_failure(self, sign_in: _SignIn, account: Account | None, reason: LoginFailureReason) -> None:
        failure = LoginFailure(
            email=sign_in.email,
            tenant_id=self.policy.hook_tenant(sign_in.tenant_id),
            user_id=None if account is None else account.id,
            reason=reason,
        )
        self.hooks.notify(
            "on_login_failed", partial(self.hooks.hooks.on_login_failed, failure, sign_in.about(account))
        )

    async def _rehash(self, sign_in: _SignIn, user_id: str, proven_hash: str) -> None:
        """Store a hash at the configured cost, unless the password was changed meanwhile."""
        try:
            upgraded = await self.passwords.hash(sign_in.password, client=queue_share(sign_in.context.ip))
        except Overloaded:
            return
        await self.accounts.update_password(
            user_id, upgraded, tenant_id=sign_in.tenant_id, expected_hash=proven_hash
        )
