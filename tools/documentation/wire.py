"""The reference of the service: options, routes, error codes and commands."""

import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from io import StringIO
from itertools import groupby
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Any

from bymax_auth.cli.commands import run
from bymax_auth.config.documentation import OptionRow, option_rows
from tools.documentation.markdown import fenced
from tools.documentation.pages import Page

__all__ = ["service_reference"]

_FOLDER = PurePosixPath("reference")
_PROGRAM = "bymax-auth"


def service_reference(root: Path) -> list[Page]:
    """Return the pages about what is configured, sent and typed."""
    return [
        Page(_FOLDER / "configuration.md", _CONFIGURATION + "\n".join(_options())),
        Page(_FOLDER / "routes.md", _ROUTES + "\n".join(_routes(root))),
        Page(_FOLDER / "errors.md", _ERRORS + "".join(_errors(root))),
        Page(_FOLDER / "commands.md", _COMMANDS + "\n".join(_commands([]))),
    ]


_CONFIGURATION = """\
# Options

`AuthConfig` and its groups define every option; only `jwt.secret` and `roles.hierarchy` have no usable
default.  `AuthConfig.secure_defaults(…)` is hardened, `AuthConfig.nest_compat_defaults(…)` is compatible with
deployments of the NestJS package `@bymax-one/nest-auth`, and `AuthConfig.from_env()` overrides either with
environment variables.

"""

_GENERAL = "General"
_OPTIONS = """\
| Option and variable | Type | Default | Meaning |
|---|---|---|---|
"""

_ROUTES = """\
# Routes

Paths are below `route_prefix`, `auth` by default.  A limit is for one client.  The OpenAPI document of an
application describes bodies and answers.

"""

_ERRORS = """\
# Error codes

A refusal is `{"error": {"code": …, "message": …, "details": …}}` with the status of its code.

| Code | Status | Message | Class |
|---|---|---|---|
"""

_COMMANDS = """\
# Commands

The extra `cli` installs them.

"""


def _options() -> Iterator[str]:
    """Yield a table for each group; one of all options would have more columns than a page has room for."""
    groups: dict[str, list[OptionRow]] = {}
    for row in option_rows():
        group, dot, _ = row.option.partition(".")
        groups.setdefault(f"`{group}`" if dot else _GENERAL, []).append(row)
    for name, rows in groups.items():
        yield f"## {name}\n\n{_OPTIONS}{''.join(map(_option, rows))}"


def _option(row: OptionRow) -> str:
    default = f"{row.default}<br>secure: {row.secure_default}" if row.secure_default else row.default
    cells = (f"`{row.option}`<br>{row.variable}", row.kind, default, row.meaning)
    return f"| {' | '.join(cells)} |\n"


def _routes(root: Path) -> Iterator[str]:
    document: dict[str, Any] = json.loads((root / "conformance" / "routes.json").read_text("utf-8"))
    for group, routes in groupby(document["routes"], key=itemgetter("group")):
        rows = (
            f"| `{route['method']}` | `{route['path']}` | {_codes(route['guards'])} "
            f"| {_codes([route['body']] if route['body'] else [])} "
            f"| {_limit(document['rateLimits'], route['limit'])} | {route['success']} |\n"
            for route in routes
        )
        heading = "| Method | Path | Guards | Body | Limit | Success |\n|---|---|---|---|---|---|\n"
        yield f"## `{group}`\n\n{heading}{''.join(rows)}"


def _limit(limits: dict[str, str], name: str | None) -> str:
    if name is None:
        return "–"
    requests, _, seconds = limits[name].partition("/")
    return f"{requests} in {seconds} s"


def _codes(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "–"


def _errors(root: Path) -> Iterator[str]:
    document: dict[str, Any] = json.loads((root / "conformance" / "errors.json").read_text("utf-8"))
    for error in document["errors"]:
        if error["shownAs"] == error["code"]:
            named = f"`{error['class']}`" if error["class"] else "–"
            yield f"| `{error['code']}` | {error['status']} | {error['message']} | {named} |\n"


def _commands(path: list[str]) -> Iterator[str]:
    said = _help(path)
    yield f"## `{' '.join([_PROGRAM, *path])}`\n\n{fenced(said, 'text')}"
    _, _, listed = said.partition("\nCommands:\n")
    for line in listed.splitlines():
        # A text that goes on in a second line is indented further than the names.
        if line.startswith("  ") and not line.startswith("   "):
            yield from _commands([*path, line.split()[0]])


def _help(path: list[str]) -> str:
    printed = StringIO()
    before, sys.argv = sys.argv, [_PROGRAM, *path, "--help"]
    try:
        with redirect_stdout(printed), suppress(SystemExit):
            run()
    finally:
        sys.argv = before
    return printed.getvalue()
