"""Numbers as Redis holds them: decimal text."""

import re
from typing import Final

from bymax_auth.errors import StoreCorrupt

__all__ = ["count_of"]

_COUNT: Final = re.compile(r"0|[1-9][0-9]{0,14}")
"""What `INCR` writes, and a script can add to exactly."""


def count_of(value: object) -> int:
    """
    Return a stored number, zero for none.

    Raises:
        StoreCorrupt: It is not a number; an epoch taken for zero would bring revoked tokens back.
    """
    if value is None:
        return 0
    text = str(value)
    if _COUNT.fullmatch(text) is None:
        raise StoreCorrupt("A stored counter is not a number.")
    return int(text)
