"""Reads the library's options from environment variables, as nested text.  No other module does."""

import os
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final, cast

from bymax_auth.config.problems import ENV_PREFIX, ConfigError, ConfigProblem, problem

__all__ = ["read_environment", "read_environment_in_part"]

_DEPLOYMENT: Final = frozenset(
    {
        "bymax_auth_database_url",
        "bymax_auth_redis__layout",
        "bymax_auth_redis__limits__answer",
        "bymax_auth_redis__limits__connect",
        "bymax_auth_redis__limits__connections",
        "bymax_auth_redis__limits__queue",
        "bymax_auth_redis__limits__waiting",
        "bymax_auth_redis__namespace",
        "bymax_auth_redis__revocation",
        "bymax_auth_redis__url",
        "bymax_auth_store_busy_timeout_ms",
        "bymax_auth_store_url",
    }
)
"""Addresses and backends of a deployment, read by the command line and the Redis stores."""

_OPTIONS: Final = ENV_PREFIX.lower()
_REDIS: Final = "bymax_auth_redis__"

_SERVICE: Final = ("bymax_auth_mail__", "bymax_auth_serve__", "bymax_auth_smtp__")
"""Groups read by `bymax-auth serve`, which rejects unknown names in them."""

_PROVIDER: Final = re.compile(r"bymax_auth_oauth__(?!google__).+?__.+")
"""The groups of providers other than Google, which it reads as well."""

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
Variables that Kubernetes sets in each pod of a namespace for a Service named ``bymax-auth…``.

Both the name and the value must match, so that a mistyped option is never taken for one of them.
Source: Kubernetes, Service, Discovering services, Environment variables.
"""


def read_environment(env_file: str | os.PathLike[str] | None) -> dict[str, object]:
    """
    Return the options in the environment: groups as dictionaries, values as text.

    A variable overrides the same one in `env_file`; an empty one counts as not set.

    Raises:
        ConfigError: the extra ``settings`` is not installed, `env_file` does not exist, or a
            group and one of its options are both set.
    """
    nested, problems = read_environment_in_part(env_file)
    if problems:
        raise ConfigError(problems)
    return nested


def read_environment_in_part(
    env_file: str | os.PathLike[str] | None,
) -> tuple[dict[str, object], list[ConfigProblem]]:
    """
    Return the options that can be read, and a problem for each variable that was left out.

    Raises:
        ConfigError: the extra ``settings`` is not installed, or `env_file` does not exist.
    """
    if find_spec("pydantic_settings") is None:
        hint = 'Install it: pip install "bymax-auth[settings]".'
        missing = "reading the environment needs the extra `settings`"
        extra = {"extra": "settings", "option": "from_env"}
        raise ConfigError([problem("missing_extra", "from_env", missing, hint, **extra)])
    if env_file is not None and not Path(env_file).is_file():
        hint = "Pass the path of an existing file as env_file, or leave it out."
        raise ConfigError([problem("env_file_missing", "env_file", "no such file", hint)])
    variables = dict(_variables(env_file))
    found = [*_unknown(variables), *_groups(variables)]
    for name, _ in found:
        del variables[name]
    nested = _nested(variables)
    _apply_web_concurrency(nested, variables.get("web_concurrency"))
    return nested, [one for _, one in found]


def _variables(env_file: str | os.PathLike[str] | None) -> Mapping[str, str | None]:
    from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource

    file = DotEnvSettingsSource(
        BaseSettings, env_file=None if env_file is None else Path(env_file), env_ignore_empty=True
    )
    process = EnvSettingsSource(BaseSettings, env_ignore_empty=True)
    found = {**file.env_vars, **process.env_vars}
    return {name: text for name, text in found.items() if not _is_no_option(name, text)}


def _is_no_option(name: str, text: str | None) -> bool:
    if name in _DEPLOYMENT or name.startswith(_SERVICE) or _PROVIDER.fullmatch(name):
        return True
    return any(
        link.fullmatch(name) and value.fullmatch((text or "").lower()) for link, value in _SERVICE_LINKS
    )


def _unknown(variables: Mapping[str, str | None]) -> Iterator[tuple[str, ConfigProblem]]:
    """Yield the remaining Redis variables: no option is in this group, so each is a mistyped name."""
    for name in sorted(variables):
        if name.startswith(_REDIS):
            hint = "Correct or remove {env}."
            yield name, problem("unknown_option", _option(name), "no option has this name", hint)


def _groups(variables: Mapping[str, str | None]) -> Iterator[tuple[str, ConfigProblem]]:
    """Yield each variable for a whole group beside variables for its options: one would be ignored."""
    for name, text in variables.items():
        below = any(other.startswith(f"{name}__") for other in variables if other.startswith(_OPTIONS))
        if name.startswith(_OPTIONS) and text and below and not name.startswith(_REDIS):
            hint = "Remove {env}, or the variables that start with {env}__."
            yield name, problem("invalid_type", _option(name), "is set, and so are options below it", hint)


def _option(name: str) -> str:
    return name.removeprefix(_OPTIONS).replace("__", ".")


def _nested(variables: Mapping[str, str | None]) -> dict[str, object]:
    nested: dict[str, object] = {}
    for name, text in variables.items():
        if name.startswith(_OPTIONS) and text is not None:
            *groups, option = name.removeprefix(_OPTIONS).split("__")
            _group(nested, groups)[option] = text
    return nested


def _group(nested: dict[str, object], groups: list[str]) -> dict[str, object]:
    current = nested
    for group in groups:
        current = cast("dict[str, object]", current.setdefault(group, dict[str, object]()))
    return current


def _apply_web_concurrency(nested: dict[str, object], processes: str | None) -> None:
    """Use ``WEB_CONCURRENCY``, which process managers set, as the default of `password.kdf_processes`."""
    if processes and re.fullmatch(r"[1-9][0-9]{0,3}", processes, re.ASCII):
        password = nested.setdefault("password", dict[str, object]())
        if isinstance(password, dict):
            cast("dict[str, object]", password).setdefault("kdf_processes", processes)
