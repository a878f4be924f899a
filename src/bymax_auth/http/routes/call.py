"""The argument of a handler: one request that has passed every check."""

from typing import Generic, TypeVar

from bymax_auth.engine import AuthEngine
from bymax_auth.http.request import RequestView
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.http.schemas.fields import RequestModel
from bymax_auth.types.context import RequestContext

__all__ = ["Call"]

ClaimsT = TypeVar("ClaimsT")
BodyT = TypeVar("BodyT", bound=RequestModel | None)


class Call(Generic[ClaimsT, BodyT]):
    """
    One admitted request of one route.

    `claims` are those that the route's last guard returned, ``None`` on a public route; `body` is an
    instance of the route's model.
    """

    __slots__ = ("body", "claims", "runtime", "view")

    def __init__(self, runtime: HttpRuntime, view: RequestView, claims: ClaimsT, body: BodyT) -> None:
        self.runtime = runtime
        self.view = view
        self.claims = claims
        self.body = body

    @property
    def engine(self) -> AuthEngine:
        """The engine."""
        return self.runtime.engine

    @property
    def context(self) -> RequestContext:
        """The `RequestContext` of the request."""
        return self.runtime.context(self.view)

    def refresh_token(self, in_body: str | None = None) -> str | None:
        """Return the refresh token: from the cookie where cookies are read, else `in_body`."""
        return self.runtime.channels.refresh(self.view, in_body)
