"""Problems of a configuration, collected and raised together."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

__all__ = ["ENV_PREFIX", "ConfigError", "ConfigProblem", "env_variable", "problem"]

ENV_PREFIX: Final = "BYMAX_AUTH_"
"""The prefix of every environment variable of the library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """
    One reason why the engine cannot be built.

    `option` is a dotted path, for a list entry ``jwt.previous_secrets[1]``; `hint` says what to set.
    No field contains a secret, only properties such as its length.
    """

    code: str
    option: str
    message: str
    hint: str
    details: Mapping[str, object] = field(default_factory=dict[str, object])


class ConfigError(Exception):
    """The configuration is invalid; `problems` lists every problem, in the order of the rules."""

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(_numbered(self.problems))

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[ConfigProblem, ...]]]:
        return type(self), (self.problems,)

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of each problem, in order."""
        return tuple(found.code for found in self.problems)


def env_variable(option: str) -> str:
    """Return the environment variable that sets `option`."""
    return ENV_PREFIX + re.sub(r"\[[0-9]+\]", "", option).replace(".", "__").upper()


def problem(code: str, option: str, message: str, hint: str, /, **details: object) -> ConfigProblem:
    """Return a problem; ``{env}`` in the hint becomes the option's environment variable."""
    return ConfigProblem(
        code=code,
        option=option,
        message=message,
        hint=hint.replace("{env}", env_variable(option)),
        details=details,
    )


def _numbered(problems: tuple[ConfigProblem, ...]) -> str:
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    lines = [
        f"  {number}. {found.option}: {found.message} [{found.code}]\n     {found.hint}"
        for number, found in enumerate(problems, start=1)
    ]
    return "\n".join([f"The configuration has {count}:", *lines])
