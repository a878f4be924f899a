"""Events of invitations."""

import logging
from dataclasses import dataclass

from bymax_auth.ports.events.event import AccountEvent, AuthEvent

__all__ = [
    "InvitationAccepted",
    "InvitationCreated",
    "InvitationRecordRejected",
    "InvitationRevokeOutranked",
    "InvitationRevoked",
    "InviterUnauthorised",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationCreated(AccountEvent):
    """An account has invited an address."""

    event = "invitation.created"
    message = "Invitation sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRevoked(AccountEvent):
    """An account has withdrawn an invitation."""

    event = "invitation.revoked"
    message = "Invitation revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationAccepted(AccountEvent):
    """An account was created from an invitation."""

    event = "invitation.accepted"
    message = "Invitation accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRevokeOutranked(AccountEvent):
    """An account may not withdraw an invitation, because its role does not include the invited one."""

    event = "invitation.revoke_outranked"
    level = logging.WARNING
    message = "Invitation to a higher role not revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class InviterUnauthorised(AccountEvent):
    """The account that sent an invitation may not invite any more; the invitation was refused."""

    event = "invitation.inviter_unauthorised"
    level = logging.WARNING
    message = "Invitation refused: its inviter may not invite"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRecordRejected(AuthEvent):
    """An invitation is to a role that the configuration does not have; it was refused."""

    event = "invitation.record_rejected"
    level = logging.WARNING
    message = "Invitation refused: its role is not declared"

    tenant_id: str
    role: str
