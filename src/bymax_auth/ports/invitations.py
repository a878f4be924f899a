"""
Port: invitations, by the hash of their token, and the one that an invitee can accept.

Implemented by `bymax_auth.stores.embedded` and `bymax_auth.stores.redis`; every implementation must pass
``tests/contract/test_invitation_store.py``.

A record holds an invitation, and an index entry names the record that is current for an invitee.  They change
together, so an invitee never has two invitations that can be accepted.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bymax_auth.types.identity import TokenRef

__all__ = ["InvitationStore", "InviteeId", "PendingInvitation", "StoredInvitation"]


@dataclass(frozen=True, slots=True)
class InviteeId:
    """
    An address in a tenant, as stores identify it.

    `email_hash` is the keyed hash of the address alone, for keys that contain the tenant; `hash` is that of
    tenant and address.
    """

    tenant_id: str
    email_hash: str
    hash: str

    @property
    def route(self) -> str:
        """The four hex digits of the hash tag that keeps an invitee's keys in one cluster slot."""
        return self.hash[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInvitation:
    """What an invitation's token stands for; `email` is canonical."""

    email: str = field(repr=False)
    role: str
    tenant_id: str
    inviter_user_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PendingInvitation:
    """The index entry of an invitee; `invitation` is ``None`` when its record is gone or unreadable."""

    token_hash: str = field(repr=False)
    invitation: StoredInvitation | None


class InvitationStore(Protocol):
    """Invitations; at most one of each invitee can be accepted."""

    async def read_pending(self, invitee: InviteeId) -> PendingInvitation | None:
        """Return the current invitation of the invitee, to be passed on as `seen`; ``None`` without one."""
        ...

    async def put(
        self,
        invitee: InviteeId,
        token: TokenRef,
        invitation: StoredInvitation,
        ttl: timedelta,
        *,
        seen: str | None,
    ) -> bool:
        """
        Store an invitation in place of the one with the hash `seen`; say whether it was stored.

        Atomic: when the index entry is not `seen` any more, nothing changes.  Otherwise the earlier record
        is deleted, and record and index entry are written, with one lifetime.

        Raises:
            StoreUnavailable: Also when the store is full.
        """
        ...

    async def take(self, token: TokenRef) -> StoredInvitation | None:
        """
        Return what the token stands for and delete it; the index entry stays.

        Atomic: of concurrent calls at most one gets the invitation.  An unreadable record is ``None``,
        and gone.
        """
        ...

    async def revoke(self, invitee: InviteeId, seen: str) -> bool:
        """
        Delete the invitation with the hash `seen`, and its index entry; say whether there was a record.

        Atomic: when the index entry is not `seen` any more, nothing changes.  After `take` it deletes the
        index entry of the taken record.  Idempotent.
        """
        ...
