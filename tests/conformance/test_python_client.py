"""The Python client, against the table of routes: each has its call, and each call fits its route."""

import inspect
from types import NoneType
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from bymax_auth.client.dashboard import DashboardCalls
from bymax_auth.client.delivery import BearerDelivery
from bymax_auth.client.exchange import Call
from bymax_auth.client.platform import PlatformCalls
from bymax_auth.client.realm import RealmCalls
from bymax_auth.client.results import TokenProof
from bymax_auth.client.session import Session
from bymax_auth.http.routes import ROUTES, AnyRoute
from bymax_auth.types.results import RotatedTokens

HASH = "ab" * 32
GROUPS = {
    "auth",
    "password_reset",
    "sessions",
    "invitations",
    "mfa",
    "email_change",
    "platform",
    "platform_mfa",
}
"""What a program calls; the other routes are for a browser."""

TWO_SPELLINGS = {("DELETE", "/sessions/all"), ("DELETE", "/oauth/identities/{id}")}
"""The client uses the other ones, each of which keeps its body on the way."""

PARTS = {"renew", "ending", "guarded", "post", "signed_in"}
"""What calls are made of."""

GIVEN: dict[str, object] = {
    "session_hash": HASH,
    "identity_id": HASH[:32],
    "provider": "memory",
    "token": HASH,
    "code": "123456",
    "proof": TokenProof(HASH),
    "profile": None,
}
ROUTE_OF = {(route.method, route.path): route for route in ROUTES}


def first_request(calls: RealmCalls, name: str) -> Call:
    """What a call sends first."""
    call = getattr(calls, name)
    step = next(call(*(GIVEN.get(parameter, "text") for parameter in inspect.signature(call).parameters)))
    assert isinstance(step, Call)
    return step


def requests() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for kind in (DashboardCalls, PlatformCalls):
        for name in vars(kind).keys() | dir(kind):
            if name.startswith("_") or name in PARTS or not inspect.isfunction(getattr(kind, name)):
                continue
            held = Session(RotatedTokens(access_token="a.b.c", refresh_token=HASH))
            found[f"{kind.__name__}.{name}"] = first_request(kind(held, BearerDelivery()), name)
    return found


REQUESTS = requests()


def route_of(call: Call) -> AnyRoute:
    return ROUTE_OF[
        call.method,
        call.path.replace(HASH, "{id}").replace(HASH[:32], "{id}").replace("/memory/", "/{provider}/"),
    ]


def test_every_route_has_its_call() -> None:
    """A route without one sends its caller back to writing requests by hand."""
    served = {
        (route.method, route.path)
        for route in ROUTES
        if route.group.name in GROUPS or (route.access.guards and route.group.name == "oauth")
    } - TWO_SPELLINGS
    called = {(route_of(call).method, route_of(call).path) for call in REQUESTS.values()}
    assert served == called


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_a_call_sends_what_its_route_reads(name: str) -> None:
    """A member that the route does not know is refused, and a token that nobody reads can only leak."""
    call = REQUESTS[name]
    route = route_of(call)
    model: type[Any] = route.body
    fields: dict[str, FieldInfo] = {} if model is NoneType else model.model_fields
    aliases = {field.alias or own for own, field in fields.items()}
    body = set(call.body or {})
    assert body - {"profile"} <= aliases
    required = {field.alias or own for own, field in fields.items() if field.is_required()}
    assert required <= body
    is_guarded = bool(route.access.guards) or name.endswith(".logout")
    assert ("Authorization" in call.headers) == is_guarded
