"""Whether an address has an account does not show: not in bytes, not in work, not in time (I-7, I-32)."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from statistics import median
from typing import Any

import pytest

from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.engine import AuthEngine
from bymax_auth.http.app import auth_app
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.services.system import SystemClock
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import RecordingEvents, RecordingMailer
from bymax_auth.types.account import AuthUser
from tests.integration.http.driver import Answer, Driver
from tests.integration.http.world import NEW_PASSWORD, PASSWORD, TENANT, UNLIMITED, a_world, settings, user

WRONG = "not the one that was chosen"
STRANGER = "stranger@example.com"
FLOOR = 0.3

ACCOUNTS: dict[str, dict[str, Any]] = {
    "known": {},
    "unverified": {"email_verified": False},
    "banned": {"status": "BANNED"},
    "suspended": {"status": "SUSPENDED"},
    "without a password": {"password_hash": None},
    "with a damaged hash": {"password_hash": "$scrypt$ln=14"},
    "of another tenant": {"tenant_id": "globex"},
}

PROOFS = {"link": {"token": "0" * 64}, "code": {"otp": "000000"}, "exchanged": {"verifiedToken": "0" * 64}}

REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("token", "/login", {"password": WRONG}),
    ("token", "/resend-verification", {}),
    ("token", "/verify-email", {"otp": "000000"}),
    ("token", "/password/forgot-password", {}),
    ("token", "/password/resend-otp", {}),
    ("token", "/password/reset-password", {"newPassword": NEW_PASSWORD, **PROOFS["link"]}),
    ("otp", "/password/forgot-password", {}),
    ("otp", "/password/resend-otp", {}),
    ("otp", "/password/verify-otp", {"otp": "000000"}),
    ("otp", "/password/reset-password", {"newPassword": NEW_PASSWORD, **PROOFS["code"]}),
    ("otp", "/password/reset-password", {"newPassword": NEW_PASSWORD, **PROOFS["exchanged"]}),
]
DERIVATIONS = {"/login": 1}


def people() -> dict[str, AuthUser]:
    return {
        name: user(id=f"u{number}", email=f"person{number}@example.com", **fields)
        for number, (name, fields) in enumerate(ACCOUNTS.items())
    }


@pytest.fixture
def derivations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each key that is derived from a password from now on."""
    made: list[str] = []
    derive = hashlib.scrypt

    def counted(*given: Any, **named: Any) -> bytes:
        made.append("scrypt")
        return derive(*given, **named)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    return made


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
async def test_every_account_gets_the_bytes_and_the_work_of_a_stranger(
    method: str, path: str, body: dict[str, Any], derivations: list[str]
) -> None:
    """A stranger could collect which addresses have accounts, and in what state each is."""
    accounts = people()
    addresses = {"a stranger": STRANGER, **{name: account.email for name, account in accounts.items()}}
    answers: dict[str, tuple[object, ...]] = {}
    work: dict[str, int] = {}
    async with a_world(accounts=tuple(accounts.values()), password_reset={"method": method}) as world:
        for name, email in addresses.items():
            derivations.clear()
            started = world.clock.monotonic()
            answer = await ask(world.driver, path, email, body)
            taken = round(world.clock.monotonic() - started, 6)
            await world.engine.drain()
            answers[name] = (answer.status, answer.headers, answer.body, taken)
            work[name] = len(derivations)
    assert {name: answer for name, answer in answers.items() if answer != answers["a stranger"]} == {}
    assert set(work.values()) == {DERIVATIONS.get(path, 0)}


async def test_a_code_that_was_sent_is_guessed_in_the_dark() -> None:
    """Whoever tries codes must not learn that one is on its way, that it expired or that it is used up."""
    seen: set[tuple[int, Any, bytes]] = set()
    async with a_world(accounts=(user(),), password_reset={"method": "otp"}) as world:
        await ask(world.driver, "/password/forgot-password", user().email, {})
        await world.engine.drain()
        right = world.mailer.last("password_reset_otp").code
        wrong = f"{(int(right) + 1) % 10 ** len(right):0{len(right)}d}"
        guesses = [(STRANGER, wrong), *[(user().email, wrong)] * 6, (user().email, right)]
        for path in ("/password/verify-otp", "/password/reset-password"):
            for email, otp in guesses:
                extra = {"newPassword": NEW_PASSWORD} if "reset" in path else {}
                answer = await ask(world.driver, path, email, {"otp": otp, **extra})
                seen.add((answer.status, answer.headers, answer.body))
    assert len(seen) == 1


async def test_strangers_are_locked_out_like_anybody() -> None:
    """Five wrong passwords would tell an account from an address without one."""
    seen: dict[str, list[tuple[int, Any, bytes]]] = {}
    async with a_world() as world:
        for email in (user().email, STRANGER):
            answers = [await ask(world.driver, "/login", email, {"password": WRONG}) for _ in range(7)]
            seen[email] = [(answer.status, answer.headers, answer.body) for answer in answers]
    assert seen[STRANGER] == seen[user().email]
    assert [status for status, _, _ in seen[STRANGER]] == [401] * 5 + [429] * 2


async def test_a_taken_address_costs_a_registration_what_a_free_one_does(derivations: list[str]) -> None:
    """The answer says that an address is taken; how long it takes must not say it to others as well."""
    async with a_world() as world:
        for email, status in ((user().email, 409), (STRANGER, 201)):
            derivations.clear()
            body = {"password": NEW_PASSWORD, "name": "Ada"}
            assert (await ask(world.driver, "/register", email, body)).status == status
            assert len(derivations) == 1


async def test_a_wrong_password_takes_the_work_of_an_unknown_address() -> None:
    """
    The floor under every refusal hides what is left; the work itself must not differ to begin with.

    Processor time is compared, not time on the wall: a busy machine has only the latter to spoil.  An
    account whose hash costs nothing to check shows that a difference would be seen.
    """
    stored = PasswordHasher(REAL).hash(PASSWORD)
    crowd = [user(id="k", email="known@example.com", password_hash=stored)]
    cheap = [user(id="c", email="cheap@example.com", password_hash="plain:x")]
    options = {
        "password": REAL_OPTIONS | {"legacy_verifiers": (Plain(),)},
        "brute_force": {"max_attempts": 100},
    }
    seen: list[tuple[float, float, float]] = []
    async with a_world(accounts=(*crowd, *cheap), **options) as world:
        # One round in which the machine disturbs nothing is enough: a difference is there in every round.
        while len(seen) < ROUNDS:
            spent: dict[str, list[float]] = {"known": [], "unknown": [], "cheap": []}
            for kind, taken in [*spent.items()] * SAMPLES:
                started = time.process_time()
                answer = await ask(world.driver, "/login", f"{kind}@example.com", {"password": WRONG})
                assert answer.status == 401
                taken.append(time.process_time() - started)
            known, unknown, none = (median(spent[kind]) for kind in ("known", "unknown", "cheap"))
            if abs(known - unknown) < 0.15 * max(known, unknown) and none < 0.5 * unknown:
                return
            seen.append((known, unknown, none))
    pytest.fail(f"known, unknown and free of cost took {seen}")


SAMPLES = 7
ROUNDS = 12
"""How often a busy machine may disturb a comparison."""
REAL = ScryptParameters(log2_n=14, block_size=8, parallelization=1)
REAL_OPTIONS = {"scrypt": {"cost_factor": 1 << REAL.log2_n}}
"""The cost of a hash that is really computed."""


class Plain:
    """Reads hashes of the form ``plain:password``, at no cost."""

    def matches(self, stored: str) -> bool:
        return stored.startswith("plain:")

    def verify(self, password: str, stored: str) -> bool:
        return stored == f"plain:{password}"


TIMED: list[tuple[str, dict[str, Any], int]] = [
    ("/login", {"password": WRONG}, 1),
    ("/password/forgot-password", {}, 8),
    ("/password/resend-otp", {}, 8),
    ("/resend-verification", {}, 8),
]
"""A route, its body, and how many may be asked at once: derivations get in each other's way."""


@pytest.mark.slow
@pytest.mark.parametrize(("path", "body", "at_once"), TIMED)
async def test_on_a_real_clock_known_and_unknown_take_the_same(
    path: str, body: dict[str, Any], at_once: int
) -> None:
    """
    Whoever measures answers could sort addresses by whether they have accounts.

    Samples alternate, and medians are compared.  A machine that stumbles during one round does not
    decide: a difference that is really there is in every round, and always in the same direction.
    """
    differences: list[float] = []
    stored = PasswordHasher(REAL).hash(PASSWORD)
    accounts = [
        user(
            id=f"k{number}",
            email=f"known{number}@example.com",
            email_verified="login" in path,
            password_hash=stored,
        )
        for number in range(8 * ROUNDS)
    ]
    async with real_time(accounts) as driver:

        async def timed(email: str) -> float:
            started = time.monotonic()
            await ask(driver, path, email, body)
            return time.monotonic() - started

        size = 3 if at_once == 1 else 8
        for number in range(ROUNDS):
            taken = await alternately(timed, at_once, range(size * number, size * (number + 1)))
            assert min(taken["known"] + taken["unknown"]) >= FLOOR
            differences.append(median(taken["known"]) - median(taken["unknown"]))
            if abs(differences[-1]) < 0.1 * FLOOR or min(differences) < 0 < max(differences):
                return
    pytest.fail(f"medians were apart by {differences}")


async def alternately(
    timed: Callable[[str], Awaitable[float]], at_once: int, numbers: range
) -> dict[str, list[float]]:
    """Ask about known and unknown addresses in turn, some at once."""
    taken: dict[str, list[float]] = {"known": [], "unknown": []}
    room = asyncio.Semaphore(2 * at_once if at_once > 1 else 1)

    async def one(kind: str, number: int) -> None:
        async with room:
            taken[kind].append(await timed(f"{kind}{number}@example.com"))

    await asyncio.gather(*(one(kind, number) for number in numbers for kind in taken))
    return taken


@asynccontextmanager
async def real_time(accounts: list[AuthUser]) -> AsyncIterator[Driver]:
    """A deployment whose floors are really waited for."""
    users = InMemoryUserRepository()
    for account in accounts:
        users.add(account)
    engine = AuthEngine(
        settings(password=REAL_OPTIONS),
        users=users,
        stores=EmbeddedStores(),
        email=RecordingMailer(),
        events=RecordingEvents(),
        clock=SystemClock(),
    )
    async with engine:
        yield Driver(
            auth_app(engine, AuthHttpConfig(PeerAddress(), rate_limits=UNLIMITED), app_at_prefix=True)
        )


async def ask(driver: Driver, path: str, email: str, body: dict[str, Any]) -> Answer:
    return await driver.call("POST", path, json_body={"email": email, "tenantId": TENANT, **body})
