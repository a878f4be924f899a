"""The failure of an installation that lacks an algorithm."""

__all__ = ["HasherUnavailable"]


class HasherUnavailable(Exception):
    """The interpreter or the installation cannot compute a hash; the message says what to do."""
