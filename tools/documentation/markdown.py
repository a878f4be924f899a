"""Markdown, changed only where it has to be: links in its prose, and the titles of its blocks."""

import re
from collections.abc import Callable, Iterator

__all__ = ["fenced", "with_captions", "with_links"]

_BLOCK = re.compile(
    r"^(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)
_LINK_OR_CODE = re.compile(r"(?P<label>\[[^\]]*\]\()(?P<target>[^()\s]+)\)|`[^`\n]*`")
_TITLED = re.compile(r'(?P<language>\w+) title="(?P<title>[^"]+)"$')
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#")


def with_links(text: str, change: Callable[[str], str]) -> str:
    """Return the text with every relative link replaced by what `change` makes of it."""

    def changed(found: re.Match[str]) -> str:
        target = found["target"]
        if target is None or _ELSEWHERE.match(target):
            return found.group()
        return f"{found['label']}{change(target)})"

    parts = (part if is_block else _LINK_OR_CODE.sub(changed, part) for part, is_block in _parts(text))
    return "".join(parts)


def with_captions(text: str) -> str:
    """Return the text with the title of each block as its caption, in the words of MyST."""
    return _BLOCK.sub(_captioned, text)


def fenced(text: str, language: str) -> str:
    """Return a block of code, whatever fences the code itself has."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _captioned(block: re.Match[str]) -> str:
    titled = _TITLED.match(block["info"].strip())
    if titled is None:
        return block.group()
    directive = f"{{code-block}} {titled['language']}\n:caption: {titled['title']}\n\n"
    return f"{block['fence']}{directive}{block['text']}{block['fence']}"


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text piece by piece, and of each whether it is a block of code."""
    end = 0
    for block in _BLOCK.finditer(text):
        yield text[end : block.start()], False
        yield block.group(), True
        end = block.end()
    yield text[end:], False
