"""Reads what the pages print in each language, strictly, with what Python brings."""

import ast
import json
import re
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from contextlib import closing
from html.parser import HTMLParser

__all__ = ["READERS"]

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
"""Elements without an end.  Source: HTML Standard, 13.1.2 "Elements"."""

NGINX = re.compile(r"""\s+|#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|[^\s{};"'#]+""")


def read_python(text: str) -> None:
    compile(text, "<block>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def read_shell(text: str) -> None:
    done = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SyntaxError(done.stderr)


def read_console(text: str) -> None:
    """Read the commands, each with the lines that continue it; the rest is what they print."""
    commands: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            commands.append(line.removeprefix("$ "))
        elif commands and commands[-1].endswith("\\"):
            commands[-1] += f"\n{line}"
    if not commands:
        raise SyntaxError("no line is a command")
    read_shell("\n".join(commands))


class Elements(HTMLParser):
    """Notices what browsers repair: elements that are not closed, or not in the order of their opening."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            raise SyntaxError(f"an attribute of <{tag}> is repeated")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            raise SyntaxError(f"<{tag} /> closes nothing")
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise SyntaxError(f"</{tag}> closes another element")

    def handle_data(self, data: str) -> None:
        if "<" in data and self.open[-1:] not in (["script"], ["style"]):
            raise SyntaxError("a tag is cut off")


def read_html(text: str) -> None:
    elements = Elements()
    elements.feed(text)
    elements.close()
    if elements.open:
        raise SyntaxError(f"<{elements.open[-1]}> is not closed")


def read_ini(text: str) -> None:
    parser = ConfigParser(strict=True, interpolation=None)
    try:
        parser.read_string(text)
    except ConfigError as error:
        raise SyntaxError(str(error)) from None
    if not any(parser[section] for section in parser.sections()):
        raise SyntaxError("nothing is set")


def read_sql(text: str) -> None:
    """Let SQLite parse the statement; what it is about is not there."""
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.execute(f"EXPLAIN {text}")
        except (sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
            if not str(error).startswith("no such table"):
                raise SyntaxError(str(error)) from None


def read_nginx(text: str) -> None:
    """Read directives, each with a name, that end with a semicolon or hold a block of others."""
    depth, words, at = 0, 0, 0
    while at < len(text):
        found = NGINX.match(text, at)
        if found is None:
            raise SyntaxError("a quotation is not closed")
        at, word = found.end(), found[0]
        if word in {";", "{"} and not words:
            raise SyntaxError(f"{word!r} follows no directive")
        if word == "}" and (words or not depth):
            raise SyntaxError("'}' ends no block, or a directive without a semicolon")
        depth += {"{": 1, "}": -1}.get(word, 0)
        words = 0 if word in {";", "{", "}"} else words + (not word.isspace() and not word.startswith("#"))
    if depth or words:
        raise SyntaxError("the last block or directive is not ended")


READERS: Mapping[str, Callable[[str], object]] = {
    "console": read_console,
    "html": read_html,
    "ini": read_ini,
    "json": json.loads,
    "nginx": read_nginx,
    "python": read_python,
    "sh": read_shell,
    "shell": read_shell,
    "sql": read_sql,
}
"""Each raises `SyntaxError` or `ValueError` for what is not whole."""
