"""Identifiers of accounts and tokens, as stores and tokens use them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["KeyLayout", "Realm", "Subject", "SubjectFactory", "TokenRef"]


class Realm(StrEnum):
    """The two kinds of account, which share no state: tenants' users and platform administrators."""

    DASHBOARD = "dashboard"
    PLATFORM = "platform"


class KeyLayout(StrEnum):
    """The format of a store's keys."""

    SHARED = "shared"
    TAGGED = "tagged"


@dataclass(frozen=True, slots=True)
class Subject:
    """
    One account, as stores identify it.

    Constructed only by `bymax_auth.services.identifiers.Identifiers.subject`, which derives `hash` from
    realm, tenant and user id injectively, so no two accounts share state.
    """

    realm: Realm
    user_id: str
    tenant_id: str | None
    hash: str

    @property
    def route(self) -> str:
        """The four hex digits of the hash tag that keeps an account's keys in one cluster slot."""
        return self.hash[:4]


SubjectFactory = Callable[[str, str | None], Subject]
"""Returns the subject of (user id, tenant id) in one realm."""


@dataclass(frozen=True, slots=True)
class TokenRef:
    """An opaque token as stores identify it: the SHA-256 of its text, and its route in a tagged layout."""

    hash: str = field(repr=False)
    route: str | None = None
