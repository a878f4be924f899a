"""Roles of a hierarchy: which of them a role includes."""

from collections.abc import Mapping

__all__ = ["includes_role"]


def includes_role(hierarchy: Mapping[str, tuple[str, ...]], held: str, required: str) -> bool:
    """Say whether the role `held` is `required` or includes it."""
    return held == required or required in hierarchy.get(held, ())
