"""
The warning that a store exceeded a bound on waiting: which one, and the option that raises it.

    first operation beyond a bound     one warning
    more of them within a second       counted, and the number is in the next warning
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bymax_auth.services.report_interval import ReportInterval

__all__ = ["Bound", "ExceededBounds"]

_logger: Final = logging.getLogger("bymax_auth")

_INTERVAL_SECONDS: Final = 1.0
"""In an outage every request exceeds a bound; without an interval each would be a line in the log."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound: what it limits, its value with the unit, and the option that raises it."""

    name: str
    value: str
    option: str


class ExceededBounds:
    """Warns of the bounds that one store exceeds, at most once a second each.  Thread-safe."""

    __slots__ = ("_lock", "_warnings")

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._warnings = defaultdict[str, ReportInterval](
            lambda: ReportInterval(monotonic, _INTERVAL_SECONDS)
        )

    def warn(self, bound: Bound) -> None:
        """Log that an operation failed because it exceeded `bound`."""
        with self._lock:
            suppressed = self._warnings[bound.name].admit()
        if suppressed is None:
            return
        _logger.warning(
            "A store operation exceeded the bound %s of %s; %s raises it.  Since the last warning: %d more.",
            bound.name,
            bound.value,
            bound.option,
            suppressed,
            extra={
                "event": "store.bound_exceeded",
                "bound": bound.name,
                "limit": bound.value,
                "option": bound.option,
                "suppressed": suppressed,
            },
        )
