"""
The differences between the two realms, as data.

Flows are built once per realm and never branch on the realm.  Everything that differs is a field of
`RealmPolicy`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bymax_auth.config.constants import RECENT_AUTH_TTL
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.errors import (
    AuthError,
    InvalidCredentials,
    MfaNotConfigured,
    PlatformAuthRequired,
    RefreshTokenInvalid,
    TokenInvalid,
)
from bymax_auth.ports.email import PLATFORM_EMAIL_TENANT
from bymax_auth.types.account import (
    Account,
    AuthPlatformUser,
    AuthUser,
    SafeAccount,
    SafeAuthPlatformUser,
    SafeAuthUser,
)
from bymax_auth.types.identity import Realm
from bymax_auth.types.results import AuthResult, PlatformAuthResult, SessionResult

__all__ = ["RealmPolicy", "dashboard_policy", "platform_policy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmPolicy:
    """
    The rules of one realm.

    `verified` says whether an account meets the verification requirement.  `gone` is raised when the
    account of a session is missing, `refused_token` in place of an access token's own error (``None``: the
    error is raised as it is), and `mfa_unavailable` when an account has a second factor that cannot be
    checked.  `mail_tenant` and `hook_tenant` return the tenant for mails and hooks, which always have one.
    """

    realm: Realm
    token_type: Literal["dashboard", "platform"]
    hierarchy: Mapping[str, tuple[str, ...]] | None
    tenant_of: Callable[[Account], str | None]
    verified: Callable[[Account], bool]
    safe: Callable[[Account], SafeAccount]
    result: Callable[[Account, str, str], SessionResult]
    gone: type[AuthError]
    refused_token: type[AuthError] | None
    mfa_unavailable: Callable[[], Exception]
    fires_login_hooks: bool
    caps_sessions: bool
    recent_auth: timedelta
    caches_status: bool
    mail_tenant: Callable[[Account], str]
    hook_tenant: Callable[[str | None], str]


def dashboard_policy(config: ResolvedConfig) -> RealmPolicy:
    """Return the rules of the realm of tenants' users."""
    verification_required = config.auth.email_verification.required

    def verified(account: Account) -> bool:
        return not verification_required or _user(account).email_verified

    return RealmPolicy(
        realm=Realm.DASHBOARD,
        token_type="dashboard",
        hierarchy=config.auth.roles.hierarchy,
        tenant_of=_tenant_of_user,
        verified=verified,
        safe=_safe_user,
        result=_user_result,
        gone=TokenInvalid,
        refused_token=None,
        mfa_unavailable=MfaNotConfigured,
        fires_login_hooks=True,
        caps_sessions=config.auth.sessions.enabled,
        recent_auth=RECENT_AUTH_TTL,
        caches_status=True,
        mail_tenant=_tenant_of_user,
        hook_tenant=_own_tenant,
    )


def platform_policy(config: ResolvedConfig) -> RealmPolicy:
    """Return the rules of the realm of platform administrators."""
    return RealmPolicy(
        realm=Realm.PLATFORM,
        token_type="platform",
        hierarchy=config.auth.roles.platform_hierarchy,
        tenant_of=_no_tenant,
        verified=_always_verified,
        safe=_safe_admin,
        result=_admin_result,
        gone=RefreshTokenInvalid,
        refused_token=PlatformAuthRequired,
        mfa_unavailable=InvalidCredentials,
        fires_login_hooks=False,
        caps_sessions=False,
        recent_auth=timedelta(0),
        caches_status=False,
        mail_tenant=_platform_tenant,
        hook_tenant=_platform_tenant,
    )


def _user(account: Account) -> AuthUser:
    if not isinstance(account, AuthUser):
        raise TypeError("A platform administrator reached a flow of the dashboard.")
    return account


def _admin(account: Account) -> AuthPlatformUser:
    if not isinstance(account, AuthPlatformUser):
        raise TypeError("A dashboard user reached a flow of the platform.")
    return account


def _tenant_of_user(account: Account) -> str:
    return _user(account).tenant_id


def _safe_user(account: Account) -> SafeAuthUser:
    return SafeAuthUser.from_user(_user(account))


def _user_result(account: Account, access_token: str, refresh_token: str) -> AuthResult:
    return AuthResult(user=_safe_user(account), access_token=access_token, refresh_token=refresh_token)


def _own_tenant(tenant_id: str | None) -> str:
    return tenant_id or ""


def _no_tenant(account: Account) -> None:
    _admin(account)


def _always_verified(_account: Account) -> bool:
    return True


def _safe_admin(account: Account) -> SafeAuthPlatformUser:
    return SafeAuthPlatformUser.from_user(_admin(account))


def _admin_result(account: Account, access_token: str, refresh_token: str) -> PlatformAuthResult:
    return PlatformAuthResult(
        admin=_safe_admin(account), access_token=access_token, refresh_token=refresh_token
    )


def _platform_tenant(_anything: object) -> str:
    return PLATFORM_EMAIL_TENANT
