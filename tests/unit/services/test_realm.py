"""What differs between the realms."""

from datetime import timedelta

import pytest

from bymax_auth.errors import (
    InvalidCredentials,
    MfaNotConfigured,
    PlatformAuthRequired,
    RefreshTokenInvalid,
    TokenInvalid,
)
from bymax_auth.services.realm import RealmPolicy, dashboard_policy, platform_policy
from bymax_auth.types.account import SafeAuthPlatformUser, SafeAuthUser
from bymax_auth.types.identity import Realm
from bymax_auth.types.results import AuthResult, PlatformAuthResult
from tests.unit.services.parts import admin, resolved, user


@pytest.fixture
def dashboard() -> RealmPolicy:
    return dashboard_policy(resolved(sessions={"enabled": True}))


@pytest.fixture
def platform() -> RealmPolicy:
    return platform_policy(resolved(sessions={"enabled": True}))


def test_a_user_is_told_of_by_tenant(dashboard: RealmPolicy) -> None:
    """Mail and hooks of one tenant must not name another."""
    assert dashboard.realm is Realm.DASHBOARD
    assert dashboard.tenant_of(user()) == "acme"
    assert dashboard.mail_tenant(user()) == "acme"
    assert dashboard.hook_tenant("acme") == "acme"
    assert dashboard.hook_tenant(None) == ""


def test_an_operator_has_no_tenant_and_is_told_of_as_the_platforms(platform: RealmPolicy) -> None:
    """A tenant in an operator's record would tie an operator to it."""
    assert platform.realm is Realm.PLATFORM
    assert platform.tenant_of(admin()) is None
    assert platform.mail_tenant(admin()) == "platform"
    assert platform.hook_tenant(None) == "platform"


def test_results_hold_the_safe_account_of_the_realm(dashboard: RealmPolicy, platform: RealmPolicy) -> None:
    """A client of one realm looks for `user`, of the other for `admin`; neither may see a hash."""
    result = dashboard.result(user(), "access", "refresh")
    operator = platform.result(admin(), "access", "refresh")

    assert result == AuthResult(
        user=SafeAuthUser.from_user(user()), access_token="access", refresh_token="refresh"
    )
    assert operator == PlatformAuthResult(
        admin=SafeAuthPlatformUser.from_user(admin()), access_token="access", refresh_token="refresh"
    )
    assert dashboard.safe(user()) == SafeAuthUser.from_user(user())
    assert platform.safe(admin()) == SafeAuthPlatformUser.from_user(admin())


@pytest.mark.parametrize(
    ("required", "email_verified", "passes"),
    [(True, True, True), (True, False, False), (False, False, True)],
)
def test_the_verification_gate_is_the_dashboards(required: bool, email_verified: bool, passes: bool) -> None:
    """Someone who never proved an address must not sign in where that is required."""
    policy = dashboard_policy(resolved(email_verification={"required": required}))

    assert policy.verified(user(email_verified=email_verified)) is passes


def test_operators_need_no_verification(platform: RealmPolicy) -> None:
    """Their accounts are made by hand."""
    assert platform.verified(admin())


def test_each_realm_has_its_own_hierarchy(dashboard: RealmPolicy, platform: RealmPolicy) -> None:
    """A tenant's ADMIN must not be an operator."""
    assert dashboard.hierarchy == {"ADMIN": ("USER",)}
    assert platform.hierarchy == {"OPERATOR": ()}


def test_each_realm_refuses_in_its_own_words(dashboard: RealmPolicy, platform: RealmPolicy) -> None:
    """Clients act on the codes."""
    assert (dashboard.gone, dashboard.refused_token) == (TokenInvalid, None)
    assert (platform.gone, platform.refused_token) == (RefreshTokenInvalid, PlatformAuthRequired)
    assert isinstance(dashboard.mfa_unavailable(), MfaNotConfigured)
    assert isinstance(platform.mfa_unavailable(), InvalidCredentials)


def test_only_the_dashboard_has_caps_marks_caches_and_login_hooks(
    dashboard: RealmPolicy, platform: RealmPolicy
) -> None:
    """The platform realm keeps to what its operators need."""
    assert (dashboard.caps_sessions, dashboard.caches_status, dashboard.fires_login_hooks) == (True,) * 3
    assert (platform.caps_sessions, platform.caches_status, platform.fires_login_hooks) == (False,) * 3
    assert dashboard.recent_auth == timedelta(seconds=300)
    assert platform.recent_auth == timedelta(0)
    assert (dashboard.token_type, platform.token_type) == ("dashboard", "platform")


def test_an_account_of_the_other_realm_never_passes(dashboard: RealmPolicy, platform: RealmPolicy) -> None:
    """A wiring mistake must end in a failure, not in a session of the wrong realm."""
    with pytest.raises(TypeError):
        dashboard.tenant_of(admin())
    with pytest.raises(TypeError):
        platform.tenant_of(user())
