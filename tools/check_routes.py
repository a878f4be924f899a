"""
Refuses the name or path of a route outside of the route table.

`http/routes/` states everything that is true of a route. What reads the table (the pipeline, the document,
the adapters) must work for a route that does not exist yet, so it may hold neither a name, as a string of its
own, nor a path. Docstrings and `__all__` are not searched.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from bymax_auth.http.routes import ROUTES

TABLE = "src/bymax_auth/http/routes"
READERS = ("src/bymax_auth/http", "src/bymax_auth/fastapi", "src/bymax_auth/codegen")
NAMES = frozenset(spec.name for spec in ROUTES)
PATHS = frozenset(spec.path for spec in ROUTES)


def problems(root: Path) -> Iterator[str]:
    """Every violation under `root`, as one line each, in path order."""
    for reader in READERS:
        for path in sorted((root / reader).rglob("*.py")):
            shown = path.relative_to(root).as_posix()
            if not shown.startswith(f"{TABLE}/"):
                yield from problems_of(path.read_text(encoding="utf-8"), shown)


def problems_of(text: str, shown: str) -> Iterator[str]:
    """The violations of one file, which is called `shown` in the messages."""
    tree = ast.parse(text, filename=shown)
    exempt = {id(node) for part in ast.walk(tree) if _is_exempt(part) for node in ast.walk(part)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in exempt:
            if node.value in NAMES:
                yield f"{shown}:{node.lineno}: {node.value!r} is the name of a route"
            elif any(path in node.value for path in PATHS):
                yield f"{shown}:{node.lineno}: {node.value!r} holds the path of a route"


def _is_exempt(node: ast.AST) -> bool:
    """Whether a statement is a docstring or the module's `__all__`."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
    )


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = list(problems(root))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
