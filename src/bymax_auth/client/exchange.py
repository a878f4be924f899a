"""
A call of the client without I/O: it yields what to do, and is sent what came of it.

    Call    ──▶ send this request      ──▶ Reply
    Flight  ──▶ wait for this renewal  ──▶ what came of it: tokens, an error, or nothing

`AuthClient` and `SyncAuthClient` run the same exchanges, so that no rule is written twice.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from bymax_auth.client.flight import Flight, FlightOutcome

__all__ = ["Call", "Exchange", "Reply", "ask", "wait"]

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request; `path` is below the route prefix."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: Mapping[str, object] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole answer; header names are lower case."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of each header of that name."""
        return tuple(value for key, value in self.headers if key == name)


Exchange = Generator[Call | Flight, Reply | FlightOutcome, ResultT]
"""A call without I/O that ends in a result."""


def ask(call: Call) -> Exchange[Reply]:
    """Have a request sent; return the answer."""
    return cast("Reply", (yield call))


def wait(flight: Flight) -> Exchange[FlightOutcome]:
    """Have the end of a renewal awaited; return what came of it."""
    return cast("FlightOutcome", (yield flight))
