"""What a handler is given: one request that has passed every check."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bymax_auth.engine import AuthEngine
from bymax_auth.http.asgi import Response
from bymax_auth.http.edge import Edge
from bymax_auth.http.request import RequestView
from bymax_auth.http.schemas.auth import RefreshRequest
from bymax_auth.http.schemas.fields import RequestModel
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.context import RequestContext

__all__ = ["Call", "Handler"]

BodyT = TypeVar("BodyT", bound=RequestModel)


class Call:
    """One admitted request of one route."""

    __slots__ = ("_body", "_claims", "edge", "view")

    def __init__(
        self, edge: Edge, view: RequestView, claims: DashboardClaims | None, body: RequestModel | None
    ) -> None:
        self.edge = edge
        self.view = view
        self._claims = claims
        self._body = body

    @property
    def engine(self) -> AuthEngine:
        """The engine."""
        return self.edge.engine

    @property
    def context(self) -> RequestContext:
        """The transport facts of the request."""
        return self.edge.context(self.view)

    @property
    def claims(self) -> DashboardClaims:
        """The claims that the route's guards admitted."""
        if self._claims is None:
            raise TypeError("This route has no guard: nobody is signed in.")
        return self._claims

    def body(self, model: type[BodyT]) -> BodyT:
        """Return the request's body, which the route declares to be a `model`."""
        if not isinstance(self._body, model):
            raise TypeError(f"This route's body is not a {model.__name__}.")
        return self._body

    @property
    def refresh_token(self) -> str | None:
        """The refresh token, from the cookie or a body that has a place for one."""
        in_body = self._body.refresh_token if isinstance(self._body, RefreshRequest) else None
        return self.edge.channels.refresh(self.view, in_body)


Handler = Callable[[Call], Awaitable[Response]]
"""Runs one flow and writes its answer."""
