"""How flows are put together: each class once per realm, from the realm's policy and accounts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bymax_auth.engine.flow_records import AccountFlows, RealmFlows
from bymax_auth.engine.services import Parts
from bymax_auth.errors import FieldError, ValidationFailed
from bymax_auth.flows.authenticate import Authenticate, Me
from bymax_auth.flows.change_password import ChangePassword
from bymax_auth.flows.login import Login
from bymax_auth.flows.logout import Logout
from bymax_auth.flows.refresh import Refresh, RefreshLimits
from bymax_auth.flows.register import Register
from bymax_auth.flows.reset_password import (
    ForgotPassword,
    ResendResetOtp,
    ResetPassword,
    ResetRules,
    SendResetProof,
    VerifyResetOtp,
)
from bymax_auth.flows.sessions import ListSessions, RevokeAllSessions, RevokeOtherSessions, RevokeSession
from bymax_auth.flows.unlock import LockoutState, UnlockAccount, is_locked, seconds_left
from bymax_auth.flows.verify_email import ResendVerification, VerifyEmail
from bymax_auth.ports.accounts import Accounts, PlatformUserRepository
from bymax_auth.services.access_tokens import AccessTokens
from bymax_auth.services.accounts import DashboardAccounts, PlatformAccounts
from bymax_auth.services.realm import RealmPolicy, dashboard_policy, platform_policy
from bymax_auth.services.session_issuer import SessionCap, SessionIssuer
from bymax_auth.types.context import RequestContext

__all__ = ["dashboard_flows", "platform_flows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Realm:
    """What differs between the realms, and what is made of it alone."""

    policy: RealmPolicy
    accounts: Accounts
    resolve_tenant: Callable[[str | None, RequestContext], Awaitable[str | None]]
    access_tokens: AccessTokens
    issuer: SessionIssuer


def dashboard_flows(parts: Parts) -> AccountFlows:
    """Return the flows of users of tenants."""
    policy = dashboard_policy(parts.config)
    accounts = DashboardAccounts(parts.given.users, parts.failures)
    realm = _realm(parts, policy, accounts, parts.tenants.resolve)
    shared = _shared_flows(parts, realm)
    send_proof = _send_reset_proof(parts)
    return AccountFlows(
        login=shared.login,
        logout=shared.logout,
        refresh=shared.refresh,
        authenticate=shared.authenticate,
        me=shared.me,
        revoke_all_sessions=shared.revoke_all_sessions,
        unlock_account=shared.unlock_account,
        is_account_locked=shared.is_account_locked,
        account_lockout_seconds=shared.account_lockout_seconds,
        hierarchy=shared.hierarchy,
        register=_register(parts, realm),
        verify_email=_verify_email(parts),
        resend_verification=_resend_verification(parts),
        forgot_password=ForgotPassword(send_proof),
        resend_reset_otp=ResendResetOtp(send_proof),
        verify_reset_otp=_verify_reset_otp(parts),
        reset_password=_reset_password(parts),
        change_password=_change_password(parts),
        list_sessions=_list_sessions(parts, policy),
        revoke_session=_revoke_session(parts, policy),
        revoke_other_sessions=_revoke_other_sessions(parts, policy),
    )


def platform_flows(parts: Parts, admins: PlatformUserRepository) -> RealmFlows:
    """Return the flows of platform administrators."""
    policy = platform_policy(parts.config)
    accounts = PlatformAccounts(admins, parts.failures)
    return _shared_flows(parts, _realm(parts, policy, accounts, _no_tenant))


async def _no_tenant(named: str | None, _context: RequestContext) -> None:
    if named is not None:
        raise ValidationFailed(fields=(FieldError("tenantId", "must be absent"),))


def _realm(
    parts: Parts,
    policy: RealmPolicy,
    accounts: Accounts,
    resolve_tenant: Callable[[str | None, RequestContext], Awaitable[str | None]],
) -> _Realm:
    auth, given = parts.config.auth, parts.given
    access_tokens = AccessTokens(
        policy, parts.keys, given.clock, auth.jwt.access_ttl, auth.jwt.issuer, auth.jwt.audience
    )
    issuer = SessionIssuer(
        policy=policy,
        sessions=given.stores.sessions,
        layout=given.stores.layout,
        identifiers=parts.identifiers,
        access_tokens=access_tokens,
        clock=given.clock,
        lifetime=parts.session_lifetime,
        hooks=parts.hooks,
        mailer=parts.mailer,
        cap=_session_cap(parts) if policy.caps_sessions else None,
        new_session_alerts=auth.sessions.new_session_alerts,
    )
    return _Realm(
        policy=policy,
        accounts=accounts,
        resolve_tenant=resolve_tenant,
        access_tokens=access_tokens,
        issuer=issuer,
    )


def _session_cap(parts: Parts) -> SessionCap:
    sessions = parts.config.auth.sessions
    return SessionCap(
        default=sessions.default_max_sessions,
        resolver=sessions.max_sessions_resolver,
        timeout=parts.config.auth.hook_timeout,
        failures=parts.failures,
    )


def _shared_flows(parts: Parts, realm: _Realm) -> RealmFlows:
    policy, stores = realm.policy, parts.given.stores
    return RealmFlows(
        login=_login(parts, realm),
        logout=_logout(parts, realm),
        refresh=_refresh(parts, realm),
        authenticate=Authenticate(
            policy=policy,
            access_tokens=realm.access_tokens,
            identifiers=parts.identifiers,
            revocation=stores.revocation,
        ),
        me=Me(policy=policy, accounts=realm.accounts),
        revoke_all_sessions=RevokeAllSessions(
            policy=policy,
            identifiers=parts.identifiers,
            sessions=stores.sessions,
            revocation=stores.revocation,
            background=parts.background,
        ),
        unlock_account=UnlockAccount(
            policy=policy,
            identifiers=parts.identifiers,
            lockout=parts.lockout,
            events=parts.given.events,
        ),
        is_account_locked=LockoutState(
            policy=policy, identifiers=parts.identifiers, lockout=parts.lockout, reading=is_locked
        ),
        account_lockout_seconds=LockoutState(
            policy=policy, identifiers=parts.identifiers, lockout=parts.lockout, reading=seconds_left
        ),
        hierarchy=policy.hierarchy,
    )


def _login(parts: Parts, realm: _Realm) -> Login:
    return Login(
        policy=realm.policy,
        accounts=realm.accounts,
        resolve_tenant=realm.resolve_tenant,
        identifiers=parts.identifiers,
        lockout=parts.lockout,
        passwords=parts.passwords,
        status_gate=parts.status_gate,
        revocation=parts.given.stores.revocation,
        issuer=realm.issuer,
        hooks=parts.hooks,
        background=parts.background,
        events=parts.given.events,
        clock=parts.given.clock,
        rehash_on_verify=parts.config.auth.password.rehash_on_verify,
    )


def _logout(parts: Parts, realm: _Realm) -> Logout:
    return Logout(
        policy=realm.policy,
        sessions=parts.given.stores.sessions,
        revocation=parts.given.stores.revocation,
        access_tokens=realm.access_tokens,
        identifiers=parts.identifiers,
        hooks=parts.hooks,
        background=parts.background,
        events=parts.given.events,
        clock=parts.given.clock,
        layout=parts.given.stores.layout,
    )


def _refresh(parts: Parts, realm: _Realm) -> Refresh:
    jwt = parts.config.auth.jwt
    limits = RefreshLimits(
        lifetime=parts.session_lifetime,
        grace=jwt.refresh_grace_window,
        absolute=timedelta(days=jwt.absolute_session_lifetime_days) or None,
        reuse_bumps_epoch=parts.config.auth.sessions.reuse_bumps_epoch,
    )
    return Refresh(
        policy=realm.policy,
        accounts=realm.accounts,
        sessions=parts.given.stores.sessions,
        revocation=parts.given.stores.revocation,
        access_tokens=realm.access_tokens,
        identifiers=parts.identifiers,
        status_gate=parts.status_gate,
        hooks=parts.hooks,
        background=parts.background,
        events=parts.given.events,
        clock=parts.given.clock,
        layout=parts.given.stores.layout,
        limits=limits,
    )


def _register(parts: Parts, realm: _Realm) -> Register:
    verification = parts.config.auth.email_verification
    return Register(
        users=parts.users,
        tenants=parts.tenants,
        passwords=parts.passwords,
        issuer=realm.issuer,
        codes=parts.codes,
        mailer=parts.mailer,
        hooks=parts.hooks,
        background=parts.background,
        events=parts.given.events,
        failures=parts.failures,
        code_ttl=verification.otp_ttl if verification.required else None,
    )


def _verify_email(parts: Parts) -> VerifyEmail:
    return VerifyEmail(
        users=parts.users,
        tenants=parts.tenants,
        codes=parts.codes,
        account_status=parts.account_status,
        hooks=parts.hooks,
        background=parts.background,
        events=parts.given.events,
    )


def _resend_verification(parts: Parts) -> ResendVerification:
    return ResendVerification(
        users=parts.users,
        tenants=parts.tenants,
        codes=parts.codes,
        mailer=parts.mailer,
        failures=parts.failures,
        clock=parts.given.clock,
        code_ttl=parts.config.auth.email_verification.otp_ttl,
    )


def _send_reset_proof(parts: Parts) -> SendResetProof:
    chosen = parts.config.auth.password_reset
    return SendResetProof(
        users=parts.users,
        tenants=parts.tenants,
        status_gate=parts.status_gate,
        codes=parts.codes,
        proofs=parts.proofs,
        mailer=parts.mailer,
        failures=parts.failures,
        clock=parts.given.clock,
        rules=ResetRules(
            method=chosen.method,
            token_ttl=chosen.token_ttl,
            otp_ttl=chosen.otp_ttl,
            otp_length=chosen.otp_length,
        ),
    )


def _verify_reset_otp(parts: Parts) -> VerifyResetOtp:
    return VerifyResetOtp(
        users=parts.users,
        tenants=parts.tenants,
        codes=parts.codes,
        proofs=parts.proofs,
        background=parts.background,
    )


def _reset_password(parts: Parts) -> ResetPassword:
    return ResetPassword(
        users=parts.users,
        tenants=parts.tenants,
        identifiers=parts.identifiers,
        status_gate=parts.status_gate,
        passwords=parts.passwords,
        codes=parts.codes,
        proofs=parts.proofs,
        sessions=parts.given.stores.sessions,
        mailer=parts.mailer,
        hooks=parts.hooks,
        background=parts.background,
        events=parts.given.events,
        method=parts.config.auth.password_reset.method,
    )


def _change_password(parts: Parts) -> ChangePassword:
    return ChangePassword(
        users=parts.users,
        identifiers=parts.identifiers,
        status_gate=parts.status_gate,
        account_status=parts.account_status,
        lockout=parts.lockout,
        passwords=parts.passwords,
        sessions=parts.given.stores.sessions,
        mailer=parts.mailer,
        background=parts.background,
        events=parts.given.events,
        layout=parts.given.stores.layout,
    )


def _list_sessions(parts: Parts, policy: RealmPolicy) -> ListSessions:
    return ListSessions(
        policy=policy,
        identifiers=parts.identifiers,
        sessions=parts.given.stores.sessions,
        layout=parts.given.stores.layout,
    )


def _revoke_session(parts: Parts, policy: RealmPolicy) -> RevokeSession:
    return RevokeSession(
        policy=policy,
        identifiers=parts.identifiers,
        sessions=parts.given.stores.sessions,
        revocation=parts.given.stores.revocation,
        background=parts.background,
    )


def _revoke_other_sessions(parts: Parts, policy: RealmPolicy) -> RevokeOtherSessions:
    return RevokeOtherSessions(
        policy=policy,
        identifiers=parts.identifiers,
        sessions=parts.given.stores.sessions,
        background=parts.background,
        events=parts.given.events,
        layout=parts.given.stores.layout,
    )
