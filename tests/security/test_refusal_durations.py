"""
How long a refused sign-in takes says nothing about the address, for every mixture of stored hashes.

Every run compares them on a clock that derivations advance.  A long run also measures real derivations: the
dear ones do a quarter of their work, on a clock that is four times as fast.  Whole ones take two hours.
"""

import asyncio
import hashlib
import math
import statistics
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from argon2 import low_level

from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.engine import AuthEngine
from bymax_auth.errors import InvalidCredentials
from bymax_auth.ports.clock import Clock
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.services.system import SystemClock
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock, RecordingEvents, RecordingMailer
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from tests.cheap import COST
from tests.integration.http.world import PASSWORD, TENANT, settings, user
from tests.long import long_only, rounds

SAMPLES = rounds(20, 1_000)
AT_ONCE = 2
REPEATS = 2
"""A difference that is really there is found each time; a disturbance of the machine is not."""
SIGNIFICANCE = 0.001

FASTER = 4
"""How much less work dear real derivations do, and how much faster the clock of their minimum is."""

CHEAP_SCRYPT = ScryptParameters(log2_n=14, block_size=8, parallelization=1)
ARGON2 = Argon2Parameters(memory_kib=19_456, iterations=2, parallelism=1)


@dataclass(frozen=True)
class Dear:
    """The costs beside which those above are cheap."""

    scrypt: ScryptParameters
    argon2: Argon2Parameters


WHOLE = Dear(
    ScryptParameters(log2_n=17, block_size=8, parallelization=1),
    Argon2Parameters(memory_kib=65_536, iterations=6, parallelism=1),
)
QUARTER = Dear(
    ScryptParameters(log2_n=15, block_size=8, parallelization=1),
    Argon2Parameters(memory_kib=32_768, iterations=3, parallelism=1),
)


class FastClock(SystemClock):
    """The machine's clock, several times as fast."""

    def monotonic(self) -> float:
        return super().monotonic() * FASTER

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / FASTER)


class Older:
    """Verifies ``older:…`` at the cost of scrypt, and names a sample of it."""

    def __init__(self, cost: ScryptParameters) -> None:
        self._hasher = PasswordHasher(cost)
        self.sample_hash = f"older:$scrypt$ln={cost.log2_n},r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA${'A' * 43}"

    def matches(self, stored: str) -> bool:
        return stored.startswith("older:")

    def verify(self, password: str, stored: str) -> bool:
        return self._hasher.verify(password, stored.removeprefix("older:"))


@dataclass(frozen=True)
class Mixture:
    """A configuration, and the hash of the account that is compared with an unknown address."""

    stored: ScryptParameters | Argon2Parameters | str
    options: dict[str, Any] = field(default_factory=dict)


def mixtures(dear: Dear) -> dict[str, Mixture]:
    dear_active, cheap_active = active_scrypt(dear.scrypt), active_scrypt(CHEAP_SCRYPT)
    argon2_active = dear_active | {"active_algorithm": "argon2id"}
    dear_argon2 = {"memory_kib": dear.argon2.memory_kib, "iterations": dear.argon2.iterations}
    older = Older(dear.scrypt)
    return {
        "argon2id active, dear scrypt stored": Mixture(dear.scrypt, argon2_active),
        "argon2id active and stored": Mixture(ARGON2, argon2_active),
        "argon2id active, cheap scrypt stored": Mixture(CHEAP_SCRYPT, argon2_active),
        "scrypt active and stored": Mixture(dear.scrypt, dear_active),
        "scrypt active, an older cost stored": Mixture(CHEAP_SCRYPT, dear_active),
        "scrypt active, argon2id stored": Mixture(ARGON2, dear_active),
        "cheap scrypt active, dear argon2id stored": Mixture(
            dear.argon2, cheap_active | {"argon2": dear_argon2}
        ),
        "cheap scrypt active, a dearer one stored": Mixture(dear.scrypt, cheap_active),
        "a dear legacy verifier": Mixture(older.sample_hash, cheap_active | {"legacy_verifiers": (older,)}),
        "cheap scrypt active, Django's scrypt stored": Mixture(
            f"scrypt$16384$salt$8$5${'A' * 86}==", cheap_active | {"importers": ("django-scrypt",)}
        ),
        "a damaged hash": Mixture("$scrypt$ln=17", dear_active),
    }


def active_scrypt(cost: ScryptParameters) -> dict[str, Any]:
    return {"scrypt": {"cost_factor": 1 << cost.log2_n, "parallelization": cost.parallelization}}


NAMES = list(mixtures(WHOLE))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """A clock on which a derivation takes a millisecond for each 256 KiB of work, and nothing else does."""
    clock = FakeClock()
    scrypt, argon2 = hashlib.scrypt, low_level.hash_secret_raw

    def derived(password: bytes, salt: bytes, length: int, work_kib: int) -> bytes:
        clock.advance(timedelta(milliseconds=work_kib / 256))
        return hashlib.shake_256(password + salt).digest(length)

    def scrypt_of(password: bytes, *, salt: bytes, n: int, r: int, p: int, dklen: int, **rest: Any) -> bytes:
        if (
            n < 1 << CHEAP_SCRYPT.log2_n or p == COST.parallelization
        ):  # the self-test, and other tests' hashes
            return scrypt(password, salt=salt, n=n, r=r, p=p, dklen=dklen, **rest)
        return derived(password, salt, dklen, n * r * p // 4)

    def argon2_of(password: bytes, salt: bytes, *, time_cost: int, memory_cost: int, **rest: Any) -> bytes:
        if memory_cost < ARGON2.memory_kib:  # the self-test
            return argon2(password, salt, time_cost=time_cost, memory_cost=memory_cost, **rest)
        return derived(password, salt, rest["hash_len"], time_cost * memory_cost)

    monkeypatch.setattr(hashlib, "scrypt", scrypt_of)
    monkeypatch.setattr(low_level, "hash_secret_raw", argon2_of)
    return clock


@pytest.mark.parametrize("name", NAMES)
async def test_a_refusal_lasts_as_long_whatever_hash_the_account_has(name: str, clock: FakeClock) -> None:
    """An account that has slept since its server changed the algorithm is named by the time that it takes."""
    async with engine_of(mixtures(WHOLE)[name], clock) as engine:

        async def seconds(email: str) -> float:
            started = clock.monotonic()
            await refused(engine, email)
            return round(clock.monotonic() - started, 6)

        await seconds("known0@example.com")  # a cost that no option names is learned once
        assert await seconds("known1@example.com") == await seconds("unknown@example.com")


@pytest.mark.slow
@long_only
@pytest.mark.parametrize("busy", [False, True], ids=["calm", "while others sign in"])
@pytest.mark.parametrize("name", NAMES)
async def test_known_and_unknown_addresses_are_refused_in_the_same_time(name: str, *, busy: bool) -> None:
    """Whoever measures could sort addresses by whether they have accounts."""
    mixture = mixtures(QUARTER)[name]
    seen: list[float] = []
    lasted: list[str] = []
    for _ in range(REPEATS):
        async with engine_of(mixture, FastClock()) as engine:
            crowd = asyncio.create_task(others_sign_in(engine)) if busy else None
            known, unknown = await measured(engine)
            if crowd is not None:
                crowd.cancel()
        seen.append(same_distribution(known, unknown))
        if seen[-1] > SIGNIFICANCE:
            return
        lasted += [f"known   {deciles(known)}", f"unknown {deciles(unknown)}"]
    pytest.fail("\n".join([f"known and unknown addresses differ: p = {seen}; deciles in ms:", *lasted]))


def deciles(seconds: Sequence[float]) -> list[float]:
    """Return what shows whether all refusals of one kind differ, or a few."""
    return [round(1_000 * cut, 3) for cut in statistics.quantiles(seconds, n=10)]


async def measured(engine: AuthEngine) -> tuple[list[float], list[float]]:
    """Return how long refusals of known and of unknown addresses took, asked in turn."""
    taken: dict[str, list[float]] = {"known": [], "unknown": []}
    at_once = asyncio.Semaphore(AT_ONCE)

    async def one(kind: str, number: int) -> None:
        async with at_once:
            started = time.perf_counter()
            await refused(engine, f"{kind}{number}@example.com")
            taken[kind].append(time.perf_counter() - started)

    await one("known", SAMPLES)  # what is learned or compiled once is not what an attacker can repeat
    taken["known"].clear()
    await asyncio.gather(*(one(kind, number) for number in range(SAMPLES) for kind in taken))
    return taken["known"], taken["unknown"]


async def refused(engine: AuthEngine, email: str) -> None:
    credentials = LoginInput(email=email, password="not the one", tenant_id=TENANT)
    with pytest.raises(InvalidCredentials):
        await engine.login(credentials, RequestContext(ip="203.0.113.1"))


async def others_sign_in(engine: AuthEngine) -> None:
    number = 0
    while True:
        number += 1
        await refused(engine, f"other{number}@example.com")


@asynccontextmanager
async def engine_of(mixture: Mixture, clock: Clock) -> AsyncGenerator[AuthEngine, None]:
    users = InMemoryUserRepository()
    stored = (
        mixture.stored if isinstance(mixture.stored, str) else PasswordHasher(mixture.stored).hash(PASSWORD)
    )
    for number in range(SAMPLES + 1):
        users.add(user(id=f"k{number}", email=f"known{number}@example.com", password_hash=stored))
    engine = AuthEngine(
        settings(password=mixture.options),
        users=users,
        stores=EmbeddedStores(),
        email=RecordingMailer(),
        events=RecordingEvents(),
        clock=clock,
    )
    async with engine:
        yield engine


def same_distribution(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the p-value of the two-sample Kolmogorov-Smirnov test, by its asymptotic distribution."""
    ordered = sorted(
        [(value, 1 / len(first)) for value in first] + [(value, -1 / len(second)) for value in second]
    )
    distance, total = 0.0, 0.0
    for _, step in ordered:
        total += step
        distance = max(distance, abs(total))
    scaled = distance * math.sqrt(len(first) * len(second) / (len(first) + len(second)))
    tail = 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101))
    return 1.0 if scaled < 0.2 else min(1.0, max(0.0, tail))


def test_the_comparison_finds_a_difference_and_no_other() -> None:
    """A test that never rejects would prove nothing."""
    calm = [number / 1_000 for number in range(1_000)]
    assert same_distribution(calm, [value + 0.0005 for value in calm]) > SIGNIFICANCE
    assert same_distribution(calm, [value + 0.15 for value in calm]) < SIGNIFICANCE
    assert same_distribution(calm, calm) > 0.99
