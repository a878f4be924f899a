"""
The authenticator app of the demo page, for a visitor without a phone.

It gives out codes of an enrolment by its secret, and codes of an account, by its address or by a sign-in that
waits for its second step, by the secret that the engine stores: so every browser can pass the second factor,
as it can read the mailbox.  A code works once, and
each one that is given out is of a later time step than the one before:

    now 12:00:00   ──▶ step of 12:00:00 ──▶ 12:00:30 ──▶ 12:01:00 ──▶ wait until 12:00:30
"""

from collections import OrderedDict
from datetime import UTC, datetime
from typing import Final

from pydantic import Field

from bymax_auth.cli.dev.engine import CODE_STEPS_AHEAD, encryption_key
from bymax_auth.cli.dev.seed import DEMO_TENANT
from bymax_auth.crypto import totp
from bymax_auth.crypto.aead import AesGcmBox
from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import TokenInvalid
from bymax_auth.jwt.hs256 import Verification, verify_mfa_temp
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.ports.clock import Clock
from bymax_auth.types.account import AuthUser
from bymax_auth.types.secret import Secret
from bymax_auth.types.wire import WireModel

__all__ = ["Authenticator", "CodesUsed", "FreshCode", "NoSecondFactor"]

_STEP_SECONDS: Final = 30
_KEPT: Final = 200
_CHALLENGE: Final = Verification(expected_type="mfa_challenge")


class NoSecondFactor(Exception):
    """The app has no secret of this account."""


class CodesUsed(Exception):
    """Every code that is valid now was given out."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds)
        self.retry_after_seconds: Final = retry_after_seconds


class FreshCode(WireModel):
    """A code that was not given out before."""

    code: str = Field(repr=False)


class Authenticator:
    """Gives out codes of the accounts of the server whose secret is `secret`."""

    def __init__(self, users: UserRepository, secret: Secret, clock: Clock) -> None:
        self._users = users
        self._box = AesGcmBox(encryption_key(secret))
        self._keys = KeyRing(secret)
        self._clock = clock
        self._latest: OrderedDict[str, int] = OrderedDict()

    async def code_of(self, email: str) -> FreshCode:
        """
        Return a code of an account of `DEMO_TENANT`.

        Raises:
            NoSecondFactor: The account has none.
            CodesUsed: The next one comes later.
        """
        return self._code_of(await self._users.find_by_email(email, tenant_id=DEMO_TENANT))

    async def code_of_challenge(self, token: str) -> FreshCode:
        """
        Return a code of the account whose sign-in waits for its second step, by the token of that step.

        Raises:
            NoSecondFactor: The token is not one, or has expired.
            CodesUsed: The next one comes later.
        """
        try:
            claims = verify_mfa_temp(token, _CHALLENGE, self._keys, self._clock.unix_seconds())
        except TokenInvalid:
            raise NoSecondFactor from None
        return self._code_of(await self._users.find_by_id(claims.sub, tenant_id=claims.tenant_id))

    def _code_of(self, found: AuthUser | None) -> FreshCode:
        if found is None or not found.mfa_enabled or found.mfa_secret is None:
            raise NoSecondFactor
        return self.code_for(self._box.open(found.mfa_secret))

    def code_for(self, secret: str) -> FreshCode:
        """
        Return a code of an enrolment, whose secret is Base32.

        Raises:
            NoSecondFactor: This is no secret.
            CodesUsed: The next one comes later.
        """
        try:
            raw = totp.base32_decode(secret)
        except ValueError:
            raise NoSecondFactor from None
        now = self._clock.now().astimezone(UTC)
        step = self._next_step(sha256_hex(totp.base32_encode(raw)), now)
        return FreshCode(code=f"{totp.generate(raw, step * _STEP_SECONDS):06}")

    def _next_step(self, name: str, now: datetime) -> int:
        current = int(now.timestamp()) // _STEP_SECONDS
        step = max(current, self._latest.get(name, 0) + 1)
        if step > current + CODE_STEPS_AHEAD:
            opens_at = (step - CODE_STEPS_AHEAD) * _STEP_SECONDS
            raise CodesUsed(opens_at - int(now.timestamp()))
        self._latest[name] = step
        self._latest.move_to_end(name)
        while len(self._latest) > _KEPT:
            self._latest.popitem(last=False)
        return step
