"""Limits of attempts that every store applies."""

from typing import Final

__all__ = ["IN_FLIGHT_MS", "MAX_WRONG_CODES", "WRONG_CODES_WINDOW_MS"]

IN_FLIGHT_MS: Final = 30_000
"""How long an attempt that never ends counts as in flight."""

MAX_WRONG_CODES: Final = 50
"""Wrong one-time codes per purpose and address, over all codes issued in the window."""

WRONG_CODES_WINDOW_MS: Final = 86_400_000
"""One day."""
