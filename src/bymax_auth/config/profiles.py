"""The profiles, and how a host's options are merged into one."""

from collections.abc import Mapping
from typing import Final, Literal, cast

from pydantic import BaseModel

from bymax_auth.config.enums import PasswordAlgorithm, RegistrationSession, SameSite
from bymax_auth.config.resolvers import StaticTenantResolver

__all__ = ["PROFILES", "Profile", "merge_options", "profile_options"]

Profile = Literal["nest_compat", "secure"]
"""The name of the defaults that a configuration starts from."""

PROFILES: Final[Mapping[Profile, Mapping[str, object]]] = {
    "nest_compat": {},
    "secure": {
        "password": {"active_algorithm": PasswordAlgorithm.ARGON2ID},
        "cookies": {"same_site": SameSite.STRICT},
        "tenancy": {"allow_body_tenant": False},
        "registration": {"session": RegistrationSession.VERIFIED},
        "blocked_statuses": ("BANNED", "INACTIVE", "SUSPENDED", "PENDING_APPROVAL"),
    },
}
"""The options of each profile that differ from the models' defaults."""

_ONE_TENANT: Final = StaticTenantResolver("default")


def profile_options(profile: Profile, overrides: Mapping[str, object]) -> dict[str, object]:
    """
    Return the options of a profile with `overrides` merged into them.

    In the secure profile, a host that sets no option about tenants has one tenant, ``default``.
    """
    merged = merge_options(PROFILES[profile], overrides)
    if profile == "secure" and not _as_options(overrides.get("tenancy")):
        merged = merge_options(merged, {"tenancy": {"resolver": _ONE_TENANT}})
    return merged


def merge_options(profile: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    """
    Return `profile` with `overrides` merged into it, group by group.

    Of a group given as a model, only fields that were set explicitly are merged: a host that names one
    cookie keeps the profile's other cookie options.
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
