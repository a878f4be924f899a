"""Flows of registration, sign-in, refresh, authentication and sign-out."""

from datetime import timedelta

from bymax_auth.engine.services import Services
from bymax_auth.engine.wiring.realm import RealmServices
from bymax_auth.flows.authenticate import Authenticate, Me
from bymax_auth.flows.login import Login
from bymax_auth.flows.logout import Logout
from bymax_auth.flows.refresh import Refresh, RefreshLimits
from bymax_auth.flows.register import Register
from bymax_auth.services.challenge_tokens import ChallengeTokens
from bymax_auth.services.new_accounts import NewAccounts
from bymax_auth.services.sign_ins import SignIns
from bymax_auth.services.tokens import SuccessorTokens

__all__ = ["authenticate", "login", "logout", "me", "new_accounts", "refresh", "register", "sign_ins"]


def login(services: Services, realm: RealmServices, challenges: ChallengeTokens | None) -> Login:
    """Return the sign-in flow, which answers with a challenge where an account has a second factor."""
    return Login(
        policy=realm.policy,
        accounts=realm.accounts,
        resolve_tenant=realm.resolve_tenant,
        identifiers=services.identifiers,
        lockout=services.lockout,
        passwords=services.passwords,
        status_gate=services.status_gate,
        revocation=services.stores.revocation,
        sign_ins=sign_ins(services, realm, challenges),
        hooks=services.hooks,
        background=services.background,
        events=services.events,
        clock=services.clock,
        rehash_on_verify=services.config.auth.password.rehash_on_verify,
    )


def sign_ins(services: Services, realm: RealmServices, challenges: ChallengeTokens | None) -> SignIns:
    """Return what ends a sign-in whose credential is proven."""
    return SignIns(
        policy=realm.policy,
        accounts=realm.accounts,
        identifiers=services.identifiers,
        issuer=realm.issuer,
        hooks=services.hooks,
        background=services.background,
        events=services.events,
        challenges=challenges,
    )


def logout(services: Services, realm: RealmServices) -> Logout:
    """Return the sign-out flow."""
    return Logout(
        policy=realm.policy,
        sessions=services.stores.sessions,
        revocation=services.stores.revocation,
        access_tokens=realm.access_tokens,
        identifiers=services.identifiers,
        hooks=services.hooks,
        background=services.background,
        events=services.events,
        clock=services.clock,
        layout=services.stores.layout,
    )


def refresh(services: Services, realm: RealmServices) -> Refresh:
    """Return the refresh flow."""
    jwt = services.config.auth.jwt
    limits = RefreshLimits(
        lifetime=services.session_lifetime,
        grace=jwt.refresh_grace_window,
        absolute=timedelta(days=jwt.absolute_session_lifetime_days) or None,
        reuse_bumps_epoch=services.config.auth.sessions.reuse_bumps_epoch,
    )
    return Refresh(
        policy=realm.policy,
        accounts=realm.accounts,
        sessions=services.stores.sessions,
        revocation=services.stores.revocation,
        access_tokens=realm.access_tokens,
        successors=SuccessorTokens.of_keys(services.config.refresh_keys),
        identifiers=services.identifiers,
        status_gate=services.status_gate,
        hooks=services.hooks,
        background=services.background,
        events=services.events,
        clock=services.clock,
        layout=services.stores.layout,
        limits=limits,
    )


def authenticate(services: Services, realm: RealmServices) -> Authenticate:
    """Return the flow that verifies an access token."""
    return Authenticate(
        policy=realm.policy,
        access_tokens=realm.access_tokens,
        identifiers=services.identifiers,
        revocation=services.stores.revocation,
    )


def me(services: Services, realm: RealmServices) -> Me:
    """Return the flow that reads the caller's own account."""
    shows_profile = services.dependencies.profile is not None
    return Me(policy=realm.policy, accounts=realm.accounts, shows_profile=shows_profile)


def register(services: Services, realm: RealmServices) -> Register:
    """Return the registration flow."""
    verification = services.config.auth.email_verification
    return Register(
        users=services.users,
        accounts=new_accounts(services, realm),
        tenants=services.tenants,
        passwords=services.passwords,
        codes=services.codes,
        mailer=services.mailer,
        hooks=services.hooks,
        background=services.background,
        events=services.events,
        failures=services.failures,
        code_ttl=verification.otp_ttl if verification.required else None,
    )


def new_accounts(services: Services, realm: RealmServices) -> NewAccounts:
    """Return what the flows share that create an account for the person who calls them."""
    auth = services.config.auth
    return NewAccounts(
        users=services.users,
        issuer=realm.issuer,
        status_gate=services.status_gate,
        session=auth.registration.session,
        verification_required=auth.email_verification.required,
        profile=services.dependencies.profile,
    )
