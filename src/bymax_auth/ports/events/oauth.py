"""Events of sign-in with a provider."""

import logging
from dataclasses import dataclass

from bymax_auth.ports.events.event import AccountEvent, AuthEvent

__all__ = ["OAuthAccountReclaimed", "OAuthProviderFailed"]


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
