"""The places of a module that can be changed, and the changes that Cosmic Ray makes there."""

import difflib
import random
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

EQUIVALENT = "tools/equivalent_mutants.toml"
LEFT_OUT = (
    # Without its decorator a class is none any more, and every test fails.
    "core/RemoveDecorator",
    # Nearly every `|` is a union of types, and breaks the import.
    "core/ReplaceBinaryOperator_BitOr_",
    # Between an enumeration's members, or with None, these are the same comparison.
    "core/ReplaceComparisonOperator_Is_Eq",
    "core/ReplaceComparisonOperator_IsNot_NotEq",
    "core/ReplaceComparisonOperator_Eq_Is",
    "core/ReplaceComparisonOperator_NotEq_IsNot",
)

Position = tuple[int, int]


@dataclass(frozen=True)
class Change:
    """The lines of a module before and after."""

    module: str
    before: str
    after: str


@dataclass(frozen=True)
class Mutant:
    """A module with one change."""

    module: Path
    line: int
    operator: str
    change: Change
    text: str

    @property
    def shown(self) -> str:
        return f"{self.module.as_posix()}:{self.line} {self.operator.removeprefix('core/')}"

    def is_below(self, package: str) -> bool:
        return self.module.as_posix().startswith(f"{package}/")


@dataclass(frozen=True)
class Place:
    """A position in a module, with the operators that change it; each numbers its positions."""

    module: Path
    source: str
    line: int
    changes: tuple[tuple[str, int], ...]

    def mutant(self, source: random.Random) -> Mutant | None:
        """Draw a change that leaves valid code; ``None`` when there is none."""
        for name, occurrence in source.sample(self.changes, len(self.changes)):
            try:
                text = mutate_code(self.source, get_operator(name)(), occurrence)
            except AttributeError:
                continue  # Cosmic Ray cannot replace an exception that is named as `module.Class`
            if text is not None and text != self.source and compiles(text):
                change = change_between(self.module, self.source, text)
                return Mutant(self.module, self.line, name, change, text)
        return None


def places_in(package: Path, module: Path) -> Iterator[Place]:
    """Every place of a module that can be changed."""
    source = (package / module).read_text(encoding="utf-8")
    lines = source.splitlines()
    nodes = list(ast_nodes(get_ast(source)))
    found: dict[tuple[Position, Position], list[tuple[str, int]]] = defaultdict(list)
    for name in operator_names():
        operator_class = get_operator(name)
        if name.startswith(LEFT_OUT) or operator_class.arguments():
            continue
        operator = operator_class()
        positions = [span for node in nodes for span in operator.mutation_positions(node)]
        for occurrence, span in enumerate(positions):
            found[span].append((name, occurrence))
    for (start, _), changes in sorted(found.items()):
        line = lines[start[0] - 1]
        # Whether a value is frozen or has slots is a guard for its author, and changes no answer.  Neither
        # does `/` in place of the `*` of a signature, which others write as a product.
        if line.startswith("@dataclass") or line[start[1] :].startswith("*,"):
            continue
        yield Place(module, source, start[0], tuple(changes))


def change_between(module: Path, before: str, after: str) -> Change:
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[3:]
    removed = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    added = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return Change(module.as_posix(), removed, added)


def compiles(text: str) -> bool:
    try:
        compile(text, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


class EquivalentMutants:
    """The changes that nobody could notice; each is listed with the reason."""

    def __init__(self, root: Path) -> None:
        listed = tomllib.loads((root / EQUIVALENT).read_text(encoding="utf-8"))["mutant"]
        self._listed = {(one["module"], one["before"], one.get("after")) for one in listed}

    def __contains__(self, change: Change) -> bool:
        line = (change.module, change.before)
        return (*line, change.after) in self._listed or (*line, None) in self._listed
