"""Numbers as Redis holds them: decimal text."""

from bymax_auth.errors import StoreCorrupt

__all__ = ["count_of"]


def count_of(value: object) -> int:
    """
    Return a stored number, zero for none.

    Raises:
        StoreCorrupt: It is not a number; an epoch taken for zero would bring revoked tokens back.
    """
    if value is None:
        return 0
    text = str(value)
    if not (text.isascii() and text.isdecimal()):
        raise StoreCorrupt("A stored counter is not a number.")
    return int(text)
