"""The data of an invitation mail."""

from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["InviteData"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteData:
    """The values shown in an invitation mail; `expires_at` is UTC."""

    inviter_name: str
    tenant_name: str
    invite_token: str = field(repr=False)
    expires_at: datetime
