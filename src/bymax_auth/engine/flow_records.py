"""
The flows of one realm as a record: ``engine.login`` is a `Login`, ``engine.platform.login`` another.

The records are mutable for one writer: closing an engine replaces their flows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bymax_auth.flows.accept_invitation import AcceptInvitation
from bymax_auth.flows.authenticate import Authenticate, Me
from bymax_auth.flows.challenge_mfa import ChallengeMfa
from bymax_auth.flows.change_email import ConfirmEmailChange, RequestEmailChange
from bymax_auth.flows.change_password import ChangePassword
from bymax_auth.flows.enroll_mfa import EnableMfa, SetUpMfa
from bymax_auth.flows.forgot_password import ForgotPassword, ResendResetOtp
from bymax_auth.flows.identities import LinkIdentity, ListIdentities, UnlinkIdentity
from bymax_auth.flows.invite import Invite, RevokeInvitation
from bymax_auth.flows.login import Login
from bymax_auth.flows.logout import Logout
from bymax_auth.flows.manage_mfa import DisableMfa, RegenerateRecoveryCodes, ResetMfa
from bymax_auth.flows.oauth import AcceptOAuthForm, FinishOAuth, StartOAuth
from bymax_auth.flows.refresh import Refresh
from bymax_auth.flows.register import Register
from bymax_auth.flows.reset_password import ResetPassword, VerifyResetOtp
from bymax_auth.flows.sessions import ListSessions, RevokeAllSessions, RevokeOtherSessions, RevokeSession
from bymax_auth.flows.unlock import LockoutState, UnlockAccount
from bymax_auth.flows.verify_email import ResendVerification, VerifyEmail
from bymax_auth.flows.ws_tickets import IssueWsTicket, RedeemWsTicket
from bymax_auth.services.roles import includes_role

__all__ = ["AccountFlows", "FactorFlows", "RealmFlows"]


@dataclass(kw_only=True, eq=False, repr=False)
class FactorFlows:
    """The flows of the second factor, in both realms."""

    mfa_setup: SetUpMfa
    mfa_verify_enable: EnableMfa
    mfa_challenge: ChallengeMfa
    mfa_disable: DisableMfa
    mfa_recovery_codes: RegenerateRecoveryCodes
    reset_mfa: ResetMfa


@dataclass(kw_only=True, eq=False, repr=False)
class RealmFlows(FactorFlows):
    """The flows of both realms."""

    login: Login
    logout: Logout
    refresh: Refresh
    authenticate: Authenticate
    me: Me
    revoke_all_sessions: RevokeAllSessions
    unlock_account: UnlockAccount
    is_account_locked: LockoutState[bool]
    account_lockout_seconds: LockoutState[int]
    hierarchy: Mapping[str, tuple[str, ...]] | None

    def role_satisfies(self, held: str, required: str) -> bool:
        """
        Say whether the role `held` is `required` or includes it, in this realm's hierarchy.

        In a realm without a hierarchy nothing does, not even the same role: it has no roles.
        """
        if self.hierarchy is None:
            return False
        return includes_role(self.hierarchy, held, required)


@dataclass(kw_only=True, eq=False, repr=False)
class AccountFlows(RealmFlows):
    """The flows of users of tenants."""

    register: Register
    verify_email: VerifyEmail
    resend_verification: ResendVerification
    forgot_password: ForgotPassword
    verify_reset_otp: VerifyResetOtp
    resend_reset_otp: ResendResetOtp
    reset_password: ResetPassword
    change_password: ChangePassword
    list_sessions: ListSessions
    revoke_session: RevokeSession
    revoke_other_sessions: RevokeOtherSessions
    invite: Invite
    accept_invitation: AcceptInvitation
    revoke_invitation: RevokeInvitation
    request_email_change: RequestEmailChange
    confirm_email_change: ConfirmEmailChange
    issue_ws_ticket: IssueWsTicket
    redeem_ws_ticket: RedeemWsTicket
    oauth_initiate: StartOAuth
    oauth_form_post: AcceptOAuthForm
    oauth_callback: FinishOAuth
    list_identities: ListIdentities
    link_identity: LinkIdentity
    unlink_identity: UnlinkIdentity
