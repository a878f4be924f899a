"""The library with accounts that have the hashes of other systems, each used up by its first sign-in."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks import ours
from benchmarks.requests import Request, posting
from bymax_auth.config import AuthConfig, Environment, TokenDelivery
from bymax_auth.crypto.password import HashFormat
from bymax_auth.engine import AuthEngine
from bymax_auth.http.app import auth_app
from bymax_auth.http.asgi import ASGIApp
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores

__all__ = ["ACCOUNTS", "login_of", "with_hashes_of"]

ACCOUNTS: Final = 4_000
"""More than sign in during a run, so that each sign-in meets a hash of the other system."""

_VECTORS: Final = Path(__file__).parents[1] / "conformance" / "password-imports.json"


@asynccontextmanager
async def with_hashes_of(kind: HashFormat) -> AsyncGenerator[ASGIApp, None]:
    """Serve accounts whose hashes the original library has made, with its default cost."""
    users = InMemoryUserRepository()
    stored = _vector(kind)["stored"]
    for number in range(ACCOUNTS):
        users.add(ours.user_of(number, stored))
    config = AuthConfig.nest_compat_defaults(
        environment=Environment.TEST,
        jwt={"secret": ours.SECRET},
        roles={"hierarchy": {"ADMIN": ("USER",), "USER": ()}},
        password={"scrypt": {"cost_factor": 1 << ours.CHEAP.log2_n}, "importers": [kind]},
        token_delivery=TokenDelivery.BEARER,
    )
    async with AuthEngine(config, users=users, stores=EmbeddedStores()) as engine:
        yield auth_app(engine, ours.HTTP, app_at_prefix=True)


def login_of(kind: HashFormat, number: int) -> Request:
    """Return the sign-in of one of the accounts."""
    members = {
        "email": f"user{number % ACCOUNTS}@example.com",
        "password": _vector(kind)["password"],
        "tenantId": ours.TENANT,
    }
    return posting("/auth/login", members)


@cache
def _vector(kind: HashFormat) -> dict[str, str]:
    """Return the first hash of a format, which has the default cost of its system."""
    hashes: list[dict[str, str]] = json.loads(_VECTORS.read_text(encoding="utf-8"))["hashes"]
    return next(one for one in hashes if one["format"] == kind)
