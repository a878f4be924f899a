"""Whom a provider of identities may bring: the service's hook, and the settings that it follows."""

import re
from dataclasses import dataclass
from typing import Final

from bymax_auth.ports.hooks import AuthHooks, Create, HookContext, Link, OAuthDecision, Reject
from bymax_auth.types.account import SafeAuthUser
from bymax_auth.types.oauth import OAuthProfile

__all__ = ["Admission", "ProviderHooks", "is_domain"]

_DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)


def is_domain(text: str) -> bool:
    """Return whether `text` is the part of an address after the ``@``, as addresses are stored."""
    return _DOMAIN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """
    Who may sign in with a provider.

    Args:
        sign_up: Whether somebody without an account gets one.
        domains: The domains of the addresses, which the provider must have verified; empty for every
            address.
        reclaim: Whether an account that has the address, unverified, becomes that of the person whose
            provider has verified it.
    """

    sign_up: bool = True
    domains: frozenset[str] = frozenset()
    reclaim: bool = False


class ProviderHooks(AuthHooks):
    """The hooks of a service, which can have no code of its operator's."""

    def __init__(self, admission: Admission) -> None:
        self._admission: Final = admission

    async def on_oauth_login(
        self, profile: OAuthProfile, existing_user: SafeAuthUser | None, context: HookContext
    ) -> OAuthDecision:
        """Sign in to the account with this identity, or make one, as the settings admit."""
        domains = self._admission.domains
        # An address that nobody has verified may be written by anybody who has an account there.
        if domains and not (profile.email_verified and profile.email.rpartition("@")[2] in domains):
            return Reject("not an admitted domain")
        if existing_user is not None:
            return Link()
        if not self._admission.sign_up:
            return Reject("no account has this identity")
        return Create(reclaim=self._admission.reclaim)
