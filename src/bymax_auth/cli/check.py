"""`bymax-auth check`: lists every problem of the configuration in the environment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bymax_auth.config import AuthConfig
from bymax_auth.config.checks import Collaborators, check_config, installed_extras
from bymax_auth.config.problems import ConfigError, ConfigProblem, problem
from bymax_auth.config.profiles import Profile

__all__ = ["CheckResult", "check_environment", "rules_broken"]

_GIVEN_IN_CODE: Final = frozenset({"tenancy.resolver"})
"""Options that are objects, which cannot be set in the environment, so their absence is not reported."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Lines for a terminal: two per problem, the message and the hint, and one per warning."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def check_environment(profile: Profile, env_file: Path | None) -> CheckResult:
    """Return the problems of the environment's configuration.  No line contains a secret."""
    try:
        config = AuthConfig.from_env(profile=profile, env_file=env_file)
    except ConfigError as error:
        return CheckResult(tuple(_lines(error.problems)))
    except (OSError, UnicodeError):
        hint = "Pass the path of a readable text file in UTF-8."
        unreadable = problem("env_file_unreadable", "env_file", "cannot be read", hint)
        return CheckResult(tuple(_lines([unreadable])))
    problems, warnings = rules_broken(config)
    return CheckResult(tuple(_lines(problems)), (*warnings, *_shared_memory(config)))


def rules_broken(config: AuthConfig) -> tuple[tuple[ConfigProblem, ...], tuple[str, ...]]:
    """Return the problems and warnings of a configuration, assuming that every collaborator is present."""
    problems, warnings = check_config(config, Collaborators.complete(installed_extras()))
    return tuple(one for one in problems if one.option not in _GIVEN_IN_CODE), tuple(warnings)


def _lines(problems: Iterable[ConfigProblem]) -> Iterator[str]:
    for number, found in enumerate(problems, start=1):
        yield f"{number}. {found.option}: {found.message} [{found.code}]"
        yield f"   {found.hint}"


def _shared_memory(config: AuthConfig) -> Iterator[str]:
    processes = config.password.kdf_processes
    if processes > 1:
        yield (
            f"{processes} server processes do not share EmbeddedStores() in memory: each would have its own "
            "sessions only. Use a file, EmbeddedStores(path)."
        )
