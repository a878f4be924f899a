"""
`RouteSpec`: the complete definition of one route.

A new route needs a flow, an input, a schema and a `RouteSpec`.  The pipeline, the OpenAPI generator, the
code generator and the framework adapters read these, and have no code for a particular route.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

from pydantic import JsonValue

from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.engine import AuthEngine, RouteGroups
from bymax_auth.errors import AuthError
from bymax_auth.http.asgi import Response
from bymax_auth.http.config import RateLimit, RateLimitConfig
from bymax_auth.http.errors import envelope_response
from bymax_auth.http.json_limits import PLAIN_BODY, BodyLimits
from bymax_auth.http.routes.access import Access
from bymax_auth.http.routes.answers import Answer
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import Credentials
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.http.schemas.fields import RequestModel

__all__ = [
    "AnyRoute",
    "BodyMode",
    "Handler",
    "LimitOf",
    "PathParameter",
    "RefusalRenderer",
    "RouteGroup",
    "RouteSpec",
    "with_post",
]

ClaimsT = TypeVar("ClaimsT")
BodyT = TypeVar("BodyT", bound=RequestModel | None)

BodyMode = Literal["none", "query", "form", "json", "optional_json", "lenient_refresh", "forgiving_refresh"]
"""
How a body is read.

    none               not at all
    query              not at all; the parameters of the query are read in its place
    form               the parameters of a form, with its content type
    json               a JSON object, with its content type
    optional_json      the same, or zero bytes
    lenient_refresh    a refresh token in a JSON object of any content type, or zero bytes: known browser
                       clients send all of these
    forgiving_refresh  the same, and a malformed body counts as none: for a caller that may
                       have no token left
"""

Handler = Callable[[Call[ClaimsT, BodyT]], Awaitable[Response]]
"""Runs one flow and returns the response."""

LimitOf = Callable[[RateLimitConfig], RateLimit | None]
"""Selects the rate limit of a route from the configuration."""

RefusalRenderer = Callable[[HttpRuntime, AuthError], Response]
"""Returns the response of a refusal: the envelope, or a redirect for a browser navigation."""


def _always(_engine: AuthEngine) -> bool:
    return True


def _never(_config: ResolvedConfig) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class RouteGroup:
    """Routes that are enabled and disabled together; `name` is their tag in the OpenAPI document."""

    name: str
    is_mounted: Callable[[RouteGroups], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathParameter:
    """One ``{name}`` of a path, and the JSON Schema of its value."""

    name: str
    description: str
    schema: dict[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSpec(Generic[ClaimsT, BodyT]):
    """
    One route.

    Args:
        name: The route's rate-limit counter and log field; routes of one name share the counter.
        group: The group that it belongs to.
        method: The one method that it serves.
        path: Its path below the configured prefix.
        parameters: One entry for each ``{name}`` of the path.
        access: The guards in order, with their refusals.
        credentials: Which tokens a client sends, by delivery mode, as documented.
        body: The model of its body, ``NoneType`` for none.
        body_mode: How the body is read.
        body_limits: How long the body may be, and how many values it may have.
        any_origin: Whether pages of other sites may send it, where its method changes state: for a route that
            acts for nobody.
        limit: Selects the configured rate limit; ``None`` for none.
        admits_uncounted: Whether requests are admitted while the limit cannot be counted: for a route that
            works during an outage of the stores and gives nobody anything.
        success: The status of a successful response.
        handler: Runs the flow.
        answer: The successful response, as documented.
        redirects: Whether it may also answer with a redirect, as configured.
        refusals: The refusals of its flow, in addition to those of guards, limits and validation.
        render_refusal: Returns the response of a refusal.
        is_served: Whether an engine serves it where its group is on.
        summary: One line of documentation.
        description: The rest of the documentation.
        post_alternative: The path of a POST that does the same, for a DELETE whose body clients drop.
        key: Its name among the generated path constants, empty for none.
        member: Its name in the generated object of its group, empty for none.
    """

    name: str
    group: RouteGroup
    method: Literal["GET", "POST", "DELETE"]
    path: str
    parameters: tuple[PathParameter, ...] = ()
    access: Access[ClaimsT]
    credentials: Credentials
    body: type[BodyT]
    body_mode: BodyMode = "none"
    body_limits: BodyLimits = PLAIN_BODY
    any_origin: bool = False
    limit: LimitOf | None
    admits_uncounted: bool = False
    success: int
    handler: Handler[ClaimsT, BodyT]
    answer: Answer
    redirects: Callable[[ResolvedConfig], bool] = _never
    refusals: tuple[type[AuthError], ...] = ()
    render_refusal: RefusalRenderer = envelope_response
    is_served: Callable[[AuthEngine], bool] = _always
    summary: str
    description: str
    post_alternative: str = ""
    key: str
    member: str


def with_post(
    deletion: RouteSpec[ClaimsT, BodyT], *, path: str, member: str
) -> tuple[RouteSpec[ClaimsT, BodyT], RouteSpec[ClaimsT, BodyT]]:
    """
    Return a DELETE with a body, and a POST at `path` that does the same.

    Generated clients drop the body of a DELETE.  `member` is the name of the POST among the generated paths.
    """
    post = replace(deletion, method="POST", path=path, key="", member=member)
    return replace(deletion, post_alternative=path), post


# The table holds routes of many types; each is type-checked against its handler where it is defined.
AnyRoute = RouteSpec[Any, Any]
"""A route with any type of claims and body."""
