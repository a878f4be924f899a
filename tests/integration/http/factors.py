"""An authenticator app for Ada's account, and a browser or a program that uses it over HTTP."""

from dataclasses import dataclass
from typing import Any

from bymax_auth.crypto import totp
from tests.integration.http.driver import Answer
from tests.integration.http.world import LOGIN, PASSWORD, World

__all__ = ["STEP", "App", "begun", "enrolled", "session_of"]

STEP = 30


def session_of(answer: Answer) -> dict[str, Any]:
    """The access token of an answer, in the channel in which it came."""
    if "access_token" in answer.cookies:
        return {"cookies": {"access_token": answer.cookies["access_token"]}}
    return {"bearer": str(answer.members["accessToken"])}


@dataclass
class App:
    """An authenticator app with one account, and what was shown when it was added."""

    world: World
    shown: dict[str, Any]

    @property
    def recovery_codes(self) -> list[str]:
        codes: list[str] = self.shown["recoveryCodes"]
        return codes

    def code(self, steps: int = 0) -> str:
        """The code of the current step, or of one before or after it."""
        now = int(self.world.clock.now().timestamp())
        return f"{totp.generate(totp.base32_decode(self.shown['secret']), now + steps * STEP):06d}"

    def wrong_code(self) -> str:
        valid = {self.code(steps) for steps in range(-3, 4)}
        return next(code for number in range(10) if (code := f"{number:06d}") not in valid)

    async def challenge(self) -> str:
        """Prove the password, and return the temporary token."""
        answer = await self.world.driver.call("POST", "/login", json_body=LOGIN)
        assert (answer.status, answer.members["mfaRequired"]) == (200, True)
        return str(answer.members["mfaTempToken"])

    async def answer(self, token: str | None, code: str, **how: Any) -> Answer:
        body = {"code": code} if token is None else {"mfaTempToken": token, "code": code}
        return await self.world.driver.call("POST", "/mfa/challenge", json_body=body, **how)

    async def sign_in(self, code: str | None = None) -> Answer:
        answer = await self.answer(await self.challenge(), self.code() if code is None else code)
        assert answer.status == 200, answer.body
        return answer

    async def call(self, path: str, code: str, signed_in: Answer) -> Answer:
        return await self.world.driver.call("POST", path, json_body={"code": code}, **session_of(signed_in))


async def begun(world: World, signed_in: Answer) -> App:
    """An enrolment that waits for its first code."""
    body = {"password": PASSWORD}
    answer = await world.driver.call("POST", "/mfa/setup", json_body=body, **session_of(signed_in))
    assert answer.status == 201, answer.body
    return App(world, answer.members)


async def enrolled(world: World) -> App:
    """Ada with a second factor; the code that confirmed it is the one of the step before."""
    signed_in = await world.login()
    app = await begun(world, signed_in)
    answer = await app.call("/mfa/verify-enable", app.code(-1), signed_in)
    assert (answer.status, answer.body) == (204, b"")
    await world.engine.drain()
    return app
