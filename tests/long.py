"""
What `make test-long` runs beyond `make test`: more rounds of a search or a fault, and more kinds of stores.

The same tests run in both, and each proves the same; a long run only looks at more cases.
"""

import os
from collections.abc import Sequence
from itertools import cycle, product

import pytest

__all__ = ["LONG", "long_only", "pairs", "rounds"]

LONG = os.environ.get("TEST_BUDGET") == "long"


def rounds(usual: int, long: int) -> int:
    """How many rounds this run makes."""
    return long if LONG else usual


def pairs(many: Sequence[str], few: Sequence[str]) -> list[tuple[str, str]]:
    """Every pair in a long run; in a usual one each of the many with one of the few, in turn."""
    return [*product(many, few)] if LONG else [*zip(many, cycle(few), strict=False)]


long_only = pytest.mark.skipif(not LONG, reason="for make test-long")
