"""Sessions: what a store keeps, what a user is shown, what a hook is told."""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Field

from bymax_auth.types.wire import WireModel

__all__ = ["ActiveSessionInfo", "CachedStatus", "SessionDetail", "SessionInfo", "SessionRecord"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """
    The state behind one refresh token.

    `family_id` names the login that the token descends from and `family_created_at` its birth;
    both are ``None`` for a session without a family.  `tenant_id` is ``None`` on the platform.
    """

    user_id: str
    tenant_id: str | None
    role: str
    device: str
    ip: str
    created_at: datetime
    mfa_enabled: bool
    family_id: str | None
    family_created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDetail:
    """One live session as its owner may see it; `created_at` survives rotation."""

    session_hash: str = field(repr=False)
    device: str
    ip: str
    created_at: datetime
    last_activity_at: datetime


class ActiveSessionInfo(WireModel):
    """One row of the session list; both times are Unix milliseconds."""

    id: str
    session_hash: str = Field(repr=False)
    device: str
    ip: str
    is_current: bool
    created_at: int
    last_activity_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """A session as hooks and alert mails name it; `session_hash` is the first 8 hex digits only."""

    device: str
    ip: str
    session_hash: str


@dataclass(frozen=True, slots=True)
class CachedStatus:
    """What the status cache holds of an account; `email_verified` is ``None`` when it was not stored."""

    status: str
    email_verified: bool | None
