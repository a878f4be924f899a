"""Verification of addresses, and the uniform answers of whatever sends mail."""

import pytest

from bymax_auth.config.resolvers import RequestParts, TenantUnresolved
from tests.integration.http.driver import Answer
from tests.integration.http.world import EMAIL, TENANT, World, a_world, user

OTP_INVALID = b'{"error":{"code":"auth.otp_invalid","message":"Invalid OTP code","details":null}}'
ADDRESS = {"email": EMAIL, "tenantId": TENANT}
MAILING = [
    ("/resend-verification", 204, b""),
    ("/password/forgot-password", 200, b"{}"),
    ("/password/resend-otp", 200, b"{}"),
]


async def code_for(world: World) -> str:
    world.users.replace(user(email_verified=False))
    answer = await world.driver.call("POST", "/resend-verification", json_body=ADDRESS)
    assert answer.status == 204
    await world.engine.drain()
    return world.mailer.last("email_verification_otp", to=EMAIL).code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_a_code_proves_the_address_once(world: World) -> None:
    """After it, the person can sign in; the code itself is worth nothing any more."""
    code = await code_for(world)
    answer = await world.driver.call("POST", "/verify-email", json_body={**ADDRESS, "otp": code})
    assert (answer.status, answer.body, answer.all("set-cookie")) == (204, b"", [])
    await world.login()
    again = await world.driver.call("POST", "/verify-email", json_body={**ADDRESS, "otp": code})
    assert (again.status, again.body) == (401, OTP_INVALID)


async def test_every_refused_code_gets_the_same_bytes(world: World) -> None:
    """A stranger must not learn whether a code was ever sent, has expired or was tried too often."""
    answers: list[Answer] = []
    code = await code_for(world)

    async def try_code(otp: str, **changed: str) -> None:
        body = {**ADDRESS, "otp": otp, **changed}
        answers.append(await world.driver.call("POST", "/verify-email", json_body=body))

    for _ in range(6):
        await try_code(wrong(code))
    await try_code(code)
    await try_code(code, email="nobody@example.com")
    await try_code(code, tenantId="other")
    await try_code("abcdef")
    world.clock.advance(world.engine.config.auth.email_verification.otp_ttl * 2)
    code = await code_for(world)
    world.clock.advance(world.engine.config.auth.email_verification.otp_ttl * 2)
    await try_code(code)
    assert {(answer.status, answer.body, answer.headers) for answer in answers} == {
        (401, OTP_INVALID, answers[0].headers)
    }
    assert answers[0].header("retry-after") is None


@pytest.mark.parametrize(("path", "status", "body"), MAILING)
async def test_a_mail_route_answers_everybody_alike(path: str, status: int, body: bytes) -> None:
    """Whoever asks about an address must not learn whether it has an account, in what state."""
    answers: list[Answer] = []
    for name in ("known", "unknown", "blocked", "cooling down", "mail down", "store down"):
        async with a_world(accounts=(user(email_verified=False),)) as world:
            address = {**ADDRESS, "email": "nobody@example.com"} if name == "unknown" else ADDRESS
            if name == "blocked":
                world.users.replace(user(status="BANNED", email_verified=False))
            if name == "cooling down":
                await world.driver.call("POST", path, json_body=ADDRESS)
            if name == "mail down":
                world.mailer.failure = RuntimeError("550 no such user here")
            if name == "store down":
                await world.stores.aclose()
            answers.append(await world.driver.call("POST", path, json_body=address))
            await world.engine.drain()
    assert {(answer.status, answer.body, answer.headers) for answer in answers} == {
        (status, body, answers[0].headers)
    }


@pytest.mark.parametrize(("path", "status", "body"), MAILING)
async def test_a_mail_route_needs_a_tenant(world: World, path: str, status: int, body: bytes) -> None:
    """A request that can concern nobody is the client's mistake, and it may hear so."""
    answer = await world.driver.call("POST", path, json_body={"email": EMAIL})
    assert (answer.status, answer.fields) == (400, ["tenantId"])


class Lost:
    def __init__(self, error: Exception) -> None:
        self.error = error

    async def resolve(self, parts: RequestParts) -> str:
        raise self.error


@pytest.mark.parametrize("error", [TenantUnresolved(), RuntimeError("the resolver's own words")])
async def test_a_resolver_that_fails_does_not_show_in_mail_routes(error: Exception) -> None:
    """Elsewhere it is answered; here an answer would tell one address from another."""
    async with a_world(tenancy={"resolver": Lost(error)}) as world:
        for path, status, body in MAILING:
            answer = await world.driver.call("POST", path, json_body=ADDRESS)
            assert (answer.status, answer.body) == (status, body)
        answer = await world.driver.call("POST", "/login", json_body={"email": EMAIL, "password": "x"})
        expected = (403, "auth.forbidden") if isinstance(error, TenantUnresolved) else (500, "auth.internal")
        assert (answer.status, answer.code) == expected
        assert b"own words" not in answer.body


async def test_a_resolver_decides_whatever_the_body_says() -> None:
    """A caller must not be able to choose the tenant they sign in to."""

    class Acme:
        async def resolve(self, parts: RequestParts) -> str:
            assert (parts.method, parts.path, parts.host) == ("POST", "/auth/login", "auth.example.com")
            assert parts.headers["x-tenant-id"] == "acme"
            assert "authorization" not in parts.headers
            return parts.headers["x-tenant-id"]

    async with a_world(tenancy={"resolver": Acme()}) as world:
        answer = await world.driver.call(
            "POST",
            "/login",
            json_body={"email": EMAIL, "password": "correct horse battery", "tenantId": "other"},
            headers=[("x-tenant-id", "acme")],
            bearer="something",
        )
        assert answer.status == 200
