"""
The composition root: the only place where services and flows are built and connected.

    configuration, dependencies ──▶ services ──▶ flows of tenants' users
                                             └─▶ flows of platform administrators

It checks nothing: its callers have run the start-up rules.
"""

from dataclasses import dataclass, fields
from typing import Any

from bymax_auth.config.model import AuthConfig
from bymax_auth.config.resolved import resolve_config
from bymax_auth.engine.dependencies import Dependencies
from bymax_auth.engine.disabled_flows import disabled_platform
from bymax_auth.engine.flow_records import AccountFlows, RealmFlows
from bymax_auth.engine.services import Services, build_services
from bymax_auth.engine.wiring import (
    email_change,
    email_verification,
    invitations,
    lockout,
    oauth,
    passwords,
    second_factor,
    sessions,
    sign_in,
    ws_tickets,
)
from bymax_auth.engine.wiring.realm import RealmServices, dashboard_services, platform_services
from bymax_auth.flows.forgot_password import ForgotPassword, ResendResetOtp
from bymax_auth.flows.unlock import is_locked, seconds_left
from bymax_auth.ports.telemetry import Telemetry
from bymax_auth.services.challenge_tokens import ChallengeTokens
from bymax_auth.services.telemetry import observed_flow
from bymax_auth.types.identity import Realm

__all__ = ["Composition", "compose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """Everything that an engine consists of."""

    services: Services
    accounts: AccountFlows
    platform: RealmFlows


def compose(config: AuthConfig, dependencies: Dependencies) -> Composition:
    """
    Return the services and flows of a configuration that has passed every rule.

    Raises:
        ConfigError: The first password hash could not be computed.
    """
    services = build_services(resolve_config(config), dependencies)
    accounts, platform = _account_flows(services), _platform_flows(services)
    if services.telemetry is not None:
        _observe(accounts, Realm.DASHBOARD, services.telemetry)
        _observe(platform, Realm.PLATFORM, services.telemetry)
    return Composition(services=services, accounts=accounts, platform=platform)


def _observe(flows: RealmFlows, realm: Realm, telemetry: Telemetry) -> None:
    """Measure every flow but the check of an access token, which guards run for each of a host's requests."""
    for field in fields(flows):
        flow: Any = getattr(flows, field.name)
        if field.name not in {"authenticate", "hierarchy"}:
            setattr(flows, field.name, observed_flow(flow, field.name, realm, telemetry))


def _account_flows(services: Services) -> AccountFlows:
    realm = dashboard_services(services)
    challenges = second_factor.challenge_tokens(services, realm)
    send_proof = passwords.send_reset_proof(services)
    return AccountFlows(
        **vars(_realm_flows(services, realm, challenges)),
        register=sign_in.register(services, realm),
        verify_email=email_verification.verify_email(services),
        resend_verification=email_verification.resend_verification(services),
        forgot_password=ForgotPassword(send_proof),
        resend_reset_otp=ResendResetOtp(send_proof),
        verify_reset_otp=passwords.verify_reset_otp(services),
        reset_password=passwords.reset_password(services),
        change_password=passwords.change_password(services),
        list_sessions=sessions.list_sessions(services, realm.policy),
        revoke_session=sessions.revoke_session(services, realm.policy),
        revoke_other_sessions=sessions.revoke_other_sessions(services, realm.policy),
        invite=invitations.invite(services),
        accept_invitation=invitations.accept_invitation(services, realm),
        revoke_invitation=invitations.revoke_invitation(services),
        request_email_change=email_change.request_email_change(services),
        confirm_email_change=email_change.confirm_email_change(services),
        issue_ws_ticket=ws_tickets.issue_ws_ticket(services),
        redeem_ws_ticket=ws_tickets.redeem_ws_ticket(services),
        oauth_initiate=oauth.start_oauth(services),
        oauth_form_post=oauth.accept_oauth_form(services),
        oauth_callback=oauth.finish_oauth(services, realm, challenges),
        list_identities=oauth.list_identities(services),
        link_identity=oauth.link_identity(services),
        unlink_identity=oauth.unlink_identity(services),
    )


def _platform_flows(services: Services) -> RealmFlows:
    admins = services.dependencies.platform_users
    if admins is None or not services.config.auth.platform.enabled:
        return disabled_platform()
    realm = platform_services(services, admins)
    return _realm_flows(services, realm, second_factor.challenge_tokens(services, realm))


def _realm_flows(services: Services, realm: RealmServices, challenges: ChallengeTokens | None) -> RealmFlows:
    policy = realm.policy
    return RealmFlows(
        login=sign_in.login(services, realm, challenges),
        logout=sign_in.logout(services, realm),
        refresh=sign_in.refresh(services, realm),
        authenticate=sign_in.authenticate(services, realm),
        me=sign_in.me(services, realm),
        revoke_all_sessions=sessions.revoke_all_sessions(services, policy),
        unlock_account=lockout.unlock_account(services, realm),
        is_account_locked=lockout.lockout_state(services, policy, is_locked),
        account_lockout_seconds=lockout.lockout_state(services, policy, seconds_left),
        hierarchy=policy.hierarchy,
        **vars(second_factor.factor_flows(services, realm, challenges)),
    )
