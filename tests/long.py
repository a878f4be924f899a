"""
What `make test-long` runs beyond `make test`: more rounds of a search or a fault, and more kinds of stores.

The same tests run in both, and each proves the same; a long run only looks at more cases.
"""

import os

import pytest

__all__ = ["LONG", "long_only", "rounds"]

LONG = os.environ.get("TEST_BUDGET") == "long"


def rounds(usual: int, long: int) -> int:
    """How many rounds this run makes."""
    return long if LONG else usual


long_only = pytest.mark.skipif(not LONG, reason="for make test-long")
