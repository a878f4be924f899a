"""The page of the flows: what each field of an engine is called with, and what it returns."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import griffe

from tools.documentation.docstrings import prose_of
from tools.documentation.markdown import fenced
from tools.documentation.pages import Page
from tools.documentation.signatures import signature

__all__ = ["flows_page"]

_INTRODUCTION = """\
# Flows

A flow is a field of an `AuthEngine`, and is called.  `engine.platform` has those of administrators under the
same names.

"""


def flows_page(package: griffe.Module, address: PurePosixPath, links: Mapping[str, str]) -> Page:
    """Return the page that describes each flow by the call of it."""
    engine = package["AuthEngine"].final_target
    members = {**engine.inherited_members, **engine.members}
    classes = [each for module in package["flows"].modules.values() for each in module.classes.values()]
    flows = {each.name: each for each in classes if "__call__" in each.all_members}
    entries = (_entry(name, flow, links) for name, flow in _fields(members, flows))
    return Page(address, _INTRODUCTION + "\n".join(entries))


def _fields(
    members: Mapping[str, griffe.Object | griffe.Alias], flows: Mapping[str, griffe.Class]
) -> Iterator[tuple[str, griffe.Class]]:
    for name, member in members.items():
        field = member.final_target if isinstance(member, griffe.Alias) else member
        if isinstance(field, griffe.Attribute):
            flow = flows.get(str(field.annotation).partition("[")[0])
            if flow is not None:
                yield name, flow


def _entry(name: str, flow: griffe.Class, links: Mapping[str, str]) -> str:
    call = flow["__call__"]
    declared = signature(call).replace("__call__", f"engine.{name}").removeprefix("async def ")
    parts = [f"## `engine.{name}`\n", fenced(f"await {declared}", "text"), prose_of(flow, links)]
    return "\n".join([*parts, prose_of(call, links)])
