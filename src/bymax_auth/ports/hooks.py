"""
Port: functions of the host that flows call.

`before_register`, `before_login`, `on_oauth_login` and `before_identity_linked` can refuse; every other hook
is called afterwards in a background task, and cannot change the response.  Hooks receive accounts without
their secrets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pydantic import BaseModel

from bymax_auth.types.account import SafeAuthUser
from bymax_auth.types.oauth import OAuthProfile
from bymax_auth.types.results import IdentityInfo
from bymax_auth.types.session import SessionInfo

__all__ = [
    "Allow",
    "AuthHooks",
    "Create",
    "HookContext",
    "Link",
    "LoginFailure",
    "LoginFailureReason",
    "OAuthDecision",
    "RegisterAttempt",
    "RegisterDecision",
    "RegisterOverrides",
    "Reject",
]

_MAX_CLAIM_LENGTH: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class HookContext:
    """The request and the account of a hook call; a value that is not known is ``None``, ``""`` or empty."""

    user_id: str | None = None
    email: str | None = field(default=None, repr=False)
    tenant_id: str | None = None
    ip: str = field(default="", repr=False)
    user_agent: str = ""
    sanitized_headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAttempt:
    """A registration before anything was stored; `profile` is what a model of the host's has validated."""

    email: str = field(repr=False)
    name: str
    tenant_id: str
    profile: BaseModel | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOverrides:
    """
    Values that replace the repository's defaults.

    `email_verified` is ignored while verification is required.

    Raises:
        TypeError: `role` or `status` is neither text nor ``None``, or `email_verified` no ``bool``.
        ValueError: `role` or `status` is empty, longer than 64 characters or not printable: an access token
            contains both.
    """

    role: str | None = None
    status: str | None = None
    email_verified: bool | None = None

    def __post_init__(self) -> None:
        for name in ("role", "status"):
            text: object = getattr(self, name)
            if text is not None:
                # A member of an enumeration is text too, and its `str` may be another.
                object.__setattr__(self, name, _claim(name, text))
        if type(self.email_verified) not in {bool, type(None)}:
            raise TypeError("email_verified must be true or false")


def _claim(name: str, text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name} must be text")
    if not (1 <= len(text) <= _MAX_CLAIM_LENGTH and text.isprintable()):
        raise ValueError(f"{name} must be 1 to {_MAX_CLAIM_LENGTH} printable characters")
    return str.__str__(text)


@dataclass(frozen=True, slots=True)
class Allow:
    """Continue, with these values."""

    overrides: RegisterOverrides = RegisterOverrides()


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse.  The reason is for the host's own use; it is not sent to the client."""

    reason: str | None = None


RegisterDecision = Allow | Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """
    Give a person whom a provider has identified a new account.

    `role`, `status` and `profile` are those of a new account; ``None`` means the repository's default, and a
    profile without members.  Where an account has the same address, the sign-in is refused.  With `reclaim`,
    one that was never verified, which anybody may have registered, loses every credential and session and
    becomes theirs, if the provider asserts the address as verified.

    Raises:
        TypeError: `role` or `status` is neither text nor ``None``.
        ValueError: `role` or `status` is empty, longer than 64 characters or not printable.
    """

    role: str | None = None
    status: str | None = None
    profile: BaseModel | None = field(default=None, repr=False)
    reclaim: bool = False

    def __post_init__(self) -> None:
        for name in ("role", "status"):
            text: object = getattr(self, name)
            if text is not None:
                object.__setattr__(self, name, _claim(name, text))


@dataclass(frozen=True, slots=True)
class Link:
    """Sign in to the account that already has this identity."""


OAuthDecision = Create | Link | Reject
"""What becomes of a sign-in with a provider."""


class LoginFailureReason(StrEnum):
    """Why a sign-in was refused, as far as a host may know."""

    INVALID_CREDENTIALS = "invalid_credentials"
    ACCOUNT_BLOCKED = "account_blocked"
    EMAIL_NOT_VERIFIED = "email_not_verified"
    LOCKED_OUT = "locked_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginFailure:
    """A refused sign-in; `user_id` is set when the address belongs to an account of the tenant."""

    email: str = field(repr=False)
    tenant_id: str
    user_id: str | None
    reason: LoginFailureReason


class AuthHooks:
    """Base of a host's hooks; the default of each method refuses nothing and does nothing."""

    async def before_register(self, attempt: RegisterAttempt, context: HookContext) -> RegisterDecision:
        """Decide on a registration.  Any exception is a refusal."""
        return Allow()

    async def before_login(self, email: str, tenant_id: str, context: HookContext) -> None:
        """Refuse a sign-in by raising, before anything is looked up."""

    async def on_oauth_login(
        self, profile: OAuthProfile, existing_user: SafeAuthUser | None, context: HookContext
    ) -> OAuthDecision:
        """
        Decide on a person whom a provider has identified.  Any exception is a refusal, as is the default.

        `existing_user` is the account of the tenant that has this identity; one that has the same address
        alone is not named, because an address proves nothing about it.
        """
        return Reject()

    async def before_identity_linked(
        self, profile: OAuthProfile, user: SafeAuthUser, context: HookContext
    ) -> None:
        """Refuse to add an identity to the account of a signed-in user, by raising."""

    async def after_identity_linked(
        self, user: SafeAuthUser, profile: OAuthProfile, context: HookContext
    ) -> None:
        """A user can sign in with a further identity."""

    async def after_identity_unlinked(
        self, user: SafeAuthUser, identity: IdentityInfo, context: HookContext
    ) -> None:
        """A user has removed an identity; every other session has ended."""

    async def after_account_reclaimed(self, user: SafeAuthUser, context: HookContext) -> None:
        """
        An unverified account became that of the person whose provider has verified its address.

        Whatever was stored under its id before is of somebody who has not proven the address: remove what
        acts on its own, such as API keys.
        """

    async def after_register(self, user: SafeAuthUser, context: HookContext) -> None:
        """An account was created and its first session issued."""

    async def after_login(self, user: SafeAuthUser, context: HookContext) -> None:
        """A user signed in."""

    async def after_logout(self, user_id: str, context: HookContext) -> None:
        """A session was ended by its holder."""

    async def after_email_verified(self, user: SafeAuthUser, context: HookContext) -> None:
        """An address was proven."""

    async def after_password_reset(self, user: SafeAuthUser, context: HookContext) -> None:
        """A forgotten password was replaced."""

    async def after_invitation_accepted(self, user: SafeAuthUser, context: HookContext) -> None:
        """An account was created from an invitation; neither `after_register` nor `after_login` is called."""

    async def after_mfa_enabled(self, user: SafeAuthUser, context: HookContext) -> None:
        """A second factor was added; every session has ended."""

    async def after_mfa_disabled(self, user: SafeAuthUser, context: HookContext) -> None:
        """A second factor was removed, by its owner or by the host; every session has ended."""

    async def after_mfa_recovery_codes_regenerated(self, user: SafeAuthUser, context: HookContext) -> None:
        """The recovery codes were replaced; they are not passed."""

    async def on_new_session(self, user: SafeAuthUser, session: SessionInfo, context: HookContext) -> None:
        """A session was created, and `sessions.enabled` is on."""

    async def on_session_evicted(self, user_id: str, session_hash: str, context: HookContext) -> None:
        """The cap ended a session; the hash is its first 8 hex digits."""

    async def on_login_failed(self, failure: LoginFailure, context: HookContext) -> None:
        """A sign-in with a password was refused."""

    async def on_lockout(
        self, email: str, tenant_id: str, retry_after_seconds: int, context: HookContext
    ) -> None:
        """A failure has just locked an address."""

    async def on_refresh_token_reuse_detected(
        self, user_id: str, family_id: str, context: HookContext
    ) -> None:
        """A replayed refresh token ended its login; the context is of the client that presented it."""
