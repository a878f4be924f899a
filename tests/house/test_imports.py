"""Each layer imports only the third parties that it is allowed to know."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

CORE = frozenset({"argon2", "bcrypt", "cryptography", "pydantic", "pydantic_core", "segno"})
EDGES = frozenset({"fastapi", "starlette"})
ALLOWED = {
    "client": CORE | {"httpx2"},
    "config": CORE | {"pydantic_settings"},
    "crypto.jws": CORE | {"joserfc"},
    "fastapi": CORE | EDGES,
    "cli": CORE | EDGES | {"dotenv", "pydantic_settings", "rich", "sqlalchemy", "typer", "uvicorn"},
    "testing": CORE | EDGES | {"httpx2", "pytest"},
    "repositories.sqlalchemy": CORE | {"sqlalchemy"},
    "providers.http": CORE | {"httpx2"},
    "providers.opentelemetry": CORE | {"opentelemetry"},
    "providers.smtp": CORE | {"aiosmtplib"},
    "stores.redis": CORE | {"hiredis", "redis"},
    "cli.doctor": CORE | {"httpx2", "rich", "typer"},
    "cli.serve": CORE | EDGES | {"prometheus_client", "sqlalchemy", "typer", "uvicorn"},
}
STANDARD = frozenset(sys.stdlib_module_names) | {"bymax_auth", "__future__"}


def test_each_module_imports_only_the_third_parties_of_its_layer(root: Path) -> None:
    """The list is of what is allowed, so a new dependency is a decision and never a habit."""
    source = root / "src" / "bymax_auth"
    strays = [
        f"{path.relative_to(source)} imports {name}"
        for path in sorted(source.rglob("*.py"))
        for name in sorted(set(imported_by(path)) - STANDARD - allowed_in(path.relative_to(source)))
    ]
    assert strays == []


def test_nothing_hides_an_import_behind_type_checking(root: Path) -> None:
    """A guarded import is a cycle in hiding, and FastAPI cannot read such an annotation."""
    guarded = [
        str(path)
        for path in sorted((root / "src").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Name) and node.id == "TYPE_CHECKING")
        or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    ]
    assert guarded == []


def imported_by(path: Path) -> Iterator[str]:
    """The top-level names of everything the file imports, wherever it does so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0]


def allowed_in(path: Path) -> frozenset[str]:
    """The third parties that a file may import; the most precise entry decides."""
    parts = path.with_suffix("").parts
    return ALLOWED.get(".".join(parts[:2]), ALLOWED.get(parts[0], CORE))
