"""The reference of the Python package: its public names, as signatures and docstrings state them."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import griffe

from tools.documentation.docstrings import linked, prose_of
from tools.documentation.markdown import fenced
from tools.documentation.pages import Page
from tools.documentation.python_flows import flows_page
from tools.documentation.python_modules import PYTHON_PAGES, PythonPage
from tools.documentation.signatures import signature

__all__ = ["python_reference"]

_FOLDER = PurePosixPath("reference/python")
_PACKAGE = "bymax_auth"

Documented: TypeAlias = griffe.Class | griffe.Function | griffe.Attribute | griffe.TypeAlias


def python_reference(root: Path) -> list[Page]:
    """Return a page for each group of modules, and the page that lists them."""
    package = griffe.load(
        _PACKAGE, search_paths=[root / "src"], docstring_parser="google", resolve_aliases=True
    )
    assert isinstance(package, griffe.Module)  # noqa: S101 - a package is a module
    homes: dict[str, tuple[PythonPage, str]] = {}
    for page in PYTHON_PAGES:
        for module in _modules(package, page):
            for name in module.exports or ():
                homes.setdefault(_named(module, str(name)).path, (page, str(name)))
    links = {name: f"{page.name}.md#{name.lower()}" for page, name in reversed(homes.values())}
    flows = flows_page(package, _FOLDER / "flows.md", links)
    written = [flows, *(_page(package, page, homes, links) for page in PYTHON_PAGES)]
    listed = "- [Flows](flows.md): what the fields of an engine are called with, return and raise\n"
    listed += "".join(f"- [{page.title}]({page.name}.md): {page.note}\n" for page in PYTHON_PAGES)
    text = f"# Python reference\n\nWhat an application imports of `{_PACKAGE}`, by subject.\n\n{listed}"
    return [Page(_FOLDER / "index.md", text, tuple(page.address for page in written)), *written]


def _modules(package: griffe.Module, page: PythonPage) -> Iterator[griffe.Module]:
    for path in page.modules:
        module = package[path] if path else package
        assert isinstance(module, griffe.Module)  # noqa: S101 - named as one
        yield module


def _named(module: griffe.Module, name: str) -> Documented:
    """Return what a module exports under this name, where the package defines it."""
    found = module[name]
    if isinstance(found, griffe.Module):  # a function that has the name of its module
        found = found[name]
    target = found.final_target if isinstance(found, griffe.Alias) else found
    assert not isinstance(target, griffe.Module)  # noqa: S101 - it was looked into
    return target


def _page(
    package: griffe.Module,
    page: PythonPage,
    homes: Mapping[str, tuple[PythonPage, str]],
    links: Mapping[str, str],
) -> Page:
    parts = [f"# {page.title}\n"]
    for module in _modules(package, page):
        if len(page.modules) > 1:
            parts.append(f"## `{module.path}`\n")
        parts.append(f"{linked(module.docstring.value if module.docstring else '', links)}\n")
        elsewhere: list[str] = []
        for name in module.exports or ():
            one = _named(module, str(name))
            home, _ = homes[one.path]
            if home is page and one.path not in elsewhere:
                level = "##" if len(page.modules) == 1 else "###"
                parts.append(_entry(level, str(name), one, homes, links))
            else:
                elsewhere.append(f"[`{name}`]({links[str(name)]})")
        if elsewhere:
            parts.append(f"Also here: {', '.join(elsewhere)}.\n")
    return Page(_FOLDER / f"{page.name}.md", "\n".join(parts))


def _entry(
    level: str,
    name: str,
    one: Documented,
    homes: Mapping[str, tuple[PythonPage, str]],
    links: Mapping[str, str],
) -> str:
    parts = [f"{level} `{name}`\n", fenced(signature(one), "python"), prose_of(one, links)]
    if isinstance(one, griffe.Class):
        members = list(_members(one, homes))
        fields = [_field(member, links) for member in members if isinstance(member, griffe.Attribute)]
        parts.append("".join(field for field in fields if field))
        for member in members:
            if isinstance(member, griffe.Function) and member.docstring:
                shown = f"`{name}.{member.name}`"
                parts += [f"{level}# {shown}\n", fenced(signature(member), "python"), prose_of(member, links)]
    return "\n".join(part for part in parts if part)


def _members(
    one: griffe.Class, homes: Mapping[str, tuple[PythonPage, str]]
) -> Iterator[griffe.Attribute | griffe.Function]:
    """Yield the public members, with those of bases that the reference does not describe themselves."""
    inherited = {
        name: member.final_target
        for name, member in one.inherited_members.items()
        if member.target_path.startswith(f"{_PACKAGE}.")
        and member.target_path.rpartition(".")[0] not in homes
    }
    for name, member in {**inherited, **one.members}.items():
        if isinstance(member, griffe.Attribute | griffe.Function) and not name.startswith("_"):
            yield member


def _field(member: griffe.Attribute, links: Mapping[str, str]) -> str:
    """A line of the list of attributes; properties and fields alike."""
    said = member.docstring.value if member.docstring else _description(member)
    meaning = " ".join(said.partition("\n\n")[0].split())
    declared = signature(member)
    if declared == member.name and not meaning:
        return ""
    line = f"- `{declared}`"
    return f"{line} – {linked(meaning, links)}\n" if meaning else f"{line}\n"


def _description(member: griffe.Attribute) -> str:
    """What a field of a pydantic model says of itself."""
    if not isinstance(member.value, griffe.ExprCall):
        return ""
    for argument in member.value.arguments:
        if isinstance(argument, griffe.ExprKeyword) and argument.name == "description":
            return str(ast.literal_eval(str(argument.value)))
    return ""
