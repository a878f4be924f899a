"""Overload: when every thread that hashes is busy, whoever needs one is asked to come back."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.integration.http.world import (
    EMAIL,
    LOGIN,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    World,
    a_world,
    user,
)

OVERLOADED = (
    b'{"error":{"code":"auth.overloaded","message":"The server is busy. Please try again shortly.",'
    b'"details":{"retryAfterSeconds":1}}}'
)
CROWD = 80


class Held:
    """A hash of an older system that takes until `release` to be checked."""

    def __init__(self) -> None:
        self.release = threading.Event()

    def matches(self, stored: str) -> bool:
        return stored == "held"

    def verify(self, password: str, stored: str) -> bool:
        return not self.release.wait(30)


Busy = tuple[World, dict[str, str], Callable[[], Awaitable[None]]]


@asynccontextmanager
async def busy_world() -> AsyncIterator[Busy]:
    """A deployment with no free thread and no place to wait; Ada's cookies; and an end to the rush."""
    held = Held()
    crowd = tuple(
        user(id=f"c{number}", email=f"c{number}@example.com", password_hash="held") for number in range(CROWD)
    )
    password = {"legacy_verifiers": (held,), "kdf_max_waiting": 0}
    async with a_world(accounts=(user(), *crowd), password=password) as world:
        cookies = await world.signed_in()
        forgot = {"email": EMAIL, "tenantId": TENANT}
        await world.driver.call("POST", "/password/forgot-password", json_body=forgot)
        await world.engine.drain()
        tasks = [
            asyncio.ensure_future(
                world.driver.call("POST", "/login", json_body={**LOGIN, "email": account.email})
            )
            for account in crowd
        ]

        async def rush_ends() -> None:
            held.release.set()
            answers = await asyncio.gather(*tasks)
            assert {answer.status for answer in answers} == {401, 503}

        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        try:
            yield world, cookies, rush_ends
        finally:
            await rush_ends()


async def test_everybody_who_needs_a_thread_hears_the_same() -> None:
    """Which addresses have accounts must not show in who is turned away."""
    async with busy_world() as (world, cookies, _):
        token = world.mailer.last("password_reset_token").code
        bodies: list[tuple[str, dict[str, object]]] = [
            ("/login", dict(LOGIN)),
            ("/login", {**LOGIN, "email": "nobody@example.com"}),
            ("/register", {**LOGIN, "name": "Ada", "email": "new@example.com"}),
            ("/register", {**LOGIN, "name": "Ada"}),
            (
                "/password/reset-password",
                {"email": EMAIL, "tenantId": TENANT, "newPassword": NEW_PASSWORD, "token": token},
            ),
            ("/password/change", {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}),
        ]
        answers = [
            await world.driver.call("POST", path, json_body=body, cookies=cookies) for path, body in bodies
        ]
        assert {(answer.status, answer.body, answer.headers) for answer in answers} == {
            (503, OVERLOADED, answers[0].headers)
        }
        assert answers[0].header("retry-after") == "1"


async def test_nothing_is_spent_on_somebody_who_is_turned_away() -> None:
    """They come back in a second, and must find their link and their attempts as they were."""
    async with busy_world() as (world, _, rush_ends):
        token = world.mailer.last("password_reset_token").code
        reset = {"email": EMAIL, "tenantId": TENANT, "newPassword": NEW_PASSWORD, "token": token}
        for _ in range(6):
            assert (await world.driver.call("POST", "/login", json_body=LOGIN)).status == 503
            answer = await world.driver.call("POST", "/password/reset-password", json_body=reset)
            assert answer.status == 503
        await rush_ends()
        await world.login()
        answer = await world.driver.call("POST", "/password/reset-password", json_body=reset)
        assert answer.status == 204


async def test_whoever_needs_no_thread_is_served() -> None:
    """A burst of sign-ins must not sign everybody else out."""
    async with busy_world() as (world, cookies, _):
        assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 200
        fresh = await world.driver.call("POST", "/refresh", cookies=cookies)
        assert fresh.status == 200
        assert (await world.driver.call("GET", "/sessions", cookies=fresh.cookies)).status == 200
        assert (await world.driver.call("POST", "/logout", cookies=fresh.cookies)).status == 204
