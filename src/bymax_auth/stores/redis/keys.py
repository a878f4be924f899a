"""
How every key is spelled.  Nothing else in the package builds one.

    shared   auth:sess:864c72…            one Redis, perhaps with a sibling backend beside us
    tagged   auth:{864c}:sess:864c72…     any Redis; the braces keep an account in one slot
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
    """What one realm calls its keys."""

    live: str
    grace: str
    consumed: str
    family: str
    index: str
    detail: str
    epoch: str


PREFIXES: Final[Mapping[Realm, RealmPrefixes]] = {
    Realm.DASHBOARD: RealmPrefixes("rt", "rp", "cf", "fam", "sess", "sd", "ep"),
    Realm.PLATFORM: RealmPrefixes("prt", "prp", "pcf", "pfam", "psess", "psd", "pep"),
}


class KeyBuilder:
    """Spells keys in one namespace and one layout."""

    __slots__ = ("_namespace", "_same", "layout")

    def __init__(self, namespace: str, layout: KeyLayout) -> None:
        """
        Take the spelling of a deployment.

        Args:
            namespace: What every key begins with.
            layout: Whether keys carry a route.

        Raises:
            ConfigError: The namespace could be mistaken for a part of a key.
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
        self._same = None if layout is KeyLayout.TAGGED else f"{namespace}:"

    def head(self, route: str | None) -> str:
        """Return what the keys of one route begin with, for scripts that meet identifiers inside."""
        return self._same or f"{self._namespace}:{{{route}}}:"

    def key(self, prefix: str, identifier: str, route: str | None) -> str:
        """Return the key of one record."""
        return f"{self._same or self.head(route)}{prefix}:{identifier}"


def suffix(prefix: str, identifier: str) -> str:
    """Return what follows a key's head: the form in which an index holds its members."""
    return f"{prefix}:{identifier}"
