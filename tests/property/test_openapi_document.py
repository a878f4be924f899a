"""
Requests made from the document, valid and not, signed in and not: every answer is one that it states.

Schemathesis makes the requests and checks the answers: statuses, types, headers, schemas, what must be
refused and what must not, methods that are not served, and routes that need a sign-in.
"""

import asyncio
import logging
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from requests import Session
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.http.openapi import openapi_fragment
from bymax_auth.http.routes import ROUTES, AnyRoute
from tests.integration.fastapi.faces import FACES
from tests.integration.http.requests import route_id
from tests.integration.http.world import LOGIN, World, a_world
from tests.long import LONG, long_only, rounds
from tests.servers.asgi import served

EXAMPLES = rounds(1, 250)
"""Of valid requests, and as many of others, for each face: 1,000 a route, signed in and not."""

# The client's own log quotes every address, and with it the session that a request ends.
logging.getLogger("urllib3").setLevel(logging.WARNING)

BEARER = {"X-Auth-Delivery": "bearer"}


class Caller:
    """Sends requests, as Ada or as nobody."""

    def __init__(self, url: str, *, is_signed_in: bool) -> None:
        self.url = url
        self._is_signed_in = is_signed_in
        self._session = Session()

    def headers(self) -> dict[str, str]:
        """The credentials of a sign-in of its own, because the request may end it."""
        if not self._is_signed_in:
            return {}
        answer = self._session.post(f"{self.url}/auth/login", json=LOGIN, headers=BEARER)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['accessToken']}"}

    def check(self, spec: AnyRoute, case: Any) -> None:
        """Send the request, and hold the answer to the document."""
        for credential in ("Authorization", "Cookie"):
            case.headers.pop(credential, None)
        case.cookies.clear()
        headers = self.headers()
        answer = case.call(base_url=self.url, headers=headers)
        try:
            case.validate_response(answer, headers=headers, transport_kwargs={"base_url": self.url})
        except FailureGroup as group:
            wrong = [one for one in group.exceptions if not is_meant(spec, case, answer, one)]
            if wrong:
                raise FailureGroup(wrong, f"{case!r} {answer.status_code} {answer.text}") from None

    def close(self) -> None:
        self._session.close()


def is_meant(spec: AnyRoute, case: Any, answer: Any, failure: Failure) -> bool:
    """Whether the product decides otherwise than Schemathesis expects."""
    match type(failure).__name__:
        case "RejectedPositiveData":
            # A well-formed request may still have a wrong code or a breached password, and a schema cannot
            # count the characters that a password has once it is normalised.
            error = answer.json()["error"]
            return error["code"] != "auth.validation" or all(map(is_password_length, error["details"]))
        case "AcceptedNegativeData":
            # A sign-out succeeds whatever the body is, and an unknown choice of delivery is none.
            choice = case.headers.get("X-Auth-Delivery", "cookie")
            return spec.body_mode == "forgiving_refresh" or choice not in {"cookie", "bearer"}
        case _:
            return False


def is_password_length(refusal: dict[str, str]) -> bool:
    return "assword" in refusal["field"] and refusal["message"].startswith("must be at ")


DOCUMENT: dict[str, Any] = {}


def document_of(world: World) -> dict[str, Any]:
    """The document, which is the same in every world here and takes longer to make than the requests."""
    if not DOCUMENT:
        fragment = openapi_fragment(world.engine, world.http)
        DOCUMENT.update(openapi="3.1.0", info={"title": "auth", "version": "1"}, **fragment)
    return DOCUMENT


def drive(document: dict[str, Any], spec: AnyRoute, caller: Caller) -> None:
    operation = schemathesis.openapi.from_dict(document)[f"/auth{spec.path}"][spec.method]
    for mode in GenerationMode:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=not LONG,
            suppress_health_check=[*HealthCheck],
            phases=[Phase.generate],
        )
        @given(case=operation.as_strategy(mode))
        def every_answer_is_documented(case: Any) -> None:
            caller.check(spec, case)

        every_answer_is_documented()


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize(
    ("face", "is_signed_in"),
    [
        pytest.param("bare", False, id="bare-stranger"),
        pytest.param("installed", True, id="installed-signed in"),
        pytest.param("bare", True, id="bare-signed in", marks=long_only),
        pytest.param("installed", False, id="installed-stranger", marks=long_only),
    ],
)
@pytest.mark.parametrize("spec", ROUTES, ids=route_id)
async def test_every_answer_is_one_that_the_document_states(
    spec: AnyRoute, is_signed_in: bool, face: str
) -> None:
    """A generated client meets an answer that it has no name for, or is refused what it was told to send."""
    async with a_world(token_delivery=TokenDelivery.BOTH) as world:
        document = document_of(world)
        build, _ = FACES[face]
        async with served(build(world)) as address:
            caller = Caller(f"http://{address}", is_signed_in=is_signed_in)
            try:
                await asyncio.to_thread(drive, document, spec, caller)
            finally:
                caller.close()
        await world.engine.drain()
        assert world.failures == []
