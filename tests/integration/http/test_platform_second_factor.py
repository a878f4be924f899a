"""The second factor of administrators over HTTP: bearer only, and nothing that crosses the realms."""

from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto import totp
from tests.integration.http.driver import Answer
from tests.integration.http.factors import STEP, enrolled
from tests.integration.http.world import PLATFORM_LOGIN, ROOT_PASSWORD, World, a_world


class Root:
    """Grace, an administrator with an authenticator app."""

    def __init__(self, world: World, shown: dict[str, Any]) -> None:
        self.world = world
        self.shown = shown

    def code(self, steps: int = 0) -> str:
        now = int(self.world.clock.now().timestamp())
        return f"{totp.generate(totp.base32_decode(self.shown['secret']), now + steps * STEP):06d}"

    async def challenge(self) -> str:
        answer = await self.world.driver.call("POST", "/platform/login", json_body=PLATFORM_LOGIN)
        assert (answer.status, list(answer.members)) == (200, ["mfaRequired", "mfaTempToken"])
        assert answer.all("set-cookie") == []
        return str(answer.members["mfaTempToken"])

    async def answer(self, token: str | None, code: str, **how: Any) -> Answer:
        body = {"code": code} if token is None else {"mfaTempToken": token, "code": code}
        return await self.world.driver.call("POST", "/platform/mfa/challenge", json_body=body, **how)

    async def sign_in(self, code: str) -> str:
        answer = await self.answer(await self.challenge(), code)
        assert (answer.status, answer.all("set-cookie")) == (200, [])
        assert list(answer.members) == ["admin", "accessToken", "refreshToken"]
        return str(answer.members["accessToken"])

    async def manage(self, what: str, code: str, token: str) -> Answer:
        path = f"/platform/mfa/{what}"
        return await self.world.driver.call("POST", path, json_body={"code": code}, bearer=token)


async def guarded(world: World) -> Root:
    """Grace with a second factor; the code that confirmed it is the one of the step before."""
    token, _ = await world.administrators_tokens()
    answer = await world.driver.call(
        "POST", "/platform/mfa/setup", json_body={"password": ROOT_PASSWORD}, bearer=token
    )
    assert answer.status == 201, answer.body
    root = Root(world, answer.members)
    assert (await root.manage("verify-enable", root.code(-1), token)).status == 204
    assert (
        await world.driver.call("GET", "/platform/me", bearer=token)
    ).code == "auth.platform_auth_required"
    return root


async def test_an_administrator_enrols_and_passes_the_factor(world: World) -> None:
    """Whoever can sign in as an administrator has everybody's account."""
    root = await guarded(world)
    token = await root.sign_in(root.code())
    assert (await world.driver.call("GET", "/platform/me", bearer=token)).members["mfaEnabled"] is True
    await world.engine.drain()
    mail = world.mailer.last("mfa_enabled")
    assert (mail.to, mail.tenant_id) == (PLATFORM_LOGIN["email"], "platform")


async def test_an_administrator_manages_the_factor(world: World) -> None:
    """New codes void the old ones, and a removal ends every session."""
    root = await guarded(world)
    token = await root.sign_in(root.shown["recoveryCodes"][0])
    renewed = await root.manage("recovery-codes", root.code(), token)
    assert len(renewed.members["recoveryCodes"]) == 8  # type: ignore[arg-type]
    world.clock.advance(timedelta(seconds=STEP))
    assert (await root.manage("disable", root.code(), token)).status == 204
    assert (await world.driver.call("GET", "/platform/me", bearer=token)).status == 401
    await world.administrators_tokens()


async def test_the_cookie_of_a_temporary_token_is_not_read(world: World) -> None:
    """Administrators use no cookies, so that no page can act for them."""
    root = await guarded(world)
    cookies = {"mfa_temp_token": await root.challenge()}
    answer = await root.answer(None, root.code(), cookies=cookies)
    assert (answer.status, answer.code) == (401, "auth.mfa_temp_token_invalid")
    assert answer.all("set-cookie") == []


async def test_temporary_tokens_never_cross_the_realms(world: World) -> None:
    """The two accounts have the same id, and must have nothing else in common."""
    root, app = await guarded(world), await enrolled(world)
    theirs, ours = await root.challenge(), await app.challenge()
    crossed = [await root.answer(ours, app.code()), await app.answer(theirs, root.code())]
    assert [answer.code for answer in crossed] == ["auth.mfa_temp_token_invalid"] * 2
    assert (await root.answer(theirs, root.code())).status == 200
    assert (await app.answer(ours, app.code())).status == 200


@pytest.mark.parametrize("what", ["setup", "verify-enable", "disable", "recovery-codes"])
async def test_a_users_session_manages_no_administrators_factor(world: World, what: str) -> None:
    """The two accounts have the same id."""
    signed_in = await world.login()
    token = signed_in.cookies["access_token"]
    for how in ({"cookies": signed_in.cookies}, {"bearer": token}):
        answer = await world.driver.call("POST", f"/platform/mfa/{what}", json_body={}, **how)  # type: ignore[arg-type]
        assert (answer.status, answer.code) == (401, "auth.platform_auth_required")


async def test_without_mfa_the_challenge_says_so_and_the_rest_is_nowhere() -> None:
    """Signing in belongs to the platform; a factor that nobody can have is not managed."""
    async with a_world(mfa=None, controllers={"mfa": False}) as world:
        answer = await world.driver.call(
            "POST", "/platform/mfa/challenge", json_body={"mfaTempToken": "a.b.c", "code": "123456"}
        )
        assert (answer.status, answer.code) == (400, "auth.mfa_not_enabled")
        assert (await world.driver.call("POST", "/platform/mfa/setup", json_body={})).status == 404
