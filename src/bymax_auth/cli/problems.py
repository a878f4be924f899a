"""Problems of a deployment, collected so that a command reports all of them at once."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from bymax_auth.config.problems import ConfigError, ConfigProblem

__all__ = ["DeploymentError", "Problems", "listed", "numbered", "text_of"]

ResultT = TypeVar("ResultT")
DefaultT = TypeVar("DefaultT")

_INDENT: Final = "   "


class DeploymentError(Exception):
    """Variables of the deployment are missing or invalid; each of `problems` is text for a terminal."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__(*problems)

    def __str__(self) -> str:
        return listed(self.problems)


class Problems:
    """Collects the problems of several steps; a step that fails leaves the others to go on."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    @property
    def texts(self) -> tuple[str, ...]:
        """Each problem once, in the order of the steps."""
        return tuple(dict.fromkeys(self._texts))

    def add(self, texts: Iterable[str]) -> None:
        """Add problems."""
        self._texts += texts

    def attempt(self, step: Callable[[], ResultT], default: DefaultT) -> ResultT | DefaultT:
        """Return the result of a step; of one that fails, add the problems and return `default`."""
        try:
            return step()
        except DeploymentError as error:
            self.add(error.problems)
        except ConfigError as error:
            self.add(map(text_of, error.problems))
        return default

    def raise_all(self) -> None:
        """
        Do nothing without problems.

        Raises:
            DeploymentError: There are problems; it has all of them.
        """
        if self._texts:
            raise DeploymentError(*self.texts)


def text_of(found: ConfigProblem) -> str:
    """Return a problem of the configuration: what is wrong, and on a second line what to do."""
    return f"{found.option}: {found.message} [{found.code}]\n{found.hint}"


def listed(problems: Iterable[str]) -> str:
    """Return one problem as it is, and several as a numbered list."""
    texts = list(problems)
    if len(texts) == 1:
        return texts[0].replace("\n", f"\n{_INDENT}")
    return "\n".join([f"{len(texts)} problems:", *numbered(texts)])


def numbered(problems: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a numbered list."""
    for number, text in enumerate(problems, start=1):
        first, *others = text.split("\n")
        yield f"{number}. {first}"
        yield from (f"{_INDENT}{line}" for line in others)
