"""Thousands of malformed requests of every route: each is answered, none is a failure, none says too much."""

import json
import random

import pytest

from bymax_auth.errors import AuthErrorCode
from bymax_auth.http.routes import ROUTES, AnyRoute
from tests.integration.http.driver import Answer
from tests.integration.http.requests import ADMINISTRATORS, path_of, route_id
from tests.integration.http.world import EMAIL, ROOT_EMAIL, TENANT, World, a_world
from tests.long import rounds
from tests.property.malformed import MARK, Malformed, bent

REQUESTS_PER_ROUTE = rounds(250, 2_000)
PASSWORD_ROUTES = {"register", "login", "change_password", "reset_password"}
"""
Routes whose well-formed requests cost a password hash: few of theirs name the tenant that leads there.

Administrators have no tenant, so most requests of theirs name one and are malformed.
"""

BODIES: dict[str, dict[str, object]] = {
    "register": {"email": "new@example.com", "password": f"{MARK} password", "name": "Ada"},
    "login": {"email": EMAIL, "password": f"{MARK} password"},
    "verify_email": {"email": EMAIL, "otp": "000000"},
    "resend_verification": {"email": EMAIL},
    "forgot_password": {"email": EMAIL},
    "resend_reset_otp": {"email": EMAIL},
    "reset_password": {"email": EMAIL, "newPassword": f"{MARK} new password", "token": f"{MARK}-token"},
    "verify_reset_otp": {"email": EMAIL, "otp": "000000"},
    "platform_login": {"email": ROOT_EMAIL, "password": f"{MARK} password"},
    "change_password": {"currentPassword": f"{MARK} current", "newPassword": f"{MARK} new password"},
}
TELLTALES = (b"Traceback", b'File "', b"pydantic", b"input_value", b"sqlite", b"Exception", b"codec can't")


def body_for(source: random.Random, spec: AnyRoute) -> dict[str, object]:
    body = dict(BODIES.get(spec.name, {"refreshToken": f"{MARK}{'0' * 48}"}))
    share = 0.3 if spec.name in PASSWORD_ROUTES else 0.8
    if "email" in body and source.random() < share:
        body["tenantId"] = TENANT
    return body


def path_for(source: random.Random, spec: AnyRoute) -> str:
    if "{id}" not in spec.path:
        return spec.path
    target = "".join(chr(source.randrange(33, 0x2FF)) for _ in range(source.choice((1, 8, 63, 64, 65, 300))))
    return spec.path.replace("{id}", source.choice((target.replace("/", "-"), "0" * 64, "A" * 64)))


async def send(world: World, source: random.Random, spec: AnyRoute, access_token: str) -> Answer:
    request = bent(source, body_for(source, spec))
    headers = list(request.headers)
    if source.random() < 0.7:
        headers.append(("content-type", "application/json"))
    if source.random() < 0.8:
        by_header = spec in ADMINISTRATORS
        headers.append(
            ("authorization", f"Bearer {access_token}")
            if by_header
            else ("cookie", f"access_token={access_token}")
        )
    if source.random() < 0.05:
        headers.append(("content-length", source.choice(("-1", "1e3", "999999999999999999999", "", "0"))))
    size = max(1, len(request.raw) // request.chunks)
    chunks = [request.raw[start : start + size] for start in range(0, len(request.raw), size)] or [b""]
    scope = world.driver.scope(spec.method, path_for(source, spec), headers, request.query)
    answer = await world.driver.exchange(scope, chunks)
    assert answer is not None
    check(spec, request, answer)
    return answer


def check(spec: AnyRoute, request: Malformed, answer: Answer) -> None:
    assert answer.status < 500, (answer.status, answer.body, request)
    assert answer.header("cache-control") == "no-store"
    assert not any(telltale in answer.body for telltale in TELLTALES), (answer.body, request)
    if not request.keys_hold_the_mark:
        assert MARK.encode() not in answer.body, (answer.body, request)
    if answer.status < 400:
        assert answer.status == spec.success, (answer.status, request)
        return
    error = json.loads(answer.body)
    assert list(error) == ["error"]
    assert list(error["error"]) == ["code", "message", "details"]
    assert error["error"]["code"] in list(AuthErrorCode)
    assert len(answer.body) < 50_000


@pytest.mark.slow
@pytest.mark.parametrize("spec", ROUTES, ids=route_id)
async def test_a_malformed_request_gets_an_answer_and_nothing_else(spec: AnyRoute) -> None:
    """Whoever throws rubbish at a route must not find the one piece that makes it fail or talk."""
    source = random.Random(f"malformed {spec.method} {path_of(spec)}")
    async with a_world() as world:
        access_token = (await world.signed_in())["access_token"]
        if spec in ADMINISTRATORS:
            access_token, _ = await world.administrators_tokens()
        world.driver.scopes.clear()
        statuses: dict[int, int] = {}
        for _ in range(REQUESTS_PER_ROUTE):
            answer = await send(world, source, spec, access_token)
            world.driver.scopes.clear()
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
        await world.engine.drain()
        assert world.failures == []
        assert "internal_error" not in world.events.names
        assert sum(statuses.values()) == REQUESTS_PER_ROUTE
        if spec.body_mode == "json":
            assert statuses[400] > REQUESTS_PER_ROUTE // 2
