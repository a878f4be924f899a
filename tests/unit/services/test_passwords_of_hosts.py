"""A host's verifiers of older hashes: whatever they do, an account is refused as an unknown address is."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.ports.events import InternalFailure
from bymax_auth.services.common_passwords import CommonPasswordChecker
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.kdf_pool import KdfBudget, KdfPool
from bymax_auth.services.password_policy import PasswordPolicy
from bymax_auth.services.passwords import Passwords, PasswordVerdict
from bymax_auth.testing import FakeClock, RecordingEvents
from tests.unit.services.parts import Broken

CHEAP = ScryptParameters(log2_n=10, block_size=8, parallelization=1)
PASSWORD = "correct horse battery staple"
OLD = "old:hash"
REFUSED = PasswordVerdict(matched=False, needs_rehash=False)


class Verifier:
    """Answers what it is told to."""

    def __init__(self, verify: Callable[[], Any], matches: Callable[[], Any] = lambda: True) -> None:
        self._verify = verify
        self._matches = matches

    def matches(self, stored: str) -> bool:
        return stored.startswith("old:") and bool(self._matches())

    def verify(self, password: str, stored: str) -> Any:
        return self._verify()


class Sampled(Verifier):
    """The same, with a hash to measure."""

    sample_hash = "old:sample"


def fails() -> Any:
    raise Broken


class Fickle:
    """An answer whose truth cannot be told."""

    def __bool__(self) -> bool:
        raise Broken


Hashing = Callable[..., Passwords]


@pytest.fixture
async def hashing_with(
    failures: FailureReporter, events: RecordingEvents, clock: FakeClock
) -> AsyncIterator[Hashing]:
    pool = KdfPool(KdfBudget(workers=1, max_waiting=0), events, clock)
    policy = PasswordPolicy(15, CommonPasswordChecker(), failures)
    yield lambda *verifiers: Passwords(PasswordHasher(CHEAP, verifiers), pool, policy, clock)
    await pool.aclose()


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords from which keys of the active cost are derived."""
    seen: list[str] = []
    derive = ScryptParameters.derive

    def noted(self: ScryptParameters, password: bytes, salt: bytes, length: int) -> bytes:
        seen.append(password.decode())
        return derive(self, password, salt, length)

    monkeypatch.setattr(ScryptParameters, "derive", noted)
    return seen


@pytest.mark.parametrize(
    "verifier",
    [Verifier(fails), Verifier(lambda: True, fails)],
    ids=["verify", "matches"],
)
async def test_a_verifier_that_fails_refuses_as_for_an_unknown_address(
    hashing_with: Hashing, derived: list[str], events: RecordingEvents, verifier: Verifier
) -> None:
    """bcrypt raises for 73 bytes: an error for such a password would name who has an old account."""
    passwords = hashing_with(verifier)
    derived.clear()
    assert await passwords.verify(PASSWORD, OLD) == REFUSED
    assert derived == [PASSWORD]
    (failure,) = events.events
    assert isinstance(failure, InternalFailure)
    assert (failure.origin, failure.exception) == ("password.verify", "Broken")


@pytest.mark.parametrize(
    "answer", [None, False, 0, "no", NotImplemented, Fickle()], ids=lambda it: type(it).__name__
)
async def test_nothing_but_true_lets_anybody_in(hashing_with: Hashing, answer: object) -> None:
    """A verifier with a slip, such as an answer of another type, would accept every password."""
    passwords = hashing_with(Verifier(lambda: answer))
    assert await passwords.verify(PASSWORD, OLD) == REFUSED


async def test_a_verifier_says_that_it_has_derived_nothing(hashing_with: Hashing, derived: list[str]) -> None:
    """The refusal of a hash that the old system damaged would leave by a timer alone."""
    passwords = hashing_with(Verifier(lambda: None))
    derived.clear()
    assert await passwords.verify(PASSWORD, OLD) == REFUSED
    assert derived == [PASSWORD]


async def test_the_minimum_duration_covers_every_verifier_that_is_asked(
    hashing_with: Hashing, clock: FakeClock
) -> None:
    """Two verifiers of one format take twice as long, and once a minute a refusal would show it."""

    def slowly() -> bool:
        clock.advance(timedelta(seconds=1))
        return False

    passwords = hashing_with(Sampled(slowly), Sampled(slowly))
    started = clock.monotonic()
    await passwords.minimum_duration(PASSWORD).wait()
    assert clock.monotonic() - started == pytest.approx(3.0)
