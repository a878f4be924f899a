"""
The list of pages beside each page.

Sphinx makes it from a copy of every heading of the site, for each page anew: most of the time of a build. The
theme shows the titles of pages alone.
"""

from html import escape
from typing import Any

from sphinx.application import Sphinx

from tools.documentation.navigation import Entry, Section
from tools.documentation.pages import address_of

__all__ = ["connect"]

_BEFORE_THE_THEME = 400


def connect(app: Sphinx, sections: list[Section]) -> None:
    """Let the theme have the list of these sections where it asks Sphinx for one."""

    def answer(app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
        context["toctree"] = lambda **_options: _Sidebar(app, page).of(sections)

    app.connect("html-page-context", answer, priority=_BEFORE_THE_THEME)


class _Sidebar:
    """The list as one page shows it."""

    def __init__(self, app: Sphinx, page: str) -> None:
        self._app = app
        self._page = page

    def of(self, sections: list[Section]) -> str:
        return "".join(
            f'<p class="caption"><span class="caption-text">{escape(one.title)}</span></p>'
            f"<ul>{self._items([(_name(entry), entry.title) for entry in one.entries])}</ul>"
            for one in sections
        )

    def _items(self, pages: list[tuple[str, str]], level: int = 1) -> str:
        return "".join(self._item(name, title, level) for name, title in pages)

    def _item(self, name: str, title: str, level: int) -> str:
        env = self._app.env
        below = [(each, env.titles[each].astext()) for each in env.toctree_includes.get(name, ())]
        is_current = self._page == name or any(self._page == each for each, _ in below)
        marker = " current" if is_current else ""
        address = self._app.builder.get_relative_uri(self._page, name)
        listed = f"<ul>{self._items(below, level + 1)}</ul>" if below else ""
        return (
            f'<li class="toctree-l{level}{marker}">'
            f'<a class="reference internal{marker}" href="{escape(address)}">{escape(title)}</a>{listed}</li>'
        )


def _name(entry: Entry) -> str:
    return str(address_of(entry.source).with_suffix(""))
