"""Which role includes which."""

from collections.abc import Mapping

__all__ = ["satisfies"]


def satisfies(hierarchy: Mapping[str, tuple[str, ...]] | None, held: str, required: str) -> bool:
    """
    Say whether `held` is `required` or includes it.

    Without a hierarchy nothing does, not even the same role: the realm has no roles then.
    """
    if hierarchy is None:
        return False
    return held == required or required in hierarchy.get(held, ())
