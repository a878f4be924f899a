"""Flows of sign-in with a provider."""

from typing import Final, cast

from bymax_auth.engine.disabled_flows import DisabledFlow
from bymax_auth.engine.services import Services
from bymax_auth.engine.wiring.email_verification import address_verification
from bymax_auth.engine.wiring.passwords import access_revocation
from bymax_auth.engine.wiring.realm import RealmServices
from bymax_auth.engine.wiring.sign_in import new_accounts, sign_ins
from bymax_auth.errors import StoreUnavailable
from bymax_auth.flows.identities import LinkIdentity, ListIdentities, UnlinkIdentity
from bymax_auth.flows.oauth import AcceptOAuthForm, FinishOAuth, StartOAuth
from bymax_auth.ports.events import (
    IdentityNotRecent,
    IdentityReauthenticationLocked,
    IdentityReauthenticationRefused,
)
from bymax_auth.services.challenge_tokens import ChallengeTokens
from bymax_auth.services.identity_links import IdentityLinks
from bymax_auth.services.lockout import IDENTITY_CHANGE
from bymax_auth.services.login_bindings import LoginBindings
from bymax_auth.services.oauth_accounts import OAuthAccounts
from bymax_auth.services.oauth_states import OAuthStates
from bymax_auth.services.reauthentication import Reauthentication, RecentAuthentication

__all__ = [
    "accept_oauth_form",
    "finish_oauth",
    "link_identity",
    "list_identities",
    "start_oauth",
    "unlink_identity",
]

_WITHOUT_STORE: Final = DisabledFlow(StoreUnavailable)
"""Replaces each flow in a deployment that keeps no states."""


def start_oauth(services: Services) -> StartOAuth:
    """Return the flow that sends a browser to a provider."""
    store = services.stores.proofs
    if store is None:
        return cast("StartOAuth", _WITHOUT_STORE)
    return StartOAuth(providers=services.oauth_providers, tenants=services.tenants, states=OAuthStates(store))


def accept_oauth_form(services: Services) -> AcceptOAuthForm:
    """Return the flow that takes the form which a provider posts."""
    store = services.stores.proofs
    if store is None:
        return cast("AcceptOAuthForm", _WITHOUT_STORE)
    return AcceptOAuthForm(providers=services.oauth_providers, states=OAuthStates(store))


def finish_oauth(services: Services, realm: RealmServices, challenges: ChallengeTokens | None) -> FinishOAuth:
    """Return the flow that signs in whom a provider has identified."""
    store = services.stores.proofs
    if store is None:
        return cast("FinishOAuth", _WITHOUT_STORE)
    return FinishOAuth(
        providers=services.oauth_providers,
        states=OAuthStates(store),
        users=services.users,
        accounts=_accounts(services, realm),
        links=_links(services, realm),
        sign_ins=sign_ins(services, realm, challenges),
        policy=realm.policy,
        status_gate=services.status_gate,
        revocation=services.stores.revocation,
        identifiers=services.identifiers,
        hooks=services.hooks,
        background=services.background,
    )


def list_identities(services: Services) -> ListIdentities:
    """Return the flow that lists the identities of a user."""
    return ListIdentities(services.users, services.identifiers)


def link_identity(services: Services) -> LinkIdentity:
    """Return the flow that sends a signed-in browser to a provider."""
    store = services.stores.proofs
    if store is None:
        return cast("LinkIdentity", _WITHOUT_STORE)
    return LinkIdentity(
        providers=services.oauth_providers,
        states=OAuthStates(store),
        users=services.users,
        identifiers=services.identifiers,
        account_status=services.account_status,
        recent=_recent(services),
        logins=_logins(services),
        proofs=services.proofs.bindings,
    )


def unlink_identity(services: Services) -> UnlinkIdentity:
    """Return the flow that removes an identity of a user."""
    return UnlinkIdentity(
        providers=services.oauth_providers,
        users=services.users,
        identifiers=services.identifiers,
        account_status=services.account_status,
        recent=_recent(services),
        revoke_access=access_revocation(services),
        hooks=services.hooks,
        background=services.background,
        events=services.events,
        layout=services.stores.layout,
    )


def _recent(services: Services) -> RecentAuthentication:
    return RecentAuthentication(
        reauthentication=Reauthentication(
            flow=IDENTITY_CHANGE,
            refused=IdentityReauthenticationRefused,
            locked=IdentityReauthenticationLocked,
            identifiers=services.identifiers,
            lockout=services.lockout,
            passwords=services.passwords,
            events=services.events,
        ),
        sessions=services.stores.sessions,
        not_recent=IdentityNotRecent,
    )


def _logins(services: Services) -> LoginBindings:
    stores = services.stores
    return LoginBindings(stores.sessions, stores.revocation, stores.layout)


def _links(services: Services, realm: RealmServices) -> IdentityLinks:
    return IdentityLinks(
        users=services.users,
        status_gate=services.status_gate,
        access_tokens=realm.access_tokens,
        logins=_logins(services),
        proofs=services.proofs.bindings,
        identifiers=services.identifiers,
        hooks=services.hooks,
        events=services.events,
    )


def _accounts(services: Services, realm: RealmServices) -> OAuthAccounts:
    return OAuthAccounts(
        users=services.users,
        new_accounts=new_accounts(services, realm),
        status_gate=services.status_gate,
        proofs=services.proofs.bindings,
        revoke_access=access_revocation(services),
        verification=address_verification(services),
        identifiers=services.identifiers,
        hooks=services.hooks,
        events=services.events,
    )
