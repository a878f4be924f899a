"""Routes, limits and bodies, against what the clients of the contract are generated from."""

import json
from pathlib import Path
from types import NoneType
from typing import Any

import pytest

from bymax_auth.http.config import RateLimit, RateLimitConfig
from bymax_auth.http.routes import ROUTES, AnyRoute
from tests.integration.http.driver import Answer
from tests.integration.http.factors import enrolled
from tests.integration.http.world import LOGIN, PLATFORM_LOGIN, a_world

CONTRACT: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "conformance" / "routes.json").read_text("utf-8")
)
BODIES: dict[str, Any] = CONTRACT["responseBodies"]


# Every limit is another one here, so that a limit tells its name.
NAMES = list(RateLimitConfig.__dataclass_fields__)
NUMBERED = RateLimitConfig(**{name: RateLimit(number, 1) for number, name in enumerate(NAMES, 1)})
BODY_MODES = {"forgiving_refresh": "lenient_refresh"}


def limit_name(spec: AnyRoute) -> str | None:
    limit = None if spec.limit is None else spec.limit(NUMBERED)
    return None if limit is None else NAMES[limit.requests - 1]


def row_of(spec: AnyRoute) -> dict[str, object]:
    return {
        "name": spec.name,
        "group": spec.group.name,
        "method": spec.method,
        "path": spec.path,
        "guards": [guard.__name__ for guard in spec.access.guards],
        "body": None if spec.body is NoneType else spec.body.__name__,
        "bodyMode": BODY_MODES.get(spec.body_mode, spec.body_mode),
        "limit": limit_name(spec),
        "success": spec.success,
        "key": spec.key,
        "member": spec.member,
    }


def test_the_table_is_the_contracts() -> None:
    """Clients, documents and constants are made from the file, and the server from the table."""
    assert [row_of(spec) for spec in ROUTES] == CONTRACT["routes"]


def test_no_two_routes_answer_the_same_request() -> None:
    """The second one would never be reached."""
    assert len({(spec.method, spec.path) for spec in ROUTES}) == len(ROUTES)


def test_no_two_constants_share_a_name() -> None:
    """A generated client would call one route where it means the other."""
    keys = [spec.key for spec in ROUTES if spec.key]
    members = [(spec.group.name, spec.member) for spec in ROUTES if spec.member]
    assert len(set(keys)) == len(keys)
    assert len(set(members)) == len(members)


def test_a_literal_path_stands_before_a_parameter() -> None:
    """A face that matches in order would take ``all`` for the hash of a session."""
    paths = [spec.path for spec in ROUTES]
    assert paths.index("/sessions/all") < paths.index("/sessions/{id}")


def test_the_limits_are_the_contracts() -> None:
    """A deployment that shares its store with a sibling limits the same clients the same way."""
    limits = RateLimitConfig()
    assert {name: str(getattr(limits, name)) for name in NAMES} == CONTRACT["rateLimits"]
    assert len(CONTRACT["rateLimits"]) == 30
    assert {limit_name(spec) for spec in ROUTES} - {None} <= set(CONTRACT["rateLimits"])


@pytest.mark.parametrize("delivery", list(BODIES["login"]))
async def test_the_bodies_have_the_contracts_members(delivery: str) -> None:
    """A client of another language reads these names in this order."""
    async with a_world(token_delivery=delivery) as world:
        created = await world.login()
        assert list(created.members) == BODIES["login"][delivery]
        token = created.cookies.get("access_token") or str(created.members["accessToken"])

        async def read(path: str) -> Answer:
            cookies = {"access_token": token}
            return await world.driver.call("GET", path, cookies=cookies, bearer=token)

        assert list((await read("/me")).members) == BODIES["me"]
        ticket = await world.driver.call("POST", "/ws-ticket", cookies={"access_token": token}, bearer=token)
        assert list(ticket.members) == BODIES["ws_ticket"]
        listed = (await read("/sessions")).json()
        assert isinstance(listed, list)
        assert [list(row) for row in listed] == [BODIES["list_sessions"]]
        signed_in = await world.driver.call("POST", "/platform/login", json_body=PLATFORM_LOGIN)
        assert list(signed_in.members) == BODIES["platform_login"]
        access = str(signed_in.members["accessToken"])
        shown = await world.driver.call("GET", "/platform/me", bearer=access)
        assert list(shown.members) == BODIES["platform_me"]


@pytest.mark.parametrize("delivery", list(BODIES["login"]))
async def test_the_bodies_of_a_second_factor_have_the_contracts_members(delivery: str) -> None:
    """A client of another language reads these names in this order."""
    async with a_world(token_delivery=delivery) as world:
        app = await enrolled(world)
        assert list(app.shown) == BODIES["mfa_setup"]
        challenge = await world.driver.call("POST", "/login", json_body=LOGIN)
        assert list(challenge.members) == BODIES["login_challenge"]
        passed = await app.sign_in()
        assert list(passed.members) == BODIES["login"][delivery]
        renewed = await app.call("/mfa/recovery-codes", app.code(1), passed)
        assert list(renewed.members) == BODIES["mfa_recovery_codes"]
