"""Worlds whose accounts can have a second factor, and an authenticator app for them."""

import base64
import os
from dataclasses import dataclass
from typing import Any

from bymax_auth.crypto import totp
from bymax_auth.errors import PlatformAuthRequired, TokenInvalid
from bymax_auth.types.identity import Realm
from bymax_auth.types.results import MfaChallengeResult
from tests.integration.flows.world import CONTEXT, PASSWORD, RealmView, World

STEP = 30

REFUSED = (TokenInvalid, PlatformAuthRequired)
"""What an access token that is not valid is answered with, by realm."""


def encryption_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


MFA: dict[str, Any] = {"encryption_key": encryption_key(), "issuer": "Bymax One"}


@dataclass
class App:
    """An authenticator app with one account, and the printed recovery codes beside it."""

    world: World
    view: RealmView
    secret: str
    recovery_codes: tuple[str, ...]

    def code(self, steps: int = 0) -> str:
        """The code of the current step, or of one before or after it."""
        now = int(self.world.clock.now().timestamp())
        return f"{totp.generate(totp.base32_decode(self.secret), now + steps * STEP):06d}"

    def wrong_code(self) -> str:
        valid = {self.code(steps) for steps in range(-2, 3)}
        return next(code for number in range(10) if (code := f"{number:06d}") not in valid)

    async def challenge(self) -> str:
        """Prove the password, and return the temporary token."""
        answered = await self.view.flows.login(self.view.credentials(), CONTEXT)
        assert isinstance(answered, MfaChallengeResult)
        return answered.mfa_temp_token

    async def answer(self, token: str, code: str) -> Any:
        return await self.view.flows.mfa_challenge(token, code, CONTEXT)

    async def sign_in(self, code: str | None = None) -> Any:
        return await self.answer(await self.challenge(), self.code() if code is None else code)

    async def disable(self, code: str) -> None:
        await self.view.flows.mfa_disable(
            self.view.account_id, code, tenant_id=self.view.tenant_id, context=CONTEXT
        )

    async def regenerate(self, code: str) -> tuple[str, ...]:
        codes: tuple[str, ...] = await self.view.flows.mfa_recovery_codes(
            self.view.account_id, code, tenant_id=self.view.tenant_id, context=CONTEXT
        )
        return codes


async def set_up(view: RealmView, password: str | None = PASSWORD) -> Any:
    return await view.flows.mfa_setup(view.account_id, tenant_id=view.tenant_id, password=password)


async def enable(view: RealmView, code: str) -> None:
    await view.flows.mfa_verify_enable(view.account_id, code, tenant_id=view.tenant_id, context=CONTEXT)


async def begun(world: World, realm: Realm = Realm.DASHBOARD) -> App:
    """An enrolment that waits for its first code."""
    view = world.realm(realm)
    shown = await set_up(view)
    return App(world, view, shown.secret, shown.recovery_codes)


async def enrolled(world: World, realm: Realm = Realm.DASHBOARD) -> App:
    """An account with a second factor; the code that confirmed it is the one of the step before."""
    app = await begun(world, realm)
    await enable(app.view, app.code(-1))
    await world.engine.drain()
    return app
