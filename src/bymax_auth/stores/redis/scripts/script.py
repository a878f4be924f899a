"""
A Lua script: one atomic decision on shared state, from one file of ``lua/``.

Functions that several scripts use have a file of their own, which a line ``-- Uses: <name>`` in a script's
header puts before the script.  Redis caches a script under the SHA-1 of its text and runs it by that hash,
which is an address and protects nothing.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from typing import Any, Final, Generic, ParamSpec, TypeVar

__all__ = ["ArgumentsT", "KeysT", "Script", "load_script", "read_source", "sha1_of"]

KeysP = ParamSpec("KeysP")
ArgumentsP = ParamSpec("ArgumentsP")
KeysT = TypeVar("KeysT", bound=tuple[str | None, ...])
ArgumentsT = TypeVar("ArgumentsT", bound=tuple[str | int, ...])
FieldsP = ParamSpec("FieldsP")
RecordT = TypeVar("RecordT")

_USES: Final = re.compile(r"^-- Uses: (\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script(Generic[KeysP, KeysT, ArgumentsP, ArgumentsT]):
    """
    A script, with what makes its KEYS and its ARGV of named fields, in the order in which it receives them.

    An optional key is the last one, and is not sent when it is ``None``.
    """

    name: str
    keys: Callable[KeysP, KeysT]
    arguments: Callable[ArgumentsP, ArgumentsT]
    source: str = field(repr=False)
    sha: str


def load_script(
    name: str, keys: Callable[KeysP, KeysT], arguments: Callable[ArgumentsP, ArgumentsT]
) -> Script[KeysP, KeysT, ArgumentsP, ArgumentsT]:
    """
    Return the script in ``lua/<name>.lua``, after the functions that it uses.

    Args:
        name: The name of the file.
        keys: The named tuple of its keys.
        arguments: The named tuple of its arguments.
    """
    body = read_source(name)
    source = "".join(read_source(part) for part in _USES.findall(body)) + body
    return Script(name, _constructor(keys), _constructor(arguments), source, sha1_of(source))


def sha1_of(source: str) -> str:
    """Return the hash under which Redis caches a script of this text."""
    return hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


def read_source(name: str) -> str:
    """Return the text of ``lua/<name>.lua``."""
    return files("bymax_auth.stores.redis.scripts").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")


def _constructor(named_tuple: Callable[FieldsP, RecordT]) -> Callable[FieldsP, RecordT]:
    """Return the class's own `__new__`: a call of the class takes twice as long, because of its keywords."""
    record: Any = named_tuple
    return partial(record.__new__, record)
