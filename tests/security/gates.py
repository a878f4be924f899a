"""
Rules about source text: each finds the lines of one Python file that break it.

A rule is judged by planting a violation, so every finder takes source and not a path.
"""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

__all__ = [
    "ROOT",
    "SOURCE",
    "Finder",
    "credentials_from_urls",
    "guessable_randomness",
    "leaky_comparisons",
    "over",
    "secrets_in_logs",
    "unsafe_code",
]

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "bymax_auth"

Finder = Callable[[ast.Module], Iterator[tuple[int, str]]]

SECRET_WORDS = frozenset(
    [
        "code",
        "codes",
        "credential",
        "credentials",
        "derived",
        "digest",
        "fingerprint",
        "hash",
        "hashes",
        "jti",
        "mac",
        "nonce",
        "otp",
        "otps",
        "passphrase",
        "password",
        "passwords",
        "pin",
        "proof",
        "salt",
        "secret",
        "secrets",
        "sentinel",
        "signature",
        "tag",
        "token",
        "tokens",
    ]
)
"""A name that holds one of these words holds, or may hold, something that nobody may guess or read."""

PLAIN_WORDS = frozenset(
    [
        "algorithm",
        "allowed",
        "bytes",
        "class",
        "count",
        "counter",
        "expired",
        "expires",
        "expiry",
        "field",
        "fields",
        "invalid",
        "kind",
        "kinds",
        "length",
        "lifetime",
        "limit",
        "max",
        "maximum",
        "method",
        "min",
        "minimum",
        "name",
        "names",
        "prefix",
        "size",
        "status",
        "ttl",
        "type",
        "types",
        "url",
    ]
)
"""A name that holds one of these as well is about the secret, and not the secret."""

LOG_METHODS = frozenset({"critical", "debug", "error", "exception", "info", "log", "warn", "warning"})
NATIVE_OR_DYNAMIC = frozenset(
    {"cffi", "ctypes", "dill", "jsonpickle", "marshal", "pickle", "shelve", "yaml", "cPickle", "joblib"}
)
RUNS_TEXT = frozenset({"__import__", "compile", "eval", "exec"})
GUESSABLE = frozenset({"random", "numpy"})
GUESSABLE_IDS = frozenset({"uuid1", "uuid3", "uuid5", "getrandbits", "mktemp"})
URL_READERS = frozenset({"parse_qs", "parse_qsl", "query_params", "query_string"})


def over(source: Path, find: Finder) -> list[str]:
    """Every violation in a folder, as ``path:line what``."""
    return _violations(source)[find]


@cache
def _violations(source: Path) -> dict[Finder, list[str]]:
    """The violations of every rule: each file is parsed once, and no tree is kept."""
    rules = (leaky_comparisons, secrets_in_logs, unsafe_code, guessable_randomness, credentials_from_urls)
    found: dict[Finder, list[str]] = {find: [] for find in rules}
    for path in sorted(source.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        name = path.relative_to(source).as_posix()
        for find, lines in found.items():
            lines += [f"{name}:{line} {what}" for line, what in find(tree)]
    return found


def is_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret, as far as its name tells."""
    words = set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))
    return not name.isupper() and bool(words & SECRET_WORDS) and not words & PLAIN_WORDS


def leaky_comparisons(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """``==``, ``!=`` and ``in`` on a secret stop at the first difference, and that can be measured."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if not isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn):
                continue
            names = [named(left), named(right)]
            if any(isinstance(side, ast.Constant) for side in (left, right)):
                continue  # what is written in the source is no secret
            if found := [name for name in names if name and is_secret(name)]:
                yield node.lineno, f"compares {found[0]}"


def secrets_in_logs(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """A log outlives the secret it holds and is read by more people."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        target = named(node.func.value) or ""
        if node.func.attr not in LOG_METHODS or "log" not in target.lower():
            continue
        for value in [*node.args, *(keyword.value for keyword in node.keywords)]:
            for part in ast.walk(value):
                name = named(part) if isinstance(part, ast.Name | ast.Attribute) else None
                if name and is_secret(name):
                    yield node.lineno, f"logs {name}"


def unsafe_code(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Native code of ours, code made from text, and formats that run code when they are read."""
    for line, module in imports(tree):
        if module in NATIVE_OR_DYNAMIC:
            yield line, f"imports {module}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RUNS_TEXT:
            yield node.lineno, f"calls {node.func.id}"


def guessable_randomness(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Whoever sees a few values of such a generator can compute the next ones."""
    for line, module in imports(tree):
        if module in GUESSABLE:
            yield line, f"imports {module}"
    for node in ast.walk(tree):
        name = named(node) if isinstance(node, ast.Name | ast.Attribute) else None
        imported = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        for used in {name, *imported} & GUESSABLE_IDS:
            yield getattr(node, "lineno", 0), f"uses {used}"


def credentials_from_urls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """URLs are logged by every proxy, kept in histories and sent on as referrers."""
    for node in ast.walk(tree):
        name = named(node) if isinstance(node, ast.Name | ast.Attribute) else None
        text = node.value if isinstance(node, ast.Constant) else None
        for used in (name, text):
            if used in URL_READERS:
                yield getattr(node, "lineno", 0), f"reads {used}"


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each imported top-level module with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module.partition(".")[0]


def named(node: ast.expr | ast.AST) -> str | None:
    """The last name of ``a``, ``a.b``, ``a["b"]`` or ``a.b()``."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=ast.Name(id="len")):
            return None
        case ast.Call(func=called, args=arguments):
            inner = [named(argument) for argument in arguments]
            return named(called) if not inner else next((name for name in inner if name), None)
        case _:
            return None
