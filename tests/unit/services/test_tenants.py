"""Which tenant a request belongs to."""

from typing import Any

import pytest

from bymax_auth.config.resolvers import RequestParts, TenantUnresolved
from bymax_auth.errors import Forbidden, ResolverFailed, ValidationFailed
from bymax_auth.ports.events import InternalFailure
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.tenants import TenantResolution
from bymax_auth.testing import RecordingEvents
from tests.unit.services.parts import CONTEXT, Broken


class Resolving:
    """A host's resolver, answering or raising what it is given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[RequestParts] = []

    async def resolve(self, parts: RequestParts) -> str:
        self.asked.append(parts)
        if isinstance(self.answer, Exception):
            raise self.answer
        tenant: str = self.answer
        return tenant


@pytest.mark.parametrize("body_tenant", [None, "other", "", "\n"])
async def test_the_resolvers_tenant_is_the_only_one(
    failures: FailureReporter, body_tenant: str | None
) -> None:
    """Whoever could name a tenant could sign in as somebody of it."""
    resolver = Resolving("acme")

    assert await TenantResolution(resolver, failures).resolve(body_tenant, CONTEXT) == "acme"
    assert resolver.asked == [
        RequestParts(
            method="POST",
            path="/auth/login",
            host="app.example.com",
            headers={"host": "app.example.com"},
        )
    ]


@pytest.mark.parametrize(
    "answer", [TenantUnresolved(), "", " \u3000", "a\nb", "x" * 129, "\ud800"], ids=ascii
)
async def test_a_request_without_a_usable_tenant_is_refused(
    failures: FailureReporter, events: RecordingEvents, answer: object
) -> None:
    """A blank answer would put all such requests into one tenant."""
    with pytest.raises(Forbidden):
        await TenantResolution(Resolving(answer), failures).resolve("acme", CONTEXT)

    assert events.events == []


@pytest.mark.parametrize(
    ("answer", "exception"), [(Broken(), "Broken"), (None, "TypeError"), (7, "TypeError")]
)
async def test_a_resolver_that_fails_is_a_failure(
    failures: FailureReporter, events: RecordingEvents, answer: object, exception: str
) -> None:
    """The client is not at fault, and must not see the text of what went wrong."""
    with pytest.raises(ResolverFailed) as raised:
        await TenantResolution(Resolving(answer), failures).resolve("acme", CONTEXT)

    assert raised.value.__suppress_context__
    assert events.events == [InternalFailure(origin="tenant_resolver", exception=exception)]


async def test_without_a_resolver_the_callers_tenant_counts(failures: FailureReporter) -> None:
    """Clients of existing deployments name it."""
    assert await TenantResolution(None, failures).resolve("acme", CONTEXT) == "acme"


@pytest.mark.parametrize(
    ("body_tenant", "message"),
    [
        (None, "tenantId is required unless the deployment configures a TenantIdResolver"),
        ("", "must be at least 1 character"),
        ("  ", "must not be blank"),
    ],
)
async def test_without_any_tenant_the_request_says_what_is_missing(
    failures: FailureReporter, body_tenant: str | None, message: str
) -> None:
    """Nothing is ever defaulted."""
    with pytest.raises(ValidationFailed) as refusal:
        await TenantResolution(None, failures).resolve(body_tenant, CONTEXT)

    assert [(error.field, error.message) for error in refusal.value.fields] == [("tenantId", message)]
