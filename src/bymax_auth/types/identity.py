"""Who an operation concerns, in the form that stores and tokens use."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["KeyLayout", "Realm", "Subject", "SubjectFactory", "TokenRef"]


class Realm(StrEnum):
    """The two populations, which share no state: users of tenants, and operators of the platform."""

    DASHBOARD = "dashboard"
    PLATFORM = "platform"


class KeyLayout(StrEnum):
    """How a store spells its keys."""

    SHARED = "shared"
    TAGGED = "tagged"


@dataclass(frozen=True, slots=True)
class Subject:
    """
    One account, as stores know it.

    Built only by `bymax_auth.services.identifiers.Identifiers.subject`, which derives `hash` from
    realm, tenant and user id injectively, so no two accounts share state.
    """

    realm: Realm
    user_id: str
    tenant_id: str | None
    hash: str

    @property
    def route(self) -> str:
        """The four hex digits that keep an account's keys in one cluster slot."""
        return self.hash[:4]


SubjectFactory = Callable[[str, str | None], Subject]
"""Builds the subject of (user id, tenant id) in the realm at hand."""


@dataclass(frozen=True, slots=True)
class TokenRef:
    """A refresh token as stores see it: the SHA-256 of its text, and its route in a tagged layout."""

    hash: str = field(repr=False)
    route: str | None = None
