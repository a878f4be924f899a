"""A host's own tests, which sign their requests in by overriding one dependency."""

from dataclasses import replace
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, Request

from bymax_auth.fastapi import (
    CurrentUser,
    InstalledAuth,
    OptionalUser,
    current_user,
    install,
    platform_user,
    require_role,
    self_or_admin,
    verified_user,
)
from bymax_auth.types.claims import DashboardClaims, PlatformClaims
from tests.integration.fastapi.host import Dependency, Host, a_platform
from tests.integration.fastapi.test_guards import dependencies_of
from tests.integration.http.world import World, a_world, user


def claims(**overrides: object) -> DashboardClaims:
    """Somebody whom no repository knows."""
    values: dict[str, object] = {
        "sub": "made-up",
        "jti": "j1",
        "tenant_id": "acme",
        "role": "ADMIN",
        "type": "dashboard",
        "status": "ACTIVE",
        "mfa_enabled": False,
        "mfa_verified": False,
        "iat": 0,
        "exp": 0,
    }
    return DashboardClaims.model_validate(values | overrides)


def an_administrator() -> DashboardClaims:
    return claims()


@pytest.fixture
def host(world: World) -> Host:
    return Host.of(world)


def guards_of(host: Host) -> dict[str, Dependency]:
    return {
        **{f"bound {name}": guard for name, guard in dependencies_of(host.auth).items()},
        "bound admin": host.auth.require_role("ADMIN", cross_origin=True),
        "bound owner": host.auth.from_any_origin(host.auth.self_or_admin("ADMIN")),
        "current_user": current_user,
        "verified_user": verified_user,
        "role": require_role("ADMIN"),
        "open role": require_role("ADMIN", cross_origin=True),
        "owner": self_or_admin("ADMIN"),
    }


NAMES = [
    "bound auth_user",
    "bound current_user",
    "bound user_status",
    "bound verified_user",
    "bound mfa_satisfied",
    "bound require_role",
    "bound self_or_admin",
    "bound admin",
    "bound owner",
    "current_user",
    "verified_user",
    "role",
    "open role",
    "owner",
]


@pytest.mark.parametrize("name", NAMES)
async def test_one_override_signs_a_test_in_to_every_guard(host: Host, name: str) -> None:
    """A host that tests its routes would have to make an account, or patch the library."""
    host.guarded_by(guards_of(host)[name])
    await host.refuses(401, "auth.token_invalid")
    host.app.dependency_overrides[current_user] = an_administrator
    await host.admits()
    host.app.dependency_overrides.clear()
    await host.refuses(401, "auth.token_invalid")


async def test_an_override_of_the_bound_guard_holds_for_what_rests_on_it(host: Host) -> None:
    """A mounted app knows the bound guards only."""
    host.guarded_by(host.auth.require_role("ADMIN"), host.auth.verified_user)
    host.app.dependency_overrides[host.auth.current_user] = an_administrator
    await host.admits()


async def test_the_conditions_still_hold_for_an_override(host: Host) -> None:
    """A test that passes whatever the role is says nothing about the route."""
    host.guarded_by(host.auth.require_role("ADMIN"), self_or_admin("ADMIN"))
    host.app.dependency_overrides[current_user] = lambda: claims(role="MEMBER", sub="u1")
    await host.refuses(403, "auth.insufficient_role")
    second, third = Host.of(host.world), Host.of(host.world)
    second.guarded_by(self_or_admin("ADMIN"))
    second.app.dependency_overrides[current_user] = lambda: claims(role="MEMBER", sub="u1")
    await second.admits("u1")
    await second.refuses(403, "auth.forbidden", "u2")
    third.guarded_by(third.auth.mfa_satisfied)
    third.app.dependency_overrides[current_user] = lambda: claims(mfa_enabled=True)
    await third.refuses(403, "auth.mfa_required")


async def test_whoever_acts_as_somebody_else_is_judged_as_that_account(host: Host) -> None:
    """Support that signs in as a banned customer must see what the customer sees."""

    async def as_the_customer(request: Request) -> DashboardClaims:
        own = await host.auth.current_user(request)
        return own.model_copy(update={"sub": "u2"})

    host.guarded_by(host.auth.user_status)
    host.app.dependency_overrides[current_user] = as_the_customer
    host.world.users.add(user(id="u2", email="other@example.com", status="BANNED"))
    cookies = await host.world.signed_in()
    answer = await host.get(cookies=cookies)
    assert (answer.status, answer.code) == (403, "auth.account_banned")


async def test_platform_guards_rest_on_the_platform_user(world: World) -> None:
    """The operators' console is tested in the same way."""
    operator = PlatformClaims(
        sub="a9",
        jti="j",
        role="OPERATOR",
        type="platform",
        mfa_enabled=False,
        mfa_verified=False,
        iat=0,
        exp=0,
    )
    async with a_platform(world) as host:
        host.guarded_by(host.auth.platform_user, host.auth.require_platform_role("OPERATOR"))
        host.app.dependency_overrides[platform_user] = lambda: operator
        await host.admits()


async def test_a_route_may_ask_two_deployments(world: World) -> None:
    """A route for two deployments' users must not take one's member for the other's."""
    async with a_world(jwt={"secret": "another-example-secret-0123456789-abcd"}) as elsewhere:
        other = InstalledAuth(elsewhere.engine, elsewhere.http)
        app = FastAPI()
        auth = install(app, world.engine, world.http)

        @app.get("/mine")
        async def mine(
            own: CurrentUser,
            bound: Annotated[DashboardClaims, Depends(auth.require_role("MEMBER"))],
            theirs: Annotated[DashboardClaims | None, Depends(other.optional_auth_user)],
            again: Annotated[DashboardClaims, Depends(current_user)],
        ) -> list[str | None]:
            return [own.sub, bound.sub, theirs and theirs.sub, again.sub]

        @app.get("/theirs")
        async def theirs(
            user: Annotated[DashboardClaims, Depends(other.verified_user)], own: OptionalUser
        ) -> list[str | None]:
            return [user.sub, own and own.sub]

        driver = replace(world.driver, app=app, prefix="")
        answer = await driver.call("GET", "/mine", cookies=await world.signed_in())
        assert answer.json() == ["u1", "u1", None, "u1"]
        answer = await driver.call("GET", "/theirs", cookies=await elsewhere.signed_in())
        assert answer.json() == ["u1", None]
        assert (await driver.call("GET", "/theirs", cookies=await world.signed_in())).status == 401
