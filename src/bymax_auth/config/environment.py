"""Reads the library's environment variables, as nested text.  Nothing else reads the environment."""

import os
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final, cast

from bymax_auth.config.problems import ENV_PREFIX, ConfigError, problem

__all__ = ["read_environment"]

_DEPLOYMENT: Final = frozenset(
    {
        "bymax_auth_database_url",
        "bymax_auth_redis__layout",
        "bymax_auth_redis__namespace",
        "bymax_auth_redis__revocation",
        "bymax_auth_redis__url",
        "bymax_auth_store_url",
    }
)
"""What a deployment runs on: the command line and the Redis stores read it themselves."""

_REDIS: Final = "bymax_auth_redis__"

_SERVICE: Final = ("bymax_auth_serve__", "bymax_auth_smtp__")
"""Groups of `bymax-auth serve`, which refuses their unknown names itself."""

_ADDRESS: Final = r"[0-9a-f.:]+"
_LINK: Final = rf"(?:tcp|udp|sctp)://\[?{_ADDRESS}\]?:[0-9]+"
_SERVICE_LINKS: Final = tuple(
    (re.compile(rf"bymax_auth_(?:[a-z0-9]+_)*{name}"), re.compile(value))
    for name, value in (
        ("service_host", _ADDRESS),
        ("service_port(?:_[a-z0-9_]+)?", "[0-9]+"),
        ("port(?:_[0-9]+_(?:tcp|udp|sctp))?", _LINK),
        ("port_[0-9]+_(?:tcp|udp|sctp)_proto", "tcp|udp|sctp"),
        ("port_[0-9]+_(?:tcp|udp|sctp)_port", "[0-9]+"),
        ("port_[0-9]+_(?:tcp|udp|sctp)_addr", _ADDRESS),
    )
)
"""
What Kubernetes tells every pod of a namespace about a Service whose name begins with ``bymax-auth``.

The value has to fit as well as the name, so that a mistyped option is never taken for one of them.
Source: Kubernetes, Service, Discovering services, Environment variables.
"""


def read_environment(env_file: str | os.PathLike[str] | None) -> dict[str, object]:
    """
    Return what the environment sets: groups as dictionaries, values as text.

    A variable wins over the same one in `env_file`; an empty one counts as not set.

    Raises:
        ConfigError: the extra ``settings`` is not installed, `env_file` does not exist, or a
            variable stands beside those of its own group.
    """
    if find_spec("pydantic_settings") is None:
        hint = 'Install it: pip install "bymax-auth[settings]".'
        missing = "reading the environment needs the extra `settings`"
        found = problem("missing_extra", "from_env", missing, hint, extra="settings", option="from_env")
        raise ConfigError([found])
    if env_file is not None and not Path(env_file).is_file():
        hint = "Pass the path of an existing file as env_file, or leave it out."
        raise ConfigError([problem("env_file_missing", "env_file", "no such file", hint)])
    variables = _variables(env_file)
    _refuse_unknown(variables)
    _refuse_groups(variables)
    nested = _nested(variables)
    _apply_web_concurrency(nested, variables.get("web_concurrency"))
    return nested


def _variables(env_file: str | os.PathLike[str] | None) -> Mapping[str, str | None]:
    from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource

    file = DotEnvSettingsSource(
        BaseSettings, env_file=None if env_file is None else Path(env_file), env_ignore_empty=True
    )
    process = EnvSettingsSource(BaseSettings, env_ignore_empty=True)
    found = {**file.env_vars, **process.env_vars}
    return {name: text for name, text in found.items() if not _is_no_option(name, text)}


def _is_no_option(name: str, text: str | None) -> bool:
    if name in _DEPLOYMENT or name.startswith(_SERVICE):
        return True
    return any(
        link.fullmatch(name) and value.fullmatch((text or "").lower()) for link, value in _SERVICE_LINKS
    )


def _refuse_unknown(variables: Mapping[str, str | None]) -> None:
    """No option is in this group, so what is left over of it is a mistyped name of a deployment."""
    found = [
        problem(
            "unknown_option",
            name.removeprefix(ENV_PREFIX.lower()).replace("__", "."),
            "no option has this name",
            "Correct or remove {env}.",
        )
        for name in sorted(variables)
        if name.startswith(_REDIS)
    ]
    if found:
        raise ConfigError(found)


def _refuse_groups(variables: Mapping[str, str | None]) -> None:
    """One of a group's variable and its options' variables would be ignored without a word."""
    names = [name for name, text in variables.items() if name.startswith(ENV_PREFIX.lower()) and text]
    found = [
        problem(
            "invalid_type",
            name.removeprefix(ENV_PREFIX.lower()).replace("__", "."),
            "is set, and so are options below it",
            "Remove {env}, or the variables that start with {env}__.",
        )
        for name in names
        if any(other.startswith(f"{name}__") for other in names)
    ]
    if found:
        raise ConfigError(found)


def _nested(variables: Mapping[str, str | None]) -> dict[str, object]:
    nested: dict[str, object] = {}
    for name, text in variables.items():
        if name.startswith(ENV_PREFIX.lower()) and text is not None:
            *groups, option = name.removeprefix(ENV_PREFIX.lower()).split("__")
            _group(nested, groups)[option] = text
    return nested


def _group(nested: dict[str, object], groups: list[str]) -> dict[str, object]:
    current = nested
    for group in groups:
        current = cast("dict[str, object]", current.setdefault(group, dict[str, object]()))
    return current


def _apply_web_concurrency(nested: dict[str, object], processes: str | None) -> None:
    """Take the process managers' own variable for the number of processes that share the hashing memory."""
    if processes and re.fullmatch(r"[1-9][0-9]{0,3}", processes, re.ASCII):
        password = nested.setdefault("password", dict[str, object]())
        if isinstance(password, dict):
            cast("dict[str, object]", password).setdefault("kdf_processes", processes)
