"""A configuration that every rule accepts, and the facts of an engine that lacks nothing."""

from dataclasses import dataclass, replace
from secrets import token_urlsafe
from typing import Any

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.config import AuthConfig
from bymax_auth.config.checks import Collaborators, check_config
from bymax_auth.config.problems import ConfigProblem
from bymax_auth.config.profiles import merge_options

# Secrets that are printed in the tree are refused in production.
SECRET, OTHER_SECRET, THIRD_SECRET = (fresh_secret()[:32] for _ in range(3))
MFA_KEY = token_urlsafe(32)
MFA = {"encryption_key": MFA_KEY, "issuer": "Acme"}
PADDED_MFA_KEY = MFA_KEY.replace("-", "+").replace("_", "/") + "="
PUBLISHED = "0123456789abcdef" * 2
PUBLISHED_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
REPETITIVE = "aaaabbbbccccddddeeeeffffgggghhhh"
GOOGLE = {"client_id": "id", "client_secret": "s", "callback_url": "https://app.example.com/auth/google"}

VALID: dict[str, Any] = {
    "jwt": {"secret": SECRET},
    "roles": {"hierarchy": {"ADMIN": ["MEMBER"], "MEMBER": []}},
}

INSTALLED = frozenset({"argon2", "fastapi", "importers", "mfa", "oauth", "settings", "smtp", "sqlalchemy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One broken configuration: what is changed, and the problem that must come first."""

    code: str
    option: str
    options: dict[str, Any]
    facts: dict[str, Any]


def broken(
    code: str,
    option: str,
    value: object = None,
    *,
    also: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
) -> Row:
    """The row in which `option` has `value`, or in which `also` and `facts` alone break it."""
    changed = {} if value is None else {option: value}
    return Row(code=code, option=option, options=nested(changed | (also or {})), facts=facts or {})


def nested(dotted: dict[str, Any]) -> dict[str, Any]:
    """The options by group; one of the second factor or of Google comes with the rest of its sample."""
    groups: dict[str, Any] = {}
    if any(name.startswith("mfa") for name in dotted):
        groups["mfa"] = dict(MFA)
    if any(name.startswith("oauth.google") for name in dotted):
        groups["oauth"] = {"google": dict(GOOGLE)}
    for name, value in sorted(dotted.items(), key=lambda item: item[0].count(".")):
        *path, last = name.split(".")
        group = groups
        for step in path:
            group = group.setdefault(step, {})
        group[last] = dict(value) if isinstance(value, dict) else value
    return groups


def config(**overrides: Any) -> AuthConfig:
    """The valid configuration with a few options changed, group by group; `roles` is replaced whole."""
    kept = {group: value for group, value in VALID.items() if group != "roles" or group not in overrides}
    return AuthConfig.nest_compat_defaults(**merge_options(kept, overrides))


def facts(**changes: Any) -> Collaborators:
    """The complete facts with a few changed."""
    return replace(Collaborators.complete(INSTALLED), **changes)


def judged(overrides: dict[str, Any], changes: dict[str, Any] | None = None) -> list[ConfigProblem]:
    """The problems of the valid configuration after these changes."""
    return check_config(config(**overrides), facts(**changes or {}))[0]


def warned(overrides: dict[str, Any], changes: dict[str, Any] | None = None) -> list[str]:
    """The warnings of the valid configuration after these changes."""
    return check_config(config(**overrides), facts(**changes or {}))[1]
