"""What the repositories decide alike about the identities that a user holds."""

from collections.abc import Collection, Sequence

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.ports.accounts import UnlinkOutcome
from bymax_auth.types.account import AuthUser, LinkedIdentity

__all__ = ["has_password_of", "is_held", "is_same", "judge_unlink", "shown_by", "without"]


def shown_by(user: AuthUser) -> LinkedIdentity | None:
    """Return the identity that the user's own fields show."""
    if user.oauth_provider is None or user.oauth_provider_id is None:
        return None
    return LinkedIdentity(provider=user.oauth_provider, provider_id=user.oauth_provider_id)


def is_same(one: LinkedIdentity, other: LinkedIdentity | None) -> bool:
    """Say whether two are one identity, whenever they were linked."""
    return other is not None and (one.provider, one.provider_id) == (other.provider, other.provider_id)


def is_held(identity: LinkedIdentity, held: Collection[LinkedIdentity]) -> bool:
    """Say whether an identity is among those."""
    return any(is_same(one, identity) for one in held)


def without(identity: LinkedIdentity | None, held: Sequence[LinkedIdentity]) -> tuple[LinkedIdentity, ...]:
    """Return the others of the identities, in their order."""
    return tuple(one for one in held if not is_same(one, identity))


def judge_unlink(
    user: AuthUser, others: Collection[LinkedIdentity], usable: Collection[str] | None
) -> UnlinkOutcome:
    """Return ``LAST`` if the user could not sign in with a password, or by one of the `usable` providers."""
    if usable is None or user.password_hash is not None or any(one.provider in usable for one in others):
        return UnlinkOutcome.UNLINKED
    return UnlinkOutcome.LAST


def has_password_of(before: AuthUser, now: AuthUser) -> bool:
    """Say whether a user has the same password, or none, as before."""
    return ct_eq_text(before.password_hash or "", now.password_hash or "")
