"""
The scripts that decide on shared state, one file per decision.

What several need is a file of its own, which a line ``-- Uses: <name>`` in a script's header puts
before it.  Redis keeps a script under the SHA-1 of its text and runs it by that name; the name is an
address, not a safeguard.
"""

import hashlib
import re
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final

__all__ = ["Script", "script"]

_USES: Final = re.compile(r"^-- Uses: (\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    """One atomic decision."""

    name: str
    source: str = field(repr=False)
    sha: str


def script(name: str) -> Script:
    """Return the script in ``lua/<name>.lua``, after what it uses."""
    body = _text(name)
    source = "".join(_text(part) for part in _USES.findall(body)) + body
    return Script(name, source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())


def _text(name: str) -> str:
    return files("bymax_auth.stores.redis.scripts").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
