"""The library as an application, in the forms that are measured."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks.requests import Request, posting
from bymax_auth.config import AuthConfig, Environment, TokenDelivery
from bymax_auth.config.enums import PasswordAlgorithm
from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.engine import AuthEngine
from bymax_auth.http.app import auth_app
from bymax_auth.http.asgi import ASGIApp
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig, RateLimitConfig
from bymax_auth.ports.stores import AuthStores
from bymax_auth.ports.telemetry import Telemetry
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.account import AuthUser

__all__ = [
    "ARGON2ID",
    "CHEAP",
    "HTTP",
    "PASSWORD",
    "SCRYPT",
    "SECRET",
    "TENANT",
    "as_asgi",
    "as_asgi_with_telemetry",
    "engine_of",
    "in_fastapi",
    "login_of",
    "on_redis",
    "user_of",
]

TENANT: Final = "acme"
PASSWORD: Final = "lantern-orbit-velvet-92"
SECRET: Final = "an-example-secret-of-the-benchmarks-0123456789"
ACCOUNTS: Final = 64
HTTP: Final = AuthHttpConfig(PeerAddress(), rate_limits=RateLimitConfig.unlimited())

CHEAP: Final = ScryptParameters(log2_n=14, block_size=8, parallelization=1)
"""For benchmarks that do not measure passwords."""

SCRYPT: Final = ScryptParameters(log2_n=15, block_size=8, parallelization=1)
"""The cost of the originals' published table."""

ARGON2ID: Final = Argon2Parameters(memory_kib=19_456, iterations=2, parallelism=1)
"""What the secure profile configures."""


def login_of(number: int) -> Request:
    """Return the sign-in of one of the accounts."""
    members = {"email": f"user{number % ACCOUNTS}@example.com", "password": PASSWORD, "tenantId": TENANT}
    return posting("/auth/login", members)


@asynccontextmanager
async def as_asgi(password: ScryptParameters | Argon2Parameters = CHEAP) -> AsyncGenerator[ASGIApp, None]:
    """Serve the routes as a plain ASGI application."""
    async with engine_of(password) as engine:
        yield auth_app(engine, HTTP, app_at_prefix=True)


@asynccontextmanager
async def as_asgi_with_telemetry() -> AsyncGenerator[ASGIApp, None]:
    """Serve the same, observed by an OpenTelemetry that nobody has given a provider."""
    from bymax_auth.providers.opentelemetry import OpenTelemetry

    async with engine_of(CHEAP, telemetry=OpenTelemetry()) as engine:
        yield auth_app(engine, HTTP, app_at_prefix=True)


@asynccontextmanager
async def in_fastapi(password: ScryptParameters | Argon2Parameters = CHEAP) -> AsyncGenerator[ASGIApp, None]:
    """Serve the routes installed in a FastAPI application, and two routes of its own: one has a guard."""
    from fastapi import FastAPI

    from bymax_auth.fastapi import CurrentUser, install

    async with engine_of(password) as engine:
        app = FastAPI()
        install(app, engine, HTTP)

        @app.get("/open")
        async def _open() -> dict[str, str]:
            return {"id": _id_of(0)}

        @app.get("/guarded")
        async def _guarded(user: CurrentUser) -> dict[str, str]:
            return {"id": user.sub}

        yield app


@asynccontextmanager
async def on_redis(**revocation: Any) -> AsyncGenerator[ASGIApp, None]:
    """Serve the routes as a plain ASGI application whose stores are the Redis of ``BENCHMARK_REDIS``."""
    from bymax_auth.stores.redis import RedisStores

    stores = RedisStores.from_url(os.environ["BENCHMARK_REDIS"], **revocation)
    async with engine_of(CHEAP, stores) as engine:
        yield auth_app(engine, HTTP, app_at_prefix=True)


def engine_of(
    password: ScryptParameters | Argon2Parameters,
    stores: AuthStores | None = None,
    telemetry: Telemetry | None = None,
) -> AuthEngine:
    """Return an engine with accounts whose passwords have this cost."""
    users = InMemoryUserRepository()
    stored = PasswordHasher(password).hash(PASSWORD)
    for number in range(ACCOUNTS):
        users.add(user_of(number, stored))
    config = AuthConfig.nest_compat_defaults(
        environment=Environment.TEST,
        jwt={"secret": SECRET},
        roles={"hierarchy": {"ADMIN": ("USER",), "USER": ()}},
        password=_password_options(password),
        token_delivery=TokenDelivery.BEARER,
    )
    return AuthEngine(config, users=users, stores=stores or EmbeddedStores(), telemetry=telemetry)


def _password_options(password: ScryptParameters | Argon2Parameters) -> dict[str, Any]:
    if isinstance(password, Argon2Parameters):
        return {"active_algorithm": PasswordAlgorithm.ARGON2ID}
    return {"scrypt": {"cost_factor": 1 << password.log2_n}}


def user_of(number: int, password_hash: str | None = None) -> AuthUser:
    """Return one of the accounts; it can sign in with its password only where there is a hash of it."""
    return AuthUser(
        id=_id_of(number),
        email=f"user{number}@example.com",
        name="Ada Lovelace",
        password_hash=password_hash,
        role="USER",
        status="active",
        tenant_id=TENANT,
        email_verified=True,
        created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


def _id_of(number: int) -> str:
    return f"7c9e6679-7425-40de-944b-e07fc1f9{number:04d}"
