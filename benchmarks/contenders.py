"""Who is measured over HTTP, and how each is spoken to."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import Final

from benchmarks import better_auth_app, fastapi_users_app, imported_app, nothing, ours
from benchmarks.requests import Conversation, Fixed, Request, asking, posting
from bymax_auth.crypto.password import HashFormat
from bymax_auth.http.asgi import ASGIApp

__all__ = ["CONTENDERS", "GUARDED", "ME", "NEST", "NOTHING", "OPEN", "REFRESH", "Contender", "served"]

ME: Final = "GET me"
REFRESH: Final = "POST refresh"
OPEN: Final = "GET open"
"""A FastAPI host's own route without a guard."""
GUARDED: Final = "GET guarded"
"""The same route with one."""


@dataclass(frozen=True, slots=True)
class Contender:
    """
    An application and its dialect.

    `login` gives the sign-in of a numbered client; `talks` begins, for each operation, the
    conversation of a client who has just been answered that body.
    """

    name: str
    label: str
    open: Callable[[], AbstractAsyncContextManager[ASGIApp]]
    login: Callable[[int], Request]
    talks: dict[str, Callable[[bytes], Conversation]]


@dataclass(slots=True)
class Rotating:
    """Refreshes of one session: each spends the token that the one before gave."""

    token: str

    def request(self) -> Request:
        """Return a refresh with the newest token."""
        return posting("/auth/refresh", {"refreshToken": self.token})

    def heard(self, body: bytes) -> None:
        """Keep the new token."""
        self.token = json.loads(body)["refreshToken"]


@dataclass(slots=True)
class Reissuing:
    """Re-issues of one access token, which is all there is to refresh."""

    token: str

    def request(self) -> Request:
        """Return a re-issue with the newest token."""
        return asking("/auth/jwt/refresh", self.token, method="POST")

    def heard(self, body: bytes) -> None:
        """Keep the new token."""
        self.token = json.loads(body)["access_token"]


def _ours(name: str, label: str, open_app: Callable[[], AbstractAsyncContextManager[ASGIApp]]) -> Contender:
    talks: dict[str, Callable[[bytes], Conversation]] = {
        ME: lambda body: Fixed(asking("/auth/me", json.loads(body)["accessToken"])),
        REFRESH: lambda body: Rotating(json.loads(body)["refreshToken"]),
        # Both send the same header: what differs is the guard alone.
        OPEN: lambda body: Fixed(asking("/open", json.loads(body)["accessToken"])),
        GUARDED: lambda body: Fixed(asking("/guarded", json.loads(body)["accessToken"])),
    }
    return Contender(name, label, open_app, ours.login_of, talks)


def _theirs(name: str, label: str, open_app: Callable[[], AbstractAsyncContextManager[ASGIApp]]) -> Contender:
    talks: dict[str, Callable[[bytes], Conversation]] = {
        ME: lambda body: Fixed(asking("/users/me", json.loads(body)["access_token"])),
        REFRESH: lambda body: Reissuing(json.loads(body)["access_token"]),
    }
    return Contender(name, label, open_app, lambda _number: fastapi_users_app.login(), talks)


def _imported(kind: HashFormat) -> Contender:
    ours_with = _ours(f"imported-{kind}", kind, partial(imported_app.with_hashes_of, kind))
    return replace(ours_with, login=partial(imported_app.login_of, kind))


NOTHING: Final = Contender(
    "nothing",
    "(no application at all)",
    nothing.as_asgi,
    lambda _number: nothing.ANYTHING,
    {ME: lambda _body: Fixed(nothing.ANYTHING), REFRESH: lambda _body: Fixed(nothing.ANYTHING)},
)
"""Shows what the measurement and the server cost by themselves."""

NEST: Final = _ours("nest", "@bymax-one/nest-auth, Node", nothing.as_asgi)
"""The npm package, which a process of its own serves: what it opens here is never served."""

_BETTER_AUTH: Final = Contender(
    "better-auth",
    "better-auth-server, as documented",
    better_auth_app.as_documented,
    lambda _number: better_auth_app.login(),
    {ME: better_auth_app.SessionReads},
)

CONTENDERS: Final = {
    contender.name: contender
    for contender in (
        NOTHING,
        _ours("asgi", "bymax-auth, plain ASGI", ours.as_asgi),
        _ours("fastapi", "bymax-auth, FastAPI install()", ours.in_fastapi),
        _ours("no-provider", "bymax-auth, OpenTelemetry without a provider", ours.as_asgi_with_telemetry),
        _ours("asgi-again", "bymax-auth, plain ASGI, once more", ours.as_asgi),
        _theirs("documented", "FastAPI Users, as documented", fastapi_users_app.as_documented),
        _theirs("tuned", "FastAPI Users, async dependencies", fastapi_users_app.tuned),
        _BETTER_AUTH,
        _ours("redis", "bymax-auth, read-through", ours.on_redis),
        _ours("redis-feed", "bymax-auth, revocation feed", partial(ours.on_redis, revocation="feed")),
        _theirs(
            "users-redis", "FastAPI Users, Redis, as documented", fastapi_users_app.on_redis_as_documented
        ),
        _theirs("tuned-redis", "FastAPI Users, Redis, async dependencies", fastapi_users_app.on_redis_tuned),
        _ours("argon2id", "Argon2id, 19 MiB, t=2", partial(ours.as_asgi, ours.ARGON2ID)),
        _ours("scrypt", "scrypt, N=2^15", partial(ours.as_asgi, ours.SCRYPT)),
        *map(_imported, HashFormat),
    )
}
"""Every application that a server process can serve, by name."""


def served() -> list[Contender]:
    """Return those that answer `ME` and `REFRESH` side by side; the first is what others are held to."""
    names = ["asgi", "fastapi", "documented", "tuned", NOTHING.name]
    if find_spec("bymax_auth.fastapi") is None:
        names.remove("fastapi")
    return [CONTENDERS[name] for name in names]
