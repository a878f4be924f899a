"""The exception for an algorithm that is not available."""

__all__ = ["HasherUnavailable"]


class HasherUnavailable(Exception):
    """The interpreter or the installation cannot compute a hash; the message says what to install."""
