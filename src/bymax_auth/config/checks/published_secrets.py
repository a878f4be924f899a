"""Secrets that are public: those printed in the documentation, the tests and the examples."""

from typing import Final

__all__ = ["is_published"]

_PUBLISHED: Final = frozenset(
    {
        "0123456789abcdef0123456789abcdef",
        "fedcba9876543210fedcba9876543210",
        "aabbccddeeffgghhiiiijjjjkkkkllll",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "an-example-secret-that-is-not-for-production",
    }
)

_PLACEHOLDER_MARKS: Final = ("change-me", "changeme", "not-for-production")


def is_published(secret: str) -> bool:
    """Return whether `secret` is printed in this project, or is marked as a placeholder."""
    return secret in _PUBLISHED or any(word in secret.lower() for word in _PLACEHOLDER_MARKS)
