"""
The end of a sign-in whose credential is proven: a session, or the challenge of a second factor.

    second factor? ─yes─▶ a temporary token
      │ no
    session, unless the epoch has been raised ─Stale─▶ back to the flow
      │
    record the sign-in ──▶ call the hook, both after the answer
"""

from dataclasses import dataclass
from functools import partial

from bymax_auth.config.constants import BACKGROUND_TASK_TIMEOUT
from bymax_auth.ports.accounts import Accounts
from bymax_auth.ports.events import EventSink, FactorNotConfigured, LoginChallenged, LoginSucceeded
from bymax_auth.ports.hooks import HookContext
from bymax_auth.ports.sessions import FIRST_EPOCH, Stale
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.challenge_tokens import ChallengeTokens
from bymax_auth.services.hooks import HookRunner
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.services.session_issuer import SessionIssuer
from bymax_auth.types.account import Account, SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.results import LoginResult, MfaChallengeResult

__all__ = ["SignIns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIns:
    """Signs accounts in; without `challenges` an account with a second factor cannot sign in."""

    policy: RealmPolicy
    accounts: Accounts
    identifiers: Identifiers
    issuer: SessionIssuer
    hooks: HookRunner
    background: BackgroundTasks
    events: EventSink
    challenges: ChallengeTokens | None = None

    async def open(
        self, account: Account, context: RequestContext, about: HookContext, *, epoch: int | None
    ) -> LoginResult | Stale:
        """
        Return a new session of the account, or the challenge of its second factor.

        Args:
            account: The account, whose credential is proven and which may sign in.
            context: The request.
            about: What the hook is told.
            epoch: The epoch that was read before the account, ``None`` for an account that is new and has the
                first one.  Nobody is alerted to the first session of a new account.

        Raises:
            MfaNotConfigured: The account has a second factor, and mfa is not configured.
            ExtraClaimsFailed: The host's claims cannot be put into a token.
            StoreUnavailable: A store did not answer, or is full.
        """
        expected = FIRST_EPOCH if epoch is None else epoch
        if account.mfa_enabled:
            return await self._challenge(account, expected)
        outcome = await self.issuer.issue(
            account, context, mfa_verified=False, expected_epoch=expected, alert=epoch is not None
        )
        if isinstance(outcome, Stale):
            return outcome
        tenant_id = self.policy.tenant_of(account)
        self.events.emit(LoginSucceeded(realm=self.policy.realm, user_id=account.id, tenant_id=tenant_id))
        record_login = self.accounts.update_last_login(account.id, tenant_id=tenant_id)
        self.background.spawn("update_last_login", record_login, BACKGROUND_TASK_TIMEOUT)
        user = self.policy.safe(account)
        if isinstance(user, SafeAuthUser):  # hooks are not told of administrators
            self.hooks.notify("after_login", partial(self.hooks.hooks.after_login, user, about))
        return outcome

    async def _challenge(self, account: Account, epoch: int) -> MfaChallengeResult:
        realm, tenant_id = self.policy.realm, self.policy.tenant_of(account)
        if self.challenges is None:
            self.events.emit(FactorNotConfigured(realm=realm, user_id=account.id, tenant_id=tenant_id))
            raise self.policy.mfa_unavailable()
        subject = self.identifiers.subject(realm, account.id, tenant_id)
        challenge = await self.challenges.issue(subject, epoch)
        self.events.emit(LoginChallenged(realm=realm, user_id=account.id, tenant_id=tenant_id))
        return challenge
