"""Accounts, sessions and codes that the contract tests are about."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from bymax_auth.ports.attempts import CounterId
from bymax_auth.ports.invitations import InvitationStore, InviteeId, StoredInvitation
from bymax_auth.ports.one_time import OtpId, OtpPurpose
from bymax_auth.ports.sessions import InGrace, NewSession, Recovery, Rotation
from bymax_auth.ports.stores import AuthStores
from bymax_auth.ports.ws_tickets import WsTicketSnapshot
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.types.identity import Realm, Subject, TokenRef
from bymax_auth.types.session import SessionRecord

__all__ = [
    "FAMILY",
    "GRACE",
    "IDENTIFIERS",
    "LIFETIME",
    "MARGIN",
    "START",
    "about",
    "account",
    "counter",
    "exchange",
    "invitation",
    "invitation_token",
    "invitations_of",
    "invitee",
    "is_live",
    "new_session",
    "otp",
    "record",
    "recovery",
    "rotation",
    "sign_in",
    "ticket_snapshot",
    "token",
]

IDENTIFIERS = Identifiers.of_key(b"0" * 64)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
LIFETIME = timedelta(days=7)
GRACE = timedelta(minutes=30)
MARGIN = timedelta(minutes=5)
"""Longer than any machine takes for a few commands: on a server real time passes as well."""
FAMILY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


class _About:
    """Equal to a duration, or to what is left of it after the moment that a server took to answer."""

    def __init__(self, span: timedelta) -> None:
        self._span = span

    def __eq__(self, other: object) -> bool:
        return isinstance(other, timedelta) and self._span - MARGIN < other <= self._span

    def __hash__(self) -> int:
        return hash(self._span)

    def __repr__(self) -> str:
        return f"about {self._span}"


def about(span: timedelta) -> Any:
    """What is left of a duration that started at most a moment ago, where real time passes too."""
    return _About(span)


def account(realm: Realm = Realm.DASHBOARD, user_id: str = "u1", tenant_id: str = "tenant-a") -> Subject:
    """An account; the platform has no tenants."""
    return IDENTIFIERS.subject(realm, user_id, tenant_id if realm is Realm.DASHBOARD else None)


def token(name: str) -> TokenRef:
    """The refresh token of that name, as a store sees it."""
    return TokenRef(hashlib.sha256(name.encode()).hexdigest())


def record(owner: Subject, *, at: datetime = START, family: str | None = FAMILY) -> SessionRecord:
    """What a store keeps of a session that its owner began, or continued, at a moment."""
    return SessionRecord(
        user_id=owner.user_id,
        tenant_id=owner.tenant_id,
        role="MEMBER",
        device="Chrome on macOS",
        ip="203.0.113.4",
        created_at=at,
        mfa_enabled=False,
        family_id=family,
        family_created_at=None if family is None else START,
    )


def new_session(
    owner: Subject,
    name: str,
    *,
    at: datetime = START,
    family: str | None = FAMILY,
    expected_epoch: int | None = None,
    cap: int | None = None,
) -> NewSession:
    """A request for a new session."""
    return NewSession(
        ref=token(name),
        record=record(owner, at=at, family=family),
        lifetime=LIFETIME,
        expected_epoch=expected_epoch,
        cap=cap,
    )


async def sign_in(
    stores: AuthStores, owner: Subject, name: str, *, at: datetime = START, family: str | None = FAMILY
) -> None:
    """Give the account a live session."""
    await stores.sessions.create(owner, new_session(owner, name, at=at, family=family))


def rotation(
    owner: Subject,
    presented: str,
    successor: str,
    *,
    at: datetime = START,
    family: str | None = FAMILY,
    grace: timedelta = GRACE,
) -> Rotation:
    """A request to exchange one token for another."""
    return Rotation(
        presented=token(presented),
        successor=token(successor),
        record=record(owner, at=at, family=family),
        session_created_at=START,
        lifetime=LIFETIME,
        grace=grace,
        consumed_for=LIFETIME,
    )


async def exchange(
    stores: AuthStores, owner: Subject, presented: str, successor: str, *, grace: timedelta = GRACE
) -> None:
    """Exchange one token for another."""
    await stores.sessions.rotate(owner, rotation(owner, presented, successor, grace=grace))


def recovery(
    owner: Subject, presented: str, seen: InGrace, successor: str, *, family: str | None = FAMILY
) -> Recovery:
    """A request to recover from a lost reply."""
    return Recovery(
        presented=token(presented),
        seen=seen,
        successor=token(successor),
        record=record(owner, family=family),
        lifetime=LIFETIME,
    )


async def is_live(stores: AuthStores, owner: Subject, name: str) -> bool:
    """Whether the account's list shows the session of that token."""
    return token(name).hash in {shown.session_hash for shown in await stores.sessions.list(owner)}


def counter(email: str = "ada@example.com", realm: Realm = Realm.DASHBOARD) -> CounterId:
    """The counter of failed sign-ins with an address."""
    return IDENTIFIERS.login_counter(realm, "tenant-a" if realm is Realm.DASHBOARD else None, email)


def otp(purpose: OtpPurpose = OtpPurpose.PASSWORD_RESET, email: str = "ada@example.com") -> OtpId:
    """The one-time code of an address."""
    return IDENTIFIERS.otp(purpose, "tenant-a", email)


def invitee(email: str = "ada@example.com", tenant_id: str = "tenant-a") -> InviteeId:
    """An address in a tenant, as somebody who is invited."""
    return IDENTIFIERS.invitee(tenant_id, email)


def invitation(
    role: str = "MEMBER", email: str = "ada@example.com", tenant_id: str = "tenant-a"
) -> StoredInvitation:
    """What an invitation stands for."""
    return StoredInvitation(
        email=email, role=role, tenant_id=tenant_id, inviter_user_id="u1", created_at=START
    )


def invitation_token(name: str, of: InviteeId | None = None) -> TokenRef:
    """The invitation token of that name, with the route that a tagged layout puts into its text."""
    return TokenRef(token(name).hash, (of or invitee()).route)


def invitations_of(stores: AuthStores) -> InvitationStore:
    """The bundle's invitations; every bundle under contract has them."""
    assert stores.invitations is not None
    return stores.invitations


def ticket_snapshot(user_id: str = "u1", *, epoch: int | None = 3) -> WsTicketSnapshot:
    """What a WebSocket ticket stands for; without an epoch, one that a sibling backend issued."""
    return WsTicketSnapshot(
        user_id=user_id,
        tenant_id="tenant-a",
        role="MEMBER",
        status="ACTIVE",
        mfa_enabled=True,
        mfa_verified=True,
        epoch=epoch,
        jti=None if epoch is None else "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f",
        exp=None if epoch is None else 1_767_269_700,
    )
