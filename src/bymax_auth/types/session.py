"""Sessions: as stored, as listed to their owner, and as passed to hooks and mail."""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Field

from bymax_auth.types.wire import WireModel

__all__ = ["ActiveSessionInfo", "CachedStatus", "SessionDetail", "SessionInfo", "SessionRecord"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """
    The state behind one refresh token.

    `family_id` identifies the login from which the token was rotated, and `family_created_at` is the
    time of that login; both are ``None`` for a session without a family.  `tenant_id` is ``None`` on
    the platform.
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
    """
    What is shown of one live token; rotation keeps `created_at`.

    Tokens of one `family_id` are one login.  A token without a family is a login by itself.
    """

    session_hash: str = field(repr=False)
    device: str
    ip: str
    created_at: datetime
    last_activity_at: datetime
    family_id: str | None = field(default=None, compare=False)


class ActiveSessionInfo(WireModel):
    """One login in the session list, with its latest device; both times are Unix milliseconds."""

    id: str
    session_hash: str = Field(repr=False)
    device: str
    ip: str
    is_current: bool
    created_at: int
    last_activity_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """A session in hooks and alert mails; `session_hash` is only the first 8 hex digits."""

    device: str
    ip: str
    session_hash: str


@dataclass(frozen=True, slots=True)
class CachedStatus:
    """An entry of the status cache; `email_verified` is ``None`` when it was not stored."""

    status: str
    email_verified: bool | None
