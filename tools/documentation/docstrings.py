"""Docstrings as Markdown, with links where they name something public."""

import re
from collections.abc import Mapping

import griffe

__all__ = ["linked", "prose_of"]

_NAME = re.compile(r"(?<!`)`(?P<name>[A-Za-z_]\w*)(?:\(\))?`(?!`)")


def prose_of(one: griffe.Object, links: Mapping[str, str]) -> str:
    """Return the docstring: its prose, and its sections as lists."""
    if one.docstring is None:
        return ""
    return "\n".join(_section(section, links) for section in one.docstring.parsed)


def _section(section: griffe.DocstringSection, links: Mapping[str, str]) -> str:
    match section:
        case griffe.DocstringSectionText():
            return f"{linked(section.value, links)}\n"
        case griffe.DocstringSectionAdmonition():
            title = section.title or section.value.kind.capitalize()
            return f"**{title.rstrip(':')}:** {linked(section.value.description, links)}\n"
        case griffe.DocstringSectionReturns() | griffe.DocstringSectionYields():
            listed = [(item.name, item.description) for item in section.value]
        case griffe.DocstringSectionRaises():
            listed = [(str(item.annotation), item.description) for item in section.value]
        case griffe.DocstringSectionParameters() | griffe.DocstringSectionAttributes():
            listed = [(item.name, item.description) for item in section.value]
        case _:
            raise NotImplementedError(f"a docstring has a section {section.kind}")
    title = section.kind.value.capitalize()
    lines = [f"- {_term(name, links)}{linked(' '.join(said.split()), links)}\n" for name, said in listed]
    return f"**{title}:**\n\n{''.join(lines)}"


def _term(name: str, links: Mapping[str, str]) -> str:
    names = (linked(f"`{each}`", links) for each in name.strip("()").split(", "))
    return f"{', '.join(names)}: " if name else ""


def linked(text: str, links: Mapping[str, str]) -> str:
    """Return the text, in which the public names lead to where they are described."""

    def changed(found: re.Match[str]) -> str:
        target = links.get(found["name"])
        return f"[{found.group()}]({target})" if target else found.group()

    return _NAME.sub(changed, text)
