"""Events of sign-in with a provider."""

import logging
from dataclasses import dataclass

from bymax_auth.ports.events.event import AccountEvent, AuthEvent
from bymax_auth.ports.events.passwords import ReauthenticationLocked, ReauthenticationRefused

__all__ = [
    "IdentityLinkStale",
    "IdentityLinked",
    "IdentityNotRecent",
    "IdentityReauthenticationLocked",
    "IdentityReauthenticationRefused",
    "IdentityUnlinked",
    "OAuthAccountReclaimed",
    "OAuthProviderFailed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthProviderFailed(AuthEvent):
    """
    A provider did not say who somebody is.

    `kind` is that of its error, or ``refused`` where the provider sent the browser back with `error`;
    `exception` is the class of what was raised.
    """

    event = "oauth.provider_error"
    level = logging.WARNING
    message = "Sign-in with a provider failed"

    provider: str
    kind: str
    status: int | None = None
    error: str | None = None
    exception: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthAccountReclaimed(AccountEvent):
    """An unverified account became that of the person whose provider has verified its address."""

    event = "oauth.account_reclaimed"
    level = logging.WARNING
    message = "Unverified account given to the owner of its address"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLinked(AccountEvent):
    """An account can be signed in to with an identity of a provider from now on."""

    event = "oauth.identity_linked"
    message = "Identity of a provider linked"

    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityUnlinked(AccountEvent):
    """An identity of a provider was taken from an account, whose other sessions are being ended."""

    event = "oauth.identity_unlinked"
    message = "Identity of a provider unlinked"

    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLinkStale(AccountEvent):
    """A link was refused: its login has ended, the account has changed, or somebody else is signed in."""

    event = "oauth.link_stale"
    level = logging.WARNING
    message = "Link of an identity refused: its login has ended, or the account has changed"

    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityNotRecent(AccountEvent):
    """An account without a password asked for a change of its identities long after its sign-in."""

    event = "oauth.identity_not_recent"
    message = "Change of identities refused: sign-in not recent"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityReauthenticationRefused(ReauthenticationRefused):
    """A signed-in caller gave a wrong current password for a change of identities."""

    event = "oauth.identity_reproof_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityReauthenticationLocked(ReauthenticationLocked):
    """A signed-in caller has given too many wrong passwords for a change of identities."""

    event = "oauth.identity_reproof_locked"
