"""Accounts: as repositories return them, as they are created, and without secrets for clients."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from pydantic import BaseModel, SerializeAsAny

from bymax_auth.types.wire import Timestamp, WireModel

__all__ = [
    "Account",
    "AuthPlatformUser",
    "AuthUser",
    "CreateUserData",
    "CreateWithOAuthData",
    "LinkedIdentity",
    "OwnAccount",
    "SafeAccount",
    "SafeAuthPlatformUser",
    "SafeAuthUser",
    "UpdateMfaData",
    "UpdatePlatformMfaData",
]


def _redacted(value: object) -> str | None:
    return None if value is None else "[REDACTED]"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthUser:
    """A dashboard user as the host's repository stores it, secrets included; never sent to a client."""

    id: str
    email: str
    name: str
    password_hash: str | None
    role: str
    status: str
    tenant_id: str
    email_verified: bool
    created_at: datetime
    mfa_enabled: bool = False
    mfa_secret: str | None = None
    mfa_recovery_codes: tuple[str, ...] | None = None
    oauth_provider: str | None = None
    oauth_provider_id: str | None = None
    last_login_at: datetime | None = None
    profile: BaseModel | None = None
    """An instance of the host's profile model."""

    def __repr__(self) -> str:
        return (
            f"AuthUser(id={self.id!r}, role={self.role!r}, status={self.status!r}, "
            f"tenant_id={self.tenant_id!r}, password_hash={_redacted(self.password_hash)}, "
            f"mfa_secret={_redacted(self.mfa_secret)}, "
            f"mfa_recovery_codes={_redacted(self.mfa_recovery_codes)})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthPlatformUser:
    """A platform administrator as stored, secrets included; never sent to a client."""

    id: str
    email: str
    name: str
    password_hash: str
    role: str
    status: str
    created_at: datetime
    updated_at: datetime
    mfa_enabled: bool = False
    mfa_secret: str | None = None
    mfa_recovery_codes: tuple[str, ...] | None = None
    platform_id: str | None = None
    last_login_at: datetime | None = None

    def __repr__(self) -> str:
        return (
            f"AuthPlatformUser(id={self.id!r}, role={self.role!r}, status={self.status!r}, "
            f"password_hash={_redacted(self.password_hash)}, mfa_secret={_redacted(self.mfa_secret)}, "
            f"mfa_recovery_codes={_redacted(self.mfa_recovery_codes)})"
        )


Account = AuthUser | AuthPlatformUser
"""An account of either realm."""


class SafeAuthUser(WireModel):
    """A dashboard user without secrets, for responses, hooks and mail."""

    id: str
    email: str
    name: str
    role: str
    status: str
    tenant_id: str
    email_verified: bool
    mfa_enabled: bool
    oauth_provider: str | None
    oauth_provider_id: str | None
    last_login_at: Timestamp | None
    created_at: Timestamp

    @classmethod
    def from_user(cls, user: AuthUser) -> Self:
        """Return `user` without its secrets."""
        return cls(
            id=user.id,
            email=user.email,
            name=user.name,
            role=user.role,
            status=user.status,
            tenant_id=user.tenant_id,
            email_verified=user.email_verified,
            mfa_enabled=user.mfa_enabled,
            oauth_provider=user.oauth_provider,
            oauth_provider_id=user.oauth_provider_id,
            last_login_at=user.last_login_at,
            created_at=user.created_at,
        )


class OwnAccount(SafeAuthUser):
    """A dashboard user as its owner sees it: with its profile, where the host has a model of profiles."""

    profile: SerializeAsAny[BaseModel] | None

    @classmethod
    def of(cls, user: AuthUser) -> Self:
        """Return `user` without its secrets, with its profile."""
        return cls(**dict(SafeAuthUser.from_user(user)), profile=user.profile)


class SafeAuthPlatformUser(WireModel):
    """A platform administrator without secrets."""

    id: str
    email: str
    name: str
    role: str
    status: str
    mfa_enabled: bool
    platform_id: str | None
    last_login_at: Timestamp | None
    updated_at: Timestamp
    created_at: Timestamp

    @classmethod
    def from_user(cls, admin: AuthPlatformUser) -> Self:
        """Return `admin` without its secrets."""
        return cls(
            id=admin.id,
            email=admin.email,
            name=admin.name,
            role=admin.role,
            status=admin.status,
            mfa_enabled=admin.mfa_enabled,
            platform_id=admin.platform_id,
            last_login_at=admin.last_login_at,
            updated_at=admin.updated_at,
            created_at=admin.created_at,
        )


SafeAccount = SafeAuthUser | SafeAuthPlatformUser
"""An account of either realm, without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateUserData:
    """A user to create.  ``None`` means the repository's default: base role, ``pending``, unverified."""

    email: str
    name: str
    password_hash: str | None = field(repr=False)
    tenant_id: str
    role: str | None = None
    status: str | None = None
    email_verified: bool | None = None
    profile: BaseModel | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWithOAuthData:
    """
    A user whom a provider has identified, without a password.

    ``None`` means the repository's default: base role, ``active``, unverified.
    """

    email: str
    name: str
    tenant_id: str
    oauth_provider: str
    oauth_provider_id: str
    role: str | None = None
    status: str | None = None
    email_verified: bool | None = None
    profile: BaseModel | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedIdentity:
    """An identity of a provider that an account has; `linked_at` is ``None`` where nobody wrote it down."""

    provider: str
    provider_id: str
    linked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateMfaData:
    """A user's second factor as a whole: all three fields are replaced, and ``None`` clears one."""

    mfa_enabled: bool
    mfa_secret: str | None = field(repr=False)
    mfa_recovery_codes: tuple[str, ...] | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePlatformMfaData:
    """An administrator's second factor as a whole: all three fields are replaced, and ``None`` clears one."""

    mfa_enabled: bool
    mfa_secret: str | None = field(repr=False)
    mfa_recovery_codes: tuple[str, ...] | None = field(repr=False)
