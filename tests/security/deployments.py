"""One deployment in files, run by as many processes as a test asks for, as a host would run it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bymax_auth.config import AuthConfig
from bymax_auth.engine import AuthEngine
from bymax_auth.ports.hooks import AuthHooks, Create, HookContext, Link, OAuthDecision
from bymax_auth.ports.stores import AuthStores
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, metadata
from bymax_auth.testing import RecordingEvents, RecordingMailer
from bymax_auth.types.account import AuthUser, CreateUserData, SafeAuthUser
from bymax_auth.types.inputs import LoginInput
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens
from tests.cheap import COST_OPTIONS
from tests.servers.patience import PATIENCE, file_stores, redis_stores
from tests.servers.processes import RaceTrack, race_track, wait_for_the_others

__all__ = ["Deployment", "Fleet", "Running", "Work", "fleet"]

PROCESSES = 4
TENANT = "acme"
EMAIL = "ada@example.com"
PASSWORD = "lantern orbit velvet ninety-two"
NEW_PASSWORD = "copper meadow whisper thirty-one"


class PlainVerifier:
    """Reads hashes of the form ``plain:password``, so that races are not won by who hashes first."""

    def matches(self, stored: str) -> bool:
        return stored.startswith("plain:")

    def verify(self, password: str, stored: str) -> bool:
        return stored == f"plain:{password}"


class SlowHost:
    """A host that looks up how many sessions somebody may have, and takes its time about it."""

    async def resolve(self, user: AuthUser) -> int:
        await asyncio.to_thread(hashlib.scrypt, b"licences", salt=b"of", n=2**13, r=8, p=1)
        return 1_000


class StatelessProvider:
    """A provider whose code says who comes, so that every process knows it: an identifier and an address."""

    name = "stateless"
    uses_form_post = False

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        return f"https://provider.example/?state={request.state}"

    async def exchange_code(self, callback: CallbackParameters, _code_verifier: str) -> OAuthTokens:
        return OAuthTokens(access_token=callback.code, token_type="Bearer")

    async def fetch_profile(self, tokens: OAuthTokens, *, nonce: str) -> OAuthProfile:
        assert nonce
        provider_id, email = tokens.access_token.split(" ")
        return OAuthProfile(provider=self.name, provider_id=provider_id, email=email, email_verified=True)


class OpenHouse(AuthHooks):
    """Lets everybody in whom a provider names."""

    async def on_oauth_login(
        self, profile: OAuthProfile, existing_user: SafeAuthUser | None, context: HookContext
    ) -> OAuthDecision:
        return Create(reclaim=True) if existing_user is None else Link()


def config(cost: dict[str, int]) -> AuthConfig:
    options: dict[str, Any] = {
        "environment": "test",
        "jwt": {"secret": "Vq8sT2mXz4Lw9RbN6cKd1YfHjG3pE7uA"},  # the same in every process
        "roles": {"hierarchy": {"USER": ()}},
        "controllers": {"email_change": True, "invitations": True, "oauth": True},
        "invitations": {"enabled": True},
        "brute_force": {"max_attempts": 100},
        "mfa": {
            "encryption_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "issuer": "Bymax One",
            "totp_window": 2,  # a code lasts as long as any machine takes to race for it
        },
        "sessions": {
            "enabled": True,
            "default_max_sessions": 1_000,
            "max_sessions_resolver": SlowHost(),
            "absolute_max_sessions": 1_000,
        },
        "password": {
            "scrypt": cost,
            "legacy_verifiers": (PlainVerifier(),),
            "rehash_on_verify": False,
        },
    }
    return AuthConfig.nest_compat_defaults(**options)


@dataclass(frozen=True, slots=True)
class Running:
    """An engine of one process, and what it was built on."""

    engine: AuthEngine
    users: SqlAlchemyUserRepository
    mailer: RecordingMailer
    events: RecordingEvents

    def credentials(self, password: str = PASSWORD) -> LoginInput:
        return LoginInput(email=EMAIL, password=password, tenant_id=TENANT)


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where the data is; a process that is given it can run the same deployment."""

    folder: str
    redis: str = ""
    """The URL of the stores; a file in the folder without one."""
    real_hashes: bool = False
    """Whether hashing takes a while, as it does in production: a race of sign-ins is one for that time."""

    @property
    def store(self) -> Path:
        return Path(self.folder) / "auth.db"

    @property
    def accounts(self) -> Path:
        return Path(self.folder) / "users.db"

    def stores(self) -> AuthStores:
        return redis_stores(self.redis) if self.redis else file_stores(self.store)

    def database(self) -> AsyncEngine:
        return create_async_engine(f"sqlite+aiosqlite:///{self.accounts}", connect_args={"timeout": PATIENCE})

    async def prepare(self) -> str:
        """Create the table of users and Ada in it; return her id."""
        database = self.database()
        async with database.begin() as connection:
            await connection.run_sync(metadata.create_all)
        ada = CreateUserData(
            email=EMAIL,
            name="Ada",
            password_hash=f"plain:{PASSWORD}",
            tenant_id=TENANT,
            status="ACTIVE",
            email_verified=True,
        )
        user = await SqlAlchemyUserRepository(async_sessionmaker(database)).create(ada)
        await database.dispose()
        return user.id

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        """Run one engine of the deployment."""
        database = self.database()
        users = SqlAlchemyUserRepository(async_sessionmaker(database))
        mailer, events = RecordingMailer(), RecordingEvents()
        engine = AuthEngine(
            config({"cost_factor": 16_384} if self.real_hashes else COST_OPTIONS),
            users=users,
            stores=self.stores(),
            email=mailer,
            hooks=OpenHouse(),
            events=events,
            oauth_providers=[StatelessProvider()],
        )
        try:
            async with engine:
                yield Running(engine, users, mailer, events)
        finally:
            await database.dispose()


Work = Callable[[Running, int, Any], Coroutine[Any, Any, list[Any]]]
"""What one process does in a race: given its engine, its number and whatever the test hands to all."""


class Fleet:
    """Processes that start together; a module-level function is what each of them does."""

    def __init__(self, track: RaceTrack) -> None:
        self._track = track

    async def race(self, deployment: Deployment, work: Work, given: Any) -> list[Any]:
        """Let every process open its engine, wait for the others, and work; return what they report."""
        reports = await asyncio.to_thread(self._track.run, _take_part, deployment, work, given)
        return [one for report in reports for one in report]


@pytest.fixture(scope="session")
def fleet() -> Iterator[Fleet]:
    """Four processes, started once."""
    with race_track(PROCESSES) as track:
        yield Fleet(track)


def _take_part(deployment: Deployment, work: Work, given: Any, who: int) -> list[Any]:
    async def run() -> list[Any]:
        async with deployment.running() as running:
            wait_for_the_others()
            return await work(running, who, given)

    return asyncio.run(run())
