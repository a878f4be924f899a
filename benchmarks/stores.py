"""
What the embedded store costs: the operations that every request, refresh and sign-in waits for.

Each figure is the median of single calls through the public port, in microseconds of elapsed time: in memory
and in a file (synchronised to disk on every change).
"""

import asyncio
import hashlib
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.report import Table
from bymax_auth.ports.sessions import Live, NewSession, Rotated, Rotation
from bymax_auth.ports.stores import AuthStores
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.identity import Realm, TokenRef
from bymax_auth.types.session import CachedStatus, SessionRecord

__all__ = ["run"]

OWNER = Identifiers.of_key(b"0" * 64).subject(Realm.DASHBOARD, "u1", "tenant-a")
NOW = datetime.now(UTC)
RECORD = SessionRecord(
    user_id="u1",
    tenant_id="tenant-a",
    role="MEMBER",
    device="Chrome on macOS",
    ip="203.0.113.4",
    created_at=NOW,
    mfa_enabled=False,
    family_id="7c9e6679-7425-40de-944b-e07fc1f90ae7",
    family_created_at=NOW,
)
WEEK = timedelta(days=7)
WARM_UPS = 20
NOTE = "elapsed time of single calls; a file is synchronised to disk on every change"


def run(*, quick: bool) -> list[Table]:
    """Measure each operation in memory and in a file."""
    in_memory, in_file = (20, 10) if quick else (2_000, 400)
    with tempfile.TemporaryDirectory() as folder:
        memory = asyncio.run(measure(EmbeddedStores(), in_memory))
        file = asyncio.run(measure(EmbeddedStores(Path(folder) / "auth.db"), in_file))
    rows = tuple((name, memory[name] * 1e6, file[name] * 1e6) for name in memory)
    return [Table("stores", "The embedded store", ("operation", "memory µs", "file µs"), rows, (NOTE,))]


async def measure(stores: AuthStores, rounds: int) -> dict[str, float]:
    """Return the median time of each operation, in seconds."""
    await stores.start()
    await stores.sessions.create(OWNER, new_session("r0"))
    await stores.revocation.bump_epoch(OWNER)
    await stores.revocation.remember_status(OWNER, CachedStatus("ACTIVE", email_verified=True), WEEK)

    async def refresh(number: int) -> None:
        seen = await stores.sessions.snapshot(Realm.DASHBOARD, token(f"r{number}"))
        assert isinstance(seen, Live)
        change = Rotation(
            presented=token(f"r{number}"),
            successor=token(f"r{number + 1}"),
            record=seen.record,
            session_created_at=seen.session_created_at,
            lifetime=WEEK,
            grace=timedelta(seconds=30),
            consumed_for=WEEK,
        )
        assert isinstance(await stores.sessions.rotate(OWNER, change), Rotated)

    operations: dict[str, Callable[[int], Awaitable[object]]] = {
        "token_state": lambda _: stores.revocation.token_state(OWNER, "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f"),
        "hit": lambda number: stores.rate_limits.hit("login", f"client-{number % 50}", 10, WEEK),
        "snapshot and rotate": refresh,
        "create": lambda number: stores.sessions.create(OWNER, new_session(f"c{number}")),
    }
    medians = {name: await median_of(operation, rounds) for name, operation in operations.items()}
    await stores.aclose()
    return medians


async def median_of(operation: Callable[[int], Awaitable[object]], rounds: int) -> float:
    """The median of single calls, after some that are not counted."""
    took: list[float] = []
    for number in range(WARM_UPS + rounds):
        started = time.perf_counter()
        await operation(number)
        took.append(time.perf_counter() - started)
    return statistics.median(took[WARM_UPS:])


def new_session(name: str) -> NewSession:
    """A request for a new session."""
    return NewSession(ref=token(name), record=RECORD, lifetime=WEEK)


def token(name: str) -> TokenRef:
    """The refresh token of that name, as a store sees it."""
    return TokenRef(hashlib.sha256(name.encode()).hexdigest())
