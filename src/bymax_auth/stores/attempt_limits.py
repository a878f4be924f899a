"""Limits of attempts that every store applies."""

from typing import Final

__all__ = ["IN_FLIGHT_MS", "WRONG_CODES_WINDOW_MS"]

IN_FLIGHT_MS: Final = 30_000
"""How long an attempt that never ends counts as in flight."""

WRONG_CODES_WINDOW_MS: Final = 86_400_000
"""One day."""
