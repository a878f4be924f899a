"""
Builds every key.  Nothing else in the package does.

    shared   auth:sess:864c72…            one Redis, possibly shared with a sibling backend
    tagged   auth:{864c}:sess:864c72…     any Redis; the hash tag keeps an account in one hash slot
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bymax_auth.config.problems import ConfigError, problem
from bymax_auth.types.identity import KeyLayout, Realm

__all__ = ["PREFIXES", "KeyBuilder", "RealmPrefixes", "suffix"]

_NAMESPACE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class RealmPrefixes:
    """The key prefixes of one realm."""

    live: str
    grace: str
    consumed: str
    family: str
    index: str
    detail: str
    epoch: str
    ended: str


PREFIXES: Final[Mapping[Realm, RealmPrefixes]] = {
    Realm.DASHBOARD: RealmPrefixes("rt", "rp", "cf", "fam", "sess", "sd", "ep", "sess-ended"),
    Realm.PLATFORM: RealmPrefixes("prt", "prp", "pcf", "pfam", "psess", "psd", "pep", "psess-ended"),
}


class KeyBuilder:
    """Builds keys in one namespace and one layout."""

    __slots__ = ("_fixed_head", "_namespace", "layout")

    def __init__(self, namespace: str, layout: KeyLayout) -> None:
        """
        Build the keys of one deployment.

        Args:
            namespace: What every key begins with.
            layout: Whether keys contain a route.

        Raises:
            ConfigError: The namespace contains a character that has a meaning in keys.
        """
        if _NAMESPACE.fullmatch(namespace) is None:
            found = problem(
                "redis_namespace_invalid",
                "redis.namespace",
                "is not 1 to 64 letters, digits, dots, underscores or hyphens",
                "Choose a short word, such as the name of the application.",
            )
            raise ConfigError([found])
        self.layout: Final = layout
        self._namespace = namespace
        self._fixed_head = None if layout is KeyLayout.TAGGED else f"{namespace}:"

    def head(self, route: str | None) -> str:
        """Return what the keys of one route begin with, for scripts that build keys themselves."""
        return self._fixed_head or f"{self._namespace}:{{{route}}}:"

    def key(self, prefix: str, identifier: str, route: str | None) -> str:
        """Return the key of one record."""
        return f"{self._fixed_head or self.head(route)}{prefix}:{identifier}"


def suffix(prefix: str, identifier: str) -> str:
    """Return what follows a key's head: the form of the members of an index."""
    return f"{prefix}:{identifier}"
