"""`bymax-auth check`: lists every problem of the configuration in the environment."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from bymax_auth.cli.problems import numbered, text_of
from bymax_auth.config import AuthConfig
from bymax_auth.config.checks import Collaborators, check_config, installed_extras
from bymax_auth.config.partial import config_in_part
from bymax_auth.config.problems import ConfigError, ConfigProblem, problem
from bymax_auth.config.profiles import Profile
from bymax_auth.ports.stores import AuthStores

__all__ = ["CheckResult", "check_environment", "check_service", "rules_broken"]

_GIVEN_IN_CODE: Final = frozenset({"tenancy.resolver"})
"""Options that are objects, which cannot be set in the environment, so their absence is not reported."""

_SOME_PROVIDER: Final = "some-provider"
"""Stands for the providers that a host passes in code, or that the service reads from its own variables."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Lines for a terminal: two per problem, the message and the hint, and one per warning."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def check_environment(profile: Profile, env_file: Path | None) -> CheckResult:
    """Return the problems of the environment's configuration.  No line contains a secret."""
    try:
        config, unread = config_in_part(profile, env_file)
    except ConfigError as error:
        return CheckResult(_lines(error.problems))
    except (OSError, UnicodeError):
        hint = "Pass the path of a readable text file in UTF-8."
        unreadable = problem("env_file_unreadable", "env_file", "cannot be read", hint)
        return CheckResult(_lines([unreadable]))
    broken, warnings = rules_broken(config, (one.option for one in unread))
    return CheckResult(_lines([*unread, *broken]), (*warnings, *_shared_memory(config)))


def check_service(profile: Profile | None, env_file: Path | None) -> CheckResult:
    """Return what `bymax-auth serve` would report: options, settings, stores, database and mail."""
    # They take a second to import, and the other commands do not need them.
    from bymax_auth.cli.serve.report import report_of
    from bymax_auth.cli.serve.settings import PROFILE

    if env_file is not None:
        try:
            variables = dotenv_values(env_file)
        except (OSError, UnicodeError):
            variables = {}
        if not variables:
            return check_environment(profile or "nest_compat", env_file)
        for name, text in variables.items():
            os.environ.setdefault(name, text or "")
    if profile is not None:
        os.environ[PROFILE] = profile
    report = report_of()
    return CheckResult(tuple(numbered(report.problems)), report.warnings)


def rules_broken(
    config: AuthConfig, reported: Iterable[str] = (), stores: AuthStores | None = None
) -> tuple[tuple[ConfigProblem, ...], tuple[str, ...]]:
    """Return the problems and warnings of a configuration, assuming that every collaborator is present."""
    exposed: tuple[str, ...] = getattr(stores, "exposed_files", ())
    complete = Collaborators.complete(installed_extras())
    given = replace(complete, exposed_store_files=exposed, oauth_provider_names=(_SOME_PROVIDER,))
    problems, warnings = check_config(config, given, reported)
    return tuple(one for one in problems if one.option not in _GIVEN_IN_CODE), tuple(warnings)


def _lines(problems: Iterable[ConfigProblem]) -> tuple[str, ...]:
    return tuple(numbered(map(text_of, problems)))


def _shared_memory(config: AuthConfig) -> Iterator[str]:
    processes = config.password.kdf_processes
    if processes > 1:
        yield (
            f"{processes} server processes do not share EmbeddedStores() in memory: each would have its own "
            "sessions only. Use a file, EmbeddedStores(path)."
        )
