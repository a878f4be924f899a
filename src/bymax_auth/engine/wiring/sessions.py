"""Flows that list and end sessions."""

from bymax_auth.engine.services import Services
from bymax_auth.flows.sessions import ListSessions, RevokeAllSessions, RevokeOtherSessions, RevokeSession
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.types.identity import Realm

__all__ = ["list_sessions", "revoke_all_sessions", "revoke_other_sessions", "revoke_session"]


def list_sessions(services: Services, policy: RealmPolicy) -> ListSessions:
    """Return the flow that lists an account's sessions."""
    return ListSessions(
        policy=policy,
        identifiers=services.identifiers,
        sessions=services.stores.sessions,
        layout=services.stores.layout,
    )


def revoke_session(services: Services, policy: RealmPolicy) -> RevokeSession:
    """Return the flow that ends one session."""
    return RevokeSession(
        policy=policy,
        identifiers=services.identifiers,
        sessions=services.stores.sessions,
        revocation=services.stores.revocation,
        background=services.background,
    )


def revoke_other_sessions(services: Services, policy: RealmPolicy) -> RevokeOtherSessions:
    """Return the flow that ends every session except the caller's."""
    return RevokeOtherSessions(
        policy=policy,
        identifiers=services.identifiers,
        sessions=services.stores.sessions,
        background=services.background,
        events=services.events,
        layout=services.stores.layout,
    )


def revoke_all_sessions(services: Services, policy: RealmPolicy) -> RevokeAllSessions:
    """Return the flow that ends every session of an account."""
    # Administrators have no proofs, and a deployment without one has no store of proofs.
    has_proofs = policy.realm is Realm.DASHBOARD and services.stores.proofs is not None
    return RevokeAllSessions(
        policy=policy,
        identifiers=services.identifiers,
        sessions=services.stores.sessions,
        revocation=services.stores.revocation,
        proofs=services.proofs.bindings if has_proofs else None,
        background=services.background,
    )
