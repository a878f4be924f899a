"""Blocks and tables that are wider than a window, for readers without a mouse: the keyboard comes to them."""

from typing import Any

from sphinx.application import Sphinx

__all__ = ["connect"]

_WIDE = ("<pre>", '<div class="table-wrapper colwidths-auto docutils container">')


def connect(app: Sphinx) -> None:
    """Let the keyboard come to what may have to be scrolled."""
    app.connect("html-page-context", _with_tab_stops)


def _with_tab_stops(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    body: str = context.get("body", "")
    for opening in _WIDE:
        body = body.replace(opening, f'{opening[:-1]} tabindex="0">')
    context["body"] = body
