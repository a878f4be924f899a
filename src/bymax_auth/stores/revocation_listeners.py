"""Whom a store tells of revocations."""

import threading
from collections.abc import Callable
from functools import partial

from bymax_auth.ports.revocation import RevocationListener

__all__ = ["RevocationListeners"]


class RevocationListeners:
    """The listeners of one store; they may be added, removed and called on any thread."""

    __slots__ = ("_listeners", "_lock")

    def __init__(self) -> None:
        self._listeners: tuple[RevocationListener, ...] = ()
        self._lock = threading.Lock()

    def add(self, listener: RevocationListener) -> Callable[[], None]:
        """Call `listener` from now on; calling the result ends that."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
        return partial(self._remove, listener)

    def notify(self, revoked: str | None) -> None:
        """Tell every listener what was revoked, ``None`` when it may have been anything."""
        for listener in self._listeners:
            listener(revoked)

    def _remove(self, listener: RevocationListener) -> None:
        with self._lock:
            self._listeners = tuple(known for known in self._listeners if known != listener)
