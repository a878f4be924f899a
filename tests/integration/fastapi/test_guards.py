"""Guards as dependencies: on routes, on sockets, and in every combination."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, WebSocket

from bymax_auth.fastapi import (
    ActiveUser,
    CurrentPlatformUser,
    CurrentUser,
    InstalledAuth,
    MfaSatisfiedUser,
    OptionalUser,
    VerifiedUser,
    current_user,
    install,
    require_platform_role,
    require_role,
    self_or_admin,
    trusted_origin,
)
from bymax_auth.http import AuthMiddleware
from bymax_auth.http.config import RateLimit
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from tests.integration.fastapi.host import Dependency, Host, a_host, a_platform
from tests.integration.fastapi.sockets import open_socket
from tests.integration.http.world import EMAIL, PASSWORD, World, user

ALIASES: dict[str, Any] = {
    "current": CurrentUser,
    "active": ActiveUser,
    "verified": VerifiedUser,
    "mfa_satisfied": MfaSatisfiedUser,
    "optional": OptionalUser,
    "platform": CurrentPlatformUser,
}


def dependencies_of(auth: InstalledAuth) -> dict[str, Dependency]:
    return {
        "auth_user": auth.auth_user,
        "current_user": auth.current_user,
        "user_status": auth.user_status,
        "verified_user": auth.verified_user,
        "mfa_satisfied": auth.mfa_satisfied,
        "require_role": auth.require_role("MEMBER"),
        "self_or_admin": auth.self_or_admin("ADMIN"),
    }


@pytest.fixture
def host(world: World) -> Host:
    return Host.of(world)


@pytest.mark.parametrize("name", [name for name in ALIASES if name not in {"optional", "platform"}])
async def test_an_alias_hands_the_claims_to_a_route_and_a_socket(host: Host, name: str) -> None:
    """The identity that a route works with is the one that was checked, or the route does not run."""
    alias = ALIASES[name]

    @host.app.get("/who")
    async def who(user: alias) -> dict[str, str]:  # type: ignore[valid-type]
        return {"id": user.sub, "tenant": user.tenant_id}

    @host.app.websocket("/who")
    async def socket(websocket: WebSocket, user: alias) -> None:  # type: ignore[valid-type]
        await websocket.accept(subprotocol=user.sub)
        await websocket.close()

    cookies = await host.world.signed_in()
    answer = await host.driver.call("GET", "/who", cookies=cookies)
    assert answer.json() == {"id": "u1", "tenant": "acme"}
    opened = await open_socket(host.app, "/who", cookies=cookies)
    assert (opened.accepted, opened.sent[0]["subprotocol"]) == (True, "u1")
    for wrong in ({}, {"access_token": "garbage"}):
        refused = await host.driver.call("GET", "/who", cookies=wrong)
        assert (refused.status, refused.code) == (401, "auth.token_invalid")
        assert (await open_socket(host.app, "/who", cookies=wrong)).status == 401


@pytest.mark.parametrize(
    "name",
    [
        "auth_user",
        "current_user",
        "user_status",
        "verified_user",
        "mfa_satisfied",
        "require_role",
        "self_or_admin",
    ],
)
async def test_every_guard_of_the_installed_object_admits_and_refuses(host: Host, name: str) -> None:
    """A guard that does not refuse strangers protects nothing."""
    host.guarded_by(dependencies_of(host.auth)[name])
    await host.admits(cookies=await host.world.signed_in())
    await host.refuses(401, "auth.token_invalid")


@pytest.mark.parametrize("bound", [False, True])
async def test_roles_admit_upwards_only(host: Host, bound: bool) -> None:
    """A member must not open an administrator's page, and an administrator may open a member's."""
    host.guarded_by(host.auth.require_role("ADMIN") if bound else require_role("ADMIN"))
    await host.refuses(403, "auth.insufficient_role", cookies=await host.world.signed_in())
    host.world.users.replace(user(role="ADMIN"))
    await host.admits(cookies=await host.world.signed_in())


@pytest.mark.parametrize("bound", [False, True])
async def test_self_or_admin_admits_the_owner_and_administrators(host: Host, bound: bool) -> None:
    """A user must not delete a stranger's account by its id."""
    host.guarded_by(host.auth.self_or_admin("ADMIN") if bound else self_or_admin("ADMIN"))
    cookies = await host.world.signed_in()
    await host.admits("u1", cookies=cookies)
    await host.refuses(403, "auth.forbidden", "u2", cookies=cookies)
    host.world.users.replace(user(role="ADMIN"))
    await host.admits("u2", cookies=await host.world.signed_in())


async def test_self_or_admin_on_a_route_without_the_parameter_admits_nobody(host: Host) -> None:
    """A misspelt parameter must not open the route to everybody."""
    host.guarded_by(host.auth.self_or_admin("ADMIN", param="account"))
    await host.refuses(401, "auth.token_invalid", cookies=await host.world.signed_in())


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("BANNED", "auth.account_banned"),
        ("suspended", "auth.account_suspended"),
        ("Inactive", "auth.account_inactive"),
    ],
)
async def test_a_blocked_account_is_told_so(host: Host, status: str, code: str) -> None:
    """A ban written behind the library's back must close the host's routes as well."""
    host.guarded_by(host.auth.user_status)
    cookies = await host.world.signed_in()
    host.world.users.replace(user(status=status))
    await host.world.engine.invalidate_user_status("u1", tenant_id="acme")
    await host.refuses(403, code, cookies=cookies)


async def test_an_unproven_address_is_told_so(host: Host) -> None:
    """A route for proven mailboxes must not serve an account that signed up with somebody else's."""
    host.guarded_by(host.auth.verified_user)
    cookies = await host.world.signed_in()
    host.world.users.replace(user(email_verified=False))
    await host.world.engine.invalidate_user_status("u1", tenant_id="acme")
    await host.refuses(403, "auth.email_not_verified", cookies=cookies)


async def test_an_account_that_is_gone_is_signed_out(host: Host) -> None:
    """The token of a deleted account must not outlive it on a guarded route."""
    host.guarded_by(host.auth.user_status)
    cookies = await host.world.signed_in()
    host.world.users._rows.clear()
    await host.world.engine.invalidate_user_status("u1", tenant_id="acme")
    await host.refuses(401, "auth.token_invalid", cookies=cookies)


async def test_a_visitor_is_served_as_nobody(host: Host) -> None:
    """A page that greets whoever is signed in must also open for everybody else."""

    @host.app.get("/hello")
    async def hello(user: OptionalUser) -> str | None:
        return None if user is None else user.sub

    cookies = await host.world.signed_in()
    assert (await host.driver.call("GET", "/hello", cookies=cookies)).json() == "u1"
    for nobody in ({}, {"access_token": "garbage"}):
        assert (await host.driver.call("GET", "/hello", cookies=nobody)).json() is None

    @host.app.get("/greeting", dependencies=[Depends(host.auth.optional_auth_user)])
    async def greeting() -> str:
        return "hello"

    assert (await host.driver.call("GET", "/greeting")).status == 200


async def test_a_dashboard_token_is_no_platform_token(world: World) -> None:
    """A tenant's user must not reach the operators' routes, and hears which sign-in is missing."""
    async with a_platform(world) as host:
        signed_in = await host.world.engine.platform.login(
            LoginInput(email=EMAIL, password=PASSWORD), RequestContext()
        )
        dashboard = (await world.signed_in())["access_token"]

        @host.app.get("/who")
        async def who(operator: CurrentPlatformUser) -> str:
            return operator.sub

        answer = await host.driver.call("GET", "/who", bearer=signed_in.access_token)
        assert answer.json() == "a1"
        host.guarded_by(host.auth.platform_user, host.auth.require_platform_role("OPERATOR"))
        await host.admits(bearer=signed_in.access_token)
        for refused in ({"bearer": dashboard}, {"cookies": {"access_token": signed_in.access_token}}, {}):
            await host.refuses(401, "auth.platform_auth_required", **refused)


@pytest.mark.parametrize("bound", [False, True])
async def test_platform_roles_admit_upwards_only(world: World, bound: bool) -> None:
    """An operator must not open what only the platform's owner may."""
    async with a_platform(world) as host:
        signed_in = await host.world.engine.platform.login(
            LoginInput(email=EMAIL, password=PASSWORD), RequestContext()
        )
        host.guarded_by(host.auth.require_platform_role("ROOT") if bound else require_platform_role("ROOT"))
        await host.refuses(403, "auth.insufficient_role", bearer=signed_in.access_token)


async def test_a_second_factor_that_is_owed_is_asked_for(host: Host) -> None:
    """The password alone must not open what the factor protects."""
    host.guarded_by(host.auth.mfa_satisfied)
    cookies = await host.world.signed_in()
    host.world.users.replace(user(mfa_enabled=True))
    fresh = (await host.world.driver.call("POST", "/refresh", cookies=cookies)).cookies
    await host.refuses(403, "auth.mfa_required", cookies=fresh)


async def test_an_outage_is_a_failure_and_never_an_admission(host: Host) -> None:
    """A guard that cannot check must not let anybody pass, nor call a signed-in user a stranger."""
    host.guarded_by(host.auth.auth_user)
    cookies = await host.world.signed_in()
    await host.world.stores.aclose()
    answer = await host.get(cookies=cookies)
    assert (answer.status, answer.code, answer.header("retry-after")) == (503, "auth.unavailable", "5")
    assert answer.header("cache-control") == "no-store"
    denied = await host.open(cookies=cookies)
    assert (denied.status, denied.code) == (503, "auth.unavailable")
    assert (await host.open(cookies=cookies, can_deny=False)).close_code == 1013
    assert {origin for origin, _ in host.world.failures} == {"fastapi"}


class CountingStores:
    """Counts what the guards ask of the store."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        authenticate = type(world.engine.authenticate).__call__

        async def counted(flow: Any, token: str) -> Any:
            self.calls += 1
            return await authenticate(flow, token)

        monkeypatch.setattr(type(world.engine.authenticate), "__call__", counted)


@pytest.mark.parametrize("middleware", [False, True])
async def test_a_token_is_checked_once_however_many_guards_ask(
    host: Host, monkeypatch: pytest.MonkeyPatch, middleware: bool
) -> None:
    """Each further guard would cost another signature and another trip to the store."""
    counting = CountingStores(host.world, monkeypatch)
    if middleware:
        host.app.add_middleware(AuthMiddleware, engine=host.world.engine, http=host.world.http)
    host.guarded_by(
        *dependencies_of(host.auth).values(), current_user, require_role("MEMBER"), self_or_admin("ADMIN")
    )
    cookies = await host.world.signed_in()
    assert (await host.get(cookies=cookies)).status == 200
    assert counting.calls == 1
    assert (await host.get(cookies=cookies)).status == 200
    assert counting.calls == 2


async def test_guards_find_the_engine_that_a_middleware_left(world: World) -> None:
    """A mounted app without an engine of its own is protected by the middleware around it."""
    inner = FastAPI()

    @inner.get("/who")
    async def who(user: CurrentUser) -> str:
        return user.sub

    outer = FastAPI()
    outer.mount("/inner", inner)
    outer.add_middleware(AuthMiddleware, engine=world.engine, http=world.http)
    driver = replace(world.driver, app=outer, prefix="")
    assert (await driver.call("GET", "/inner/who", cookies=await world.signed_in())).json() == "u1"
    assert (await driver.call("GET", "/inner/who")).status == 401


async def test_guards_without_an_engine_say_what_is_missing(world: World) -> None:
    """Whoever forgets `install` must read about it, and not be let in."""
    app = FastAPI()

    @app.get("/who")
    async def who(user: CurrentUser) -> str:
        return user.sub

    @app.post("/change", dependencies=[Depends(trusted_origin)])
    async def change() -> None: ...

    for method, path in (("GET", "/who"), ("POST", "/change")):
        with pytest.raises(RuntimeError, match=r"bymax_auth\.fastapi\.install"):
            await replace(world.driver, app=app, prefix="").call(method, path)


async def test_an_app_without_our_handlers_still_answers_the_right_status(world: World) -> None:
    """A mounted app that was never told about refusals must not turn one into a failure."""
    outer, inner = FastAPI(), FastAPI()
    auth = install(outer, world.engine, world.http)

    @inner.get("/who")
    async def who(user: Annotated[DashboardClaims, Depends(auth.auth_user)]) -> str:
        return user.sub

    limit = Depends(auth.rate_limit("inner", RateLimit(1, 60)))

    @inner.get("/limited", dependencies=[limit])
    async def limited() -> None: ...

    outer.mount("/inner", inner)
    driver = replace(world.driver, app=outer, prefix="/inner")
    answer = await driver.call("GET", "/who")
    assert (answer.status, answer.header("cache-control")) == (401, "no-store")
    assert answer.members["detail"] == {
        "error": {"code": "auth.token_invalid", "message": "Invalid token", "details": None}
    }
    assert (await driver.call("GET", "/who", cookies=await world.signed_in())).json() == "u1"
    assert (await driver.call("GET", "/limited")).status == 200
    refused = await driver.call("GET", "/limited")
    assert (refused.status, refused.header("retry-after")) == (429, "60")


@pytest.mark.parametrize("bound", [False, True])
async def test_another_sites_page_changes_nothing(bound: bool) -> None:
    """A page elsewhere must not act with the visitor's cookies, nor open a socket with them."""
    async with a_host(cookies={"trusted_origins": ["https://app.example.com"]}) as host:
        host.guarded_by(host.auth.trusted_origin if bound else trusted_origin, method="POST")
        for origin, status in (("https://app.example.com", 200), ("https://evil.example", 403)):
            page = {"origin": origin, "sec-fetch-site": "cross-site"}
            answer = await host.driver.call("POST", "/guarded/x", headers=page.items())
            assert answer.status == status
            assert (await open_socket(host.app, "/guarded/x", headers=page)).accepted is (status == 200)
        assert answer.code == "auth.untrusted_origin"


async def test_a_page_elsewhere_may_still_read_what_is_open(host: Host) -> None:
    """A link from another site is how most visitors arrive."""
    host.guarded_by(host.auth.trusted_origin)
    assert (await host.get(headers=[("sec-fetch-site", "cross-site")])).status == 200


async def test_a_hosts_route_is_limited_by_its_own_counter(host: Host) -> None:
    """A costly route of the host can be called as often as a client likes, unless it is limited too."""
    host.guarded_by(host.auth.rate_limit("search", RateLimit(2, 60)))
    await host.get()
    await host.open()
    await host.refuses(429, "auth.too_many_requests")
    answer = await host.get()
    assert (answer.header("retry-after"), answer.error["details"]) == ("60", {"retryAfterSeconds": 60})
    host.world.clock.advance(timedelta(seconds=61))
    assert (await host.get()).status == 200


@pytest.mark.parametrize("name", ["current_user", "rate_limit"])
async def test_an_app_without_our_handlers_says_that_an_outage_is_temporary(host: Host, name: str) -> None:
    """A mounted app with nothing but a bound guard would answer an error page without a time to wait."""
    bare = FastAPI()
    limit = host.auth.rate_limit("search", RateLimit(2, 60))
    guard = limit if name == "rate_limit" else host.auth.current_user

    @bare.get("/page", dependencies=[Depends(guard)])
    async def page() -> str:
        return "in"

    cookies = await host.world.signed_in()
    await host.world.stores.aclose()
    answer = await replace(host.driver, app=bare).call("GET", "/page", cookies=cookies)
    assert (answer.status, answer.header("retry-after")) == (503, "5")
    assert answer.members["detail"] == {
        "error": {
            "code": "auth.unavailable",
            "message": "The service is temporarily unavailable. Please try again shortly.",
            "details": {"retryAfterSeconds": 5},
        }
    }
    assert [origin for origin, _ in host.world.failures] == ["fastapi"]
