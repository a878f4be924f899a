"""The hardened values, and how a host's own are laid over a profile."""

from collections.abc import Mapping
from typing import Final, Literal, cast

from pydantic import BaseModel

from bymax_auth.config.enums import PasswordAlgorithm, SameSite

__all__ = ["PROFILES", "Profile", "merge_options"]

Profile = Literal["nest_compat", "secure"]
"""Which defaults a configuration starts from."""

PROFILES: Final[Mapping[Profile, Mapping[str, object]]] = {
    "nest_compat": {},
    "secure": {
        "password": {"active_algorithm": PasswordAlgorithm.ARGON2ID},
        "cookies": {"same_site": SameSite.STRICT},
        "tenancy": {"allow_body_tenant": False},
    },
}
"""What each profile sets that the models' own defaults do not."""


def merge_options(profile: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    """
    Return `profile` with `overrides` laid over it, group by group.

    A group given as a model counts with what was set on it, so a host that names one cookie
    keeps the profile's other choices for cookies.
    """
    merged = dict(profile)
    for name, value in overrides.items():
        given = _as_options(value)
        base = merged.get(name)
        if isinstance(given, Mapping) and isinstance(base, Mapping):
            merged[name] = merge_options(
                cast("Mapping[str, object]", base), cast("Mapping[str, object]", given)
            )
        else:
            merged[name] = given
    return merged


def _as_options(value: object) -> object:
    if not isinstance(value, BaseModel):
        return value
    return {name: _as_options(getattr(value, name)) for name in value.model_fields_set}
