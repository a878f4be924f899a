"""Flows of sign-in with a provider."""

from typing import Final, cast

from bymax_auth.engine.disabled_flows import DisabledFlow
from bymax_auth.engine.services import Services
from bymax_auth.engine.wiring.email_verification import address_verification
from bymax_auth.engine.wiring.passwords import access_revocation
from bymax_auth.engine.wiring.realm import RealmServices
from bymax_auth.engine.wiring.sign_in import new_accounts, sign_ins
from bymax_auth.errors import StoreUnavailable
from bymax_auth.flows.oauth import AcceptOAuthForm, FinishOAuth, StartOAuth
from bymax_auth.services.challenge_tokens import ChallengeTokens
from bymax_auth.services.oauth_accounts import OAuthAccounts
from bymax_auth.services.oauth_states import OAuthStates

__all__ = ["accept_oauth_form", "finish_oauth", "start_oauth"]

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
        sign_ins=sign_ins(services, realm, challenges),
        policy=realm.policy,
        status_gate=services.status_gate,
        revocation=services.stores.revocation,
        identifiers=services.identifiers,
        hooks=services.hooks,
        background=services.background,
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
