"""
The scripts that decide on shared state, one file per decision.

Redis keeps a script under the SHA-1 of its text and runs it by that name; the name is an address,
not a safeguard.
"""

import hashlib
from dataclasses import dataclass, field
from importlib.resources import files

__all__ = ["Script", "script"]


@dataclass(frozen=True, slots=True)
class Script:
    """One atomic decision."""

    name: str
    source: str = field(repr=False)
    sha: str


def script(name: str) -> Script:
    """Return the script in ``lua/<name>.lua``."""
    source = files("bymax_auth.stores.redis").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
    return Script(name, source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())
