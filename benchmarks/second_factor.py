"""
Processor time of the second step of a sign-in, and of an administrator's request beside a user's.

Every challenge has a temporary token and a code of its own: its engine's clock advances by one step before
each, and what prepares a challenge is not measured.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from benchmarks import ours
from benchmarks.in_process import timed
from benchmarks.measure import Plan, Turn, interleaved, pinned, ratio
from benchmarks.report import Table
from benchmarks.requests import Request, asking, posting
from bymax_auth.config import AuthConfig, Environment, TokenDelivery
from bymax_auth.crypto import totp
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.engine import AuthEngine
from bymax_auth.http.app import auth_app
from bymax_auth.http.asgi import ASGIApp
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.account import AuthPlatformUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import LoginInput
from bymax_auth.types.results import AuthResult, PlatformAuthResult

__all__ = ["run"]

_ME: Final = "GET /auth/me"
_PLATFORM_ME: Final = "GET /auth/platform/me"
_CHALLENGE: Final = "POST /auth/mfa/challenge, TOTP"
_COLUMNS: Final = ("request", "CPU µs/request", "± µs", "× me", "samples")
_NOTES: Final = (
    "called through ASGI in one process, one request at a time; all threads are counted",
    "a challenge verifies its temporary token and code, reads the account, and opens a session",
)
_KEY: Final = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
_STEP: Final = timedelta(seconds=30)
_CONTEXT: Final = RequestContext(ip="127.0.0.1")


@dataclass(slots=True)
class Application:
    """One engine as an ASGI application, and the loop it lives on."""

    runner: asyncio.Runner
    engine: AuthEngine
    clock: FakeClock

    @property
    def app(self) -> ASGIApp:
        """The routes."""
        return auth_app(self.engine, ours.HTTP, app_at_prefix=True)

    def asks(self, request: Request) -> Turn:
        """Return what measures the same request again and again."""
        app = self.app

        async def repeat(times: int) -> int:
            return sum([(await timed(app, request))[0] for _ in range(times)])

        return lambda times: self.runner.run(repeat(times))

    def challenges(self) -> Turn:
        """Return what measures challenges of an account that gets a second factor first."""
        app, user = self.app, ours.user_of(0)
        secret = self.runner.run(self._enrolled(user.id))

        async def repeat(times: int) -> int:
            return sum([(await timed(app, await self._challenge(user.id, secret)))[0] for _ in range(times)])

        return lambda times: self.runner.run(repeat(times))

    async def _enrolled(self, user_id: str) -> bytes:
        shown = await self.engine.mfa_setup(user_id, tenant_id=ours.TENANT, password=ours.PASSWORD)
        secret = totp.base32_decode(shown.secret)
        code = self._code(secret)
        await self.engine.mfa_verify_enable(user_id, code, tenant_id=ours.TENANT, context=_CONTEXT)
        return secret

    async def _challenge(self, user_id: str, secret: bytes) -> Request:
        await self.engine.drain()
        self.clock.advance(_STEP)
        subject = self.engine.identifiers.subject(Realm.DASHBOARD, user_id, ours.TENANT)
        issue = self.engine.login.sign_ins.challenges
        if issue is None:
            raise RuntimeError("The engine has no second factor.")
        # The epoch has risen once, when the second factor was enabled.
        token = (await issue.issue(subject, 1)).mfa_temp_token
        return posting("/auth/mfa/challenge", {"mfaTempToken": token, "code": self._code(secret)})

    def _code(self, secret: bytes) -> str:
        return f"{totp.generate(secret, int(self.clock.now().timestamp())):06d}"


def run(*, quick: bool) -> list[Table]:
    """Measure the three requests in turns."""
    with pinned(), asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            # The clock of the challenges runs ahead, and would end the sessions of the others.
            signed_in, challenged = (_application(runner, stack) for _ in range(2))
            user, administrator = runner.run(_access_tokens(signed_in.engine))
            found = interleaved(
                {
                    _ME: signed_in.asks(asking("/auth/me", user)),
                    _PLATFORM_ME: signed_in.asks(asking("/auth/platform/me", administrator)),
                    _CHALLENGE: challenged.challenges(),
                },
                Plan.of(quick=quick),
            )
        finally:
            runner.run(stack.aclose())
    rows = tuple(
        (
            label,
            figures.median / 1e3,
            figures.spread / 1e3,
            ratio(figures, found[_ME]),
            len(figures.samples),
        )
        for label, figures in found.items()
    )
    return [Table("second_factor", "Second factor and platform, in process", _COLUMNS, rows, _NOTES)]


def _application(runner: asyncio.Runner, stack: AsyncExitStack) -> Application:
    clock = FakeClock()
    stored = PasswordHasher(ours.CHEAP).hash(ours.PASSWORD)
    users, admins = InMemoryUserRepository(clock=clock), InMemoryPlatformUserRepository(clock=clock)
    users.add(ours.user_of(0, stored))
    admins.add(_administrator(stored))
    config = AuthConfig.nest_compat_defaults(
        environment=Environment.TEST,
        jwt={"secret": ours.SECRET},
        roles={"hierarchy": {"ADMIN": ("USER",), "USER": ()}, "platform_hierarchy": {"ROOT": ()}},
        password={"scrypt": {"cost_factor": 1 << ours.CHEAP.log2_n}},
        platform={"enabled": True},
        mfa={"encryption_key": _KEY, "issuer": "Benchmarks"},
        controllers={"mfa": True, "platform": True},
        token_delivery=TokenDelivery.BEARER,
    )
    engine = AuthEngine(
        config, users=users, platform_users=admins, stores=EmbeddedStores(clock=clock), clock=clock
    )
    runner.run(stack.enter_async_context(engine))
    return Application(runner, engine, clock)


def _administrator(password_hash: str) -> AuthPlatformUser:
    user = ours.user_of(0)
    return AuthPlatformUser(
        id=user.id,
        email=user.email,
        name=user.name,
        password_hash=password_hash,
        role="ROOT",
        status="active",
        created_at=user.created_at,
        updated_at=user.created_at,
    )


async def _access_tokens(engine: AuthEngine) -> tuple[str, str]:
    """Sign in as a user and as an administrator."""
    email = ours.user_of(0).email
    credentials = LoginInput(email=email, password=ours.PASSWORD, tenant_id=ours.TENANT)
    user = await engine.login(credentials, _CONTEXT)
    administrator = await engine.platform.login(replace(credentials, tenant_id=None), _CONTEXT)
    if not isinstance(user, AuthResult) or not isinstance(administrator, PlatformAuthResult):
        raise TypeError("A sign-in was answered with a challenge.")
    return user.access_token, administrator.access_token
