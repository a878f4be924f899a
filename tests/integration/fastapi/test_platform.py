"""Administrators on a host's own routes, signed in by the installed ones."""

from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import Depends, WebSocket

from bymax_auth.fastapi import CurrentPlatformUser, CurrentUser, platform_user, require_platform_role
from bymax_auth.types.claims import PlatformClaims
from tests.integration.fastapi.faces import FACES, behind
from tests.integration.fastapi.host import Dependency, Host, a_host
from tests.integration.http.world import PLATFORM_LOGIN, World, a_world, administrator

Root = Annotated[PlatformClaims, Depends(require_platform_role("ROOT"))]
Operator = Annotated[PlatformClaims, Depends(require_platform_role("OPERATOR"))]
FOREIGN = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")]


@pytest.fixture(params=["cookie", "bearer", "both"])
async def host(request: pytest.FixtureRequest) -> AsyncIterator[Host]:
    """A host with routes of its own for administrators, in every delivery mode."""
    async with a_host(token_delivery=request.param) as host:

        @host.app.get("/console")
        async def console(admin: CurrentPlatformUser) -> dict[str, str]:
            return {"id": admin.sub, "role": admin.role}

        @host.app.post("/console/tenants")
        async def found(admin: Root) -> str:
            return admin.sub

        @host.app.post("/console/notes")
        async def note(admin: Operator) -> str:
            return admin.sub

        @host.app.get("/profile")
        async def profile(user: CurrentUser) -> str:
            return user.sub

        @host.app.websocket("/console/live")
        async def live(socket: WebSocket, admin: CurrentPlatformUser) -> None:
            await socket.accept()
            await socket.close(1000, admin.sub)

        yield host


async def signed_in(world: World) -> str:
    return (await world.administrators_tokens())[0]


async def test_an_administrator_reaches_the_hosts_console_and_no_users_page(host: Host) -> None:
    """The guard of a host's most powerful route takes whoever the sign-in has issued a token to."""
    access = await signed_in(host.world)
    answer = await host.driver.call("GET", "/console", bearer=access)
    assert (answer.status, answer.json()) == (200, {"id": "u1", "role": "OPERATOR"})
    refused = await host.driver.call("GET", "/profile", bearer=access)
    assert (refused.status, refused.code) == (401, "auth.token_invalid")
    for cookies in ({"access_token": access}, {}):
        refused = await host.driver.call("GET", "/console", cookies=cookies)
        assert (refused.status, refused.code) == (401, "auth.platform_auth_required")


async def test_a_role_admits_upwards_only_and_a_refresh_brings_a_new_one(host: Host) -> None:
    """An operator would found tenants, or somebody who was promoted would wait for the next sign-in."""
    access, token = await host.world.administrators_tokens()
    assert (await host.driver.call("POST", "/console/notes", bearer=access)).status == 200
    refused = await host.driver.call("POST", "/console/tenants", bearer=access)
    assert (refused.status, refused.code) == (403, "auth.insufficient_role")
    host.world.admins.replace(administrator(role="ROOT"))
    renewed = await host.driver.call("POST", "/auth/platform/refresh", json_body={"refreshToken": token})
    access = str(renewed.members["accessToken"])
    for path in ("/console/notes", "/console/tenants"):
        assert (await host.driver.call("POST", path, bearer=access)).status == 200


async def test_the_end_of_every_session_reaches_the_hosts_routes(host: Host) -> None:
    """A stolen token would go on opening the console that its owner has locked."""
    stolen, own = await signed_in(host.world), await signed_in(host.world)
    ended = await host.driver.call("DELETE", "/auth/platform/sessions", bearer=own)
    assert ended.status == 204
    for access in (stolen, own):
        refused = await host.driver.call("GET", "/console", bearer=access)
        assert (refused.status, refused.code) == (401, "auth.platform_auth_required")


async def test_a_page_of_another_site_cannot_sign_anybody_in(host: Host) -> None:
    """A hostile page would sign its visitor's console in as somebody else."""
    answer = await host.driver.call("POST", "/auth/platform/login", json_body=PLATFORM_LOGIN, headers=FOREIGN)
    assert (answer.status, answer.code) == (403, "auth.untrusted_origin")
    access = await signed_in(host.world)
    # A page that holds the token has it from the administrator: no browser attaches it by itself.
    assert (await host.driver.call("POST", "/console/notes", bearer=access, headers=FOREIGN)).status == 200


@pytest.mark.parametrize("build", [lambda auth: auth.platform_user, lambda _: platform_user])
async def test_a_socket_of_the_console_is_an_administrators(build: Dependency) -> None:
    """A live view of every tenant would be open to whoever is signed in to one."""
    async with a_host() as host:
        host.guarded_by(build(host.auth))
        access = await signed_in(host.world)
        await host.admits(bearer=access)
        users = await host.world.signed_in()
        await host.refuses(401, "auth.platform_auth_required", cookies=users)
        await host.refuses(401, "auth.platform_auth_required", bearer=users["access_token"])
        await host.world.engine.platform.revoke_all_sessions("u1")
        await host.refuses(401, "auth.platform_auth_required", bearer=access)


async def test_a_host_signs_an_administrator_in_for_its_tests() -> None:
    """A host would need a database of administrators to test one page."""
    async with a_host() as host:
        host.guarded_by(host.auth.require_platform_role("OPERATOR"))
        claims = (await host.world.engine.platform.authenticate(await signed_in(host.world))).claims
        host.app.dependency_overrides[platform_user] = lambda: claims
        assert (await host.get()).status == 200


@pytest.mark.parametrize("face", FACES)
async def test_the_routes_are_the_same_behind_every_face(face: str) -> None:
    """A host that mounts the library in another way gets other answers for its administrators."""
    async with a_world() as world, a_world() as other:
        driver = behind(world, face)
        answers = [
            [
                await client.call("POST", "/platform/login", json_body={**PLATFORM_LOGIN, "password": "x"}),
                await client.call("POST", "/platform/login", json_body=PLATFORM_LOGIN),
                await client.call("GET", "/platform/me"),
                await client.call("POST", "/platform/refresh", raw=b"{"),
                await client.call("POST", "/platform/refresh"),
                await client.call("POST", "/platform/logout"),
                await client.call("DELETE", "/platform/sessions"),
                await client.call("GET", "/platform/login"),
                await client.call("GET", "/platform"),
            ]
            for client in (driver, other.driver)
        ]
        for answer, bare in zip(*answers, strict=True):
            assert (answer.status, [name for name, _ in answer.headers]) == (
                bare.status,
                [name for name, _ in bare.headers],
            )
            assert answer.body == bare.body or answer.status == 200
