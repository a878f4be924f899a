"""Long names in the cells of tables, which are broken between their words and not inside one."""

import re
from typing import Any

from sphinx.application import Sphinx

__all__ = ["connect"]

_CELL = re.compile(r"<td\b.*?</td>", re.DOTALL)
_CODE = re.compile(r'(?<=<span class="pre">)[^<]+')
_BETWEEN_WORDS = re.compile(r"(?<=.[/_.:])(?=\w)|(?<=[a-z])(?=[A-Z])")


def connect(app: Sphinx) -> None:
    """Let the code in tables be broken where its words end."""
    app.connect("html-page-context", _with_breaks)


def _with_breaks(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    body: str = context.get("body", "")
    context["body"] = _CELL.sub(lambda cell: _CODE.sub(_broken, cell.group()), body)


def _broken(code: re.Match[str]) -> str:
    return _BETWEEN_WORDS.sub("<wbr>", code.group())
