"""Secrets that are public: those printed in the documentation, the tests, the examples and the benchmarks."""

from typing import Final

__all__ = ["is_published"]

_BASE64_OF_URLS: Final = str.maketrans("-_", "+/")


def _normal(secret: str) -> str:
    """Return one spelling of a key that base64 can spell in several ways."""
    return secret.rstrip("=").translate(_BASE64_OF_URLS)


_PUBLISHED: Final = frozenset(
    map(
        _normal,
        (
            "0123456789abcdef0123456789abcdef",
            "0dd66555bd2d89e0eb4ce050f1fef427bea6799bec27fb8e313f69ab965048c1",
            "3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "Qe5uI0oP7aS2dF9gH4jK6lZ1xC8vB3nM",
            "Vq8sT2mXz4Lw9RbN6cKd1YfHjG3pE7uA",
            "a-different-edge-secret-9876543210ab-xx",
            "aabbccddeeffgghhiiiijjjjkkkkllll",
            "aabbccddeeffgghhiiiijjjjkkkkllmm",
            "an-edge-test-hs256-secret-key-0123456789",
            "an-example-secret-0123456789-abcdefgh",
            "an-example-secret-of-the-benchmarks-0123456789",
            "an-example-secret-that-is-not-for-production",
            "another-example-secret-0123456789-abc",
            "another-example-secret-0123456789-abcd",
            "another-secret-that-nobody-configured-0123456789",
            "fedcba9876543210fedcba9876543210",
            "k3Jx9QmZ7vB1nR5tY8wE2uH6pL4sD0fGq",
            "kW7vR2mQx9Zt4LbN8cYp3HsD6fJg1TaE",
            "mB7tQe2xVn5kJr9wLc4yPz8sUa1dHf6g_G3oTiX0",
            "mN4bV8cX1zL6kJ3hG9fD2sA7pO5iU0yT",
            "quite-another-secret-9876543210-zyxwvuts",
            "vJ3pXn8rT1qLw6sYbE4zKc9uHd2mGf7o-A0iQxR5",
            "vJ3pXn8rT1qLw6sYbE4zKc9uHd2mGf7oA0iQxR5",
        ),
    )
)

_PLACEHOLDER_MARKS: Final = ("change-me", "changeme", "not-for-production")


def is_published(secret: str) -> bool:
    """Return whether `secret` is printed in this project, or is marked as a placeholder."""
    return _normal(secret) in _PUBLISHED or any(word in secret.lower() for word in _PLACEHOLDER_MARKS)
