"""The successful responses of routes, for the OpenAPI document and the generated types."""

from dataclasses import dataclass

from bymax_auth.types.wire import WireModel

__all__ = ["Answer", "Empty", "Json", "Redirect", "Session"]


@dataclass(frozen=True, slots=True)
class Empty:
    """No body; with `clears_cookies` the session's cookies are cleared."""

    description: str
    clears_cookies: bool = False


@dataclass(frozen=True, slots=True)
class Json:
    """
    One `model` as JSON, or with `many` an array of them.

    `otherwise` is the body of a success of another kind.  With `profiled`, the model has the field
    ``profile`` where the engine has a profile model.
    """

    description: str
    model: type[WireModel]
    many: bool = False
    otherwise: type[WireModel] | None = None
    profiled: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """
    A signed-in account; its tokens are in cookies, the body or both, by the delivery mode.

    `otherwise` is the body when there is no session, without tokens or cookies; `also` are those of what
    is no sign-in at all.
    """

    description: str
    otherwise: type[WireModel] | None = None
    also: tuple[type[WireModel], ...] = ()


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect, whose target is the ``Location`` header."""

    description: str


Answer = Empty | Json | Session | Redirect
"""A successful response."""
