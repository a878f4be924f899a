"""Passwords: hashed and verified at one cost for everybody."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bymax_auth.config.constants import ATTEMPT_IN_FLIGHT_TTL
from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.errors import InternalError, Overloaded, PasswordCompromised
from bymax_auth.ports.events import HasherMissing, InternalFailure
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.common_passwords import CommonPasswordChecker
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.kdf_pool import KdfBudget, KdfPool
from bymax_auth.services.lockout import Lockout
from bymax_auth.services.password_policy import PasswordPolicy
from bymax_auth.services.passwords import Passwords, PasswordVerdict
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock, RecordingEvents
from bymax_auth.types.identity import Realm

CHEAP = ScryptParameters(log2_n=10, block_size=8, parallelization=1)
DEARER = ScryptParameters(log2_n=11, block_size=8, parallelization=1)
PASSWORD = "correct horse battery staple"


class Setting:
    """Passwords with a queue of a known length."""

    def __init__(self, failures: FailureReporter, events: RecordingEvents, clock: FakeClock) -> None:
        self.clock = clock
        self.pool = KdfPool(KdfBudget(workers=1, max_waiting=0), events, clock)
        self.policy = PasswordPolicy(15, CommonPasswordChecker(), failures)
        self.passwords = self.hashing_with(PasswordHasher(CHEAP))

    def hashing_with(self, hasher: PasswordHasher) -> Passwords:
        return Passwords(hasher, self.pool, self.policy, self.clock)


@pytest.fixture
async def setting(
    failures: FailureReporter, events: RecordingEvents, clock: FakeClock
) -> AsyncIterator[Setting]:
    setting = Setting(failures, events, clock)
    yield setting
    await setting.passwords.aclose()


async def test_a_password_verifies_against_its_hash_and_no_other(setting: Setting) -> None:
    """Its owner gets in, and nobody else."""
    stored = await setting.passwords.hash(PASSWORD)

    assert await setting.passwords.verify(PASSWORD, stored) == PasswordVerdict(True, needs_rehash=False)
    assert await setting.passwords.verify(f"{PASSWORD} ", stored) == PasswordVerdict(
        False, needs_rehash=False
    )


async def test_a_hash_weaker_than_new_ones_is_reported(setting: Setting) -> None:
    """It can only be replaced while the password is at hand."""
    stored = await setting.passwords.hash(PASSWORD)
    dearer = setting.hashing_with(PasswordHasher(DEARER))

    assert await dearer.verify(PASSWORD, stored) == PasswordVerdict(True, needs_rehash=True)
    assert await dearer.verify("wrong", stored) == PasswordVerdict(False, needs_rehash=False)


COMPOSED, DECOMPOSED = "\u00e1rvore e cora\u00e7\u00e3o", "a\u0301rvore e corac\u0327a\u0303o"
HANGUL, JAMO = (
    "\ud55c\uae00 \ube44\ubc00\ubc88\ud638",
    ("\u1112\u1161\u11ab\u1100\u1173\u11af \u1107\u1175\u1106\u1175\u11af\u1107\u1165\u11ab\u1112\u1169"),
)


@pytest.mark.parametrize(
    ("first", "second"), [(COMPOSED, DECOMPOSED), (HANGUL, JAMO)], ids=["latin", "hangul"]
)
async def test_a_password_verifies_from_every_keyboard(setting: Setting, first: str, second: str) -> None:
    """Somebody who set it on Windows must be able to sign in from a Mac, and the reverse."""
    for typed, stored in (
        (second, await setting.passwords.hash(first)),
        (first, await setting.passwords.hash(second)),
    ):
        verdict = await setting.passwords.verify(typed, stored)
        assert verdict == PasswordVerdict(True, needs_rehash=False)


async def test_a_hash_of_the_text_as_sent_is_honoured_and_replaced(setting: Setting) -> None:
    """An account of a system that does not normalise must keep its password."""
    stored = PasswordHasher(CHEAP).hash(DECOMPOSED)

    assert await setting.passwords.verify(DECOMPOSED, stored) == PasswordVerdict(True, needs_rehash=True)
    assert await setting.passwords.verify(COMPOSED, stored) == PasswordVerdict(False, needs_rehash=False)
    assert await setting.passwords.verify(JAMO, stored) == PasswordVerdict(False, needs_rehash=False)


class CountingHasher(PasswordHasher):
    """Counts how often a password is compared."""

    compared = 0

    def compare(self, password: str, stored: str) -> bool | None:
        CountingHasher.compared += 1
        return super().compare(password, stored)


@pytest.mark.parametrize(("typed", "derivations"), [(COMPOSED, 1), (DECOMPOSED, 2)], ids=["nfc", "nfd"])
async def test_the_second_comparison_is_for_texts_that_differ_and_for_unknown_addresses_alike(
    setting: Setting, typed: str, derivations: int
) -> None:
    """Ordinary sign-ins must not cost twice, and the cost must not say who has an account."""
    passwords = setting.hashing_with(CountingHasher(CHEAP))
    stored = await passwords.hash(PASSWORD)
    CountingHasher.compared = 0
    await passwords.verify(typed, stored)
    assert CountingHasher.compared == derivations
    await passwords.verify_sentinel(typed)
    assert CountingHasher.compared == 2 * derivations


@pytest.mark.parametrize("stored", ["", "not a hash", "$scrypt$ln=31,r=8,p=1$AAAA$AAAA"])
async def test_a_malformed_hash_was_made_by_no_password(setting: Setting, stored: str) -> None:
    """A damaged row must refuse its owner, not crash."""
    assert await setting.passwords.verify(PASSWORD, stored) == PasswordVerdict(False, needs_rehash=False)


async def test_a_derivation_that_fails_for_everybody_is_an_error_for_everybody(
    setting: Setting, events: RecordingEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Owners would be told that their passwords are wrong while there is no memory."""
    stored = await setting.passwords.hash(PASSWORD)

    def no_memory(*_given: object, **_named: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr("hashlib.scrypt", no_memory)
    for ask in (
        setting.passwords.verify(PASSWORD, stored),
        setting.passwords.verify(PASSWORD, "not a hash"),
        setting.passwords.verify_sentinel(PASSWORD),
    ):
        with pytest.raises(InternalError) as raised:
            await ask
        assert raised.value.__suppress_context__
    failures = [event for event in events.events if isinstance(event, InternalFailure)]
    assert [failure.exception for failure in failures] == ["MemoryError"] * 3


async def test_a_hash_whose_algorithm_is_gone_matches_nothing_and_is_told_of_once(
    setting: Setting, events: RecordingEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server error would name who has an account, and each sign-in would page the operator again."""
    stored = PasswordHasher(Argon2Parameters(memory_kib=64, iterations=1, parallelism=1)).hash(PASSWORD)
    monkeypatch.setitem(sys.modules, "argon2.low_level", None)

    for _ in range(2):
        verdict = await setting.passwords.verify(PASSWORD, stored)
        assert verdict == PasswordVerdict(False, needs_rehash=False)

    assert events.events == [HasherMissing(origin="password.verify", exception="HasherUnavailable")]


async def test_an_unknown_address_costs_a_derivation_too(setting: Setting) -> None:
    """A refusal without one would come sooner, and name who has no account."""
    place = setting.pool.acquire()
    with pytest.raises(Overloaded):
        await setting.passwords.verify_sentinel(PASSWORD)
    place.release()

    await setting.passwords.verify_sentinel(PASSWORD)
    await setting.passwords.verify_sentinel("bymax-auth::anti-enumeration-sentinel::v1")


async def test_everybody_is_refused_alike_when_the_queue_is_full(setting: Setting) -> None:
    """A refusal for known addresses only would name them."""
    stored = await setting.passwords.hash(PASSWORD)
    place = setting.pool.acquire()
    with pytest.raises(Overloaded):
        await setting.passwords.verify(PASSWORD, stored)
    with pytest.raises(Overloaded):
        await setting.passwords.hash(PASSWORD)
    with pytest.raises(Overloaded):
        async with setting.passwords.admission():
            raise AssertionError("admitted to a full queue")
    place.release()


async def test_a_place_is_held_while_a_proof_is_spent(setting: Setting) -> None:
    """A reset link that is used up and then refused would be lost."""
    async with setting.passwords.admission() as admission:
        with pytest.raises(Overloaded):
            await setting.passwords.hash(PASSWORD)
        stored = await admission.hash(PASSWORD)

    assert (await setting.passwords.verify(PASSWORD, stored)).matched


async def test_an_admission_that_was_not_used_gives_its_place_back(setting: Setting) -> None:
    """A wrong reset link must not close the door for others."""
    with pytest.raises(LookupError):
        async with setting.passwords.admission():
            raise LookupError

    await setting.passwords.hash(PASSWORD)


async def test_an_admission_serves_once(setting: Setting) -> None:
    """The second hash would be outside the bound."""
    async with setting.passwords.admission() as admission:
        await admission.hash(PASSWORD)
        with pytest.raises(RuntimeError):
            await admission.hash(PASSWORD)


async def test_the_policy_judges_new_passwords(setting: Setting) -> None:
    """A reset must not choose what a registration may not."""
    with pytest.raises(PasswordCompromised):
        await setting.passwords.assert_acceptable("passwordpassword1", "newPassword")


async def seconds_of_a_refusal(setting: Setting, passwords: Passwords, password: str = PASSWORD) -> float:
    started = setting.clock.monotonic()
    await passwords.minimum_duration(password).wait()
    return setting.clock.monotonic() - started


def hashing_in(setting: Setting, milliseconds: int, cost: ScryptParameters = CHEAP) -> PasswordHasher:
    """A hasher that takes this long, as far as the clock can tell."""

    class Timed(PasswordHasher):
        def hash(self, password: str) -> str:
            setting.clock.advance(timedelta(milliseconds=milliseconds))
            return super().hash(password)

    return Timed(cost)


async def test_a_refused_sign_in_takes_300_ms_at_least(setting: Setting) -> None:
    """The network's own noise must not be enough to tell answers apart."""
    assert await seconds_of_a_refusal(setting, setting.passwords) == pytest.approx(0.3)


async def test_the_minimum_duration_grows_with_the_cost_of_hashing(setting: Setting) -> None:
    """An older, cheaper hash would otherwise be refused sooner than an unknown address."""
    passwords = setting.hashing_with(hashing_in(setting, 800))
    assert await seconds_of_a_refusal(setting, passwords) == pytest.approx(1.2)


async def test_the_minimum_duration_covers_the_algorithm_that_is_not_active(setting: Setting) -> None:
    """Accounts that have slept since before an upgrade would otherwise be refused last, and so be named."""
    passwords = Passwords(
        hashing_in(setting, 40), setting.pool, setting.policy, setting.clock, hashing_in(setting, 700, DEARER)
    )
    assert await seconds_of_a_refusal(setting, passwords) == pytest.approx(1.05)


class Slow:
    """A host's verifier of older hashes that takes a second."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def matches(self, stored: str) -> bool:
        return stored.startswith("old:")

    def verify(self, password: str, stored: str) -> bool:
        self._clock.advance(timedelta(seconds=1))
        return False


class Sampled(Slow):
    """The same, with a hash to measure."""

    sample_hash = "old:sample"


async def test_the_minimum_duration_covers_a_legacy_verifier_that_names_a_sample(setting: Setting) -> None:
    """Its hashes may be the dearest of all."""
    passwords = setting.hashing_with(PasswordHasher(CHEAP, (Sampled(setting.clock),)))
    assert await seconds_of_a_refusal(setting, passwords) == pytest.approx(1.5)


async def test_the_minimum_duration_learns_a_cost_that_no_option_names(setting: Setting) -> None:
    """A verifier without a sample, or a cost of an older configuration, shows itself by its first use."""

    passwords = setting.hashing_with(PasswordHasher(CHEAP, (Slow(setting.clock),)))
    assert await seconds_of_a_refusal(setting, passwords) == pytest.approx(0.3)
    await passwords.verify(PASSWORD, "old:hash")
    assert await seconds_of_a_refusal(setting, passwords) == pytest.approx(1.5)


async def test_a_password_that_is_derived_twice_is_refused_after_twice_the_time(setting: Setting) -> None:
    """Two derivations of a dearer hash outlast one and a half, and would name the accounts that have it."""
    passwords = setting.hashing_with(PasswordHasher(CHEAP, (Sampled(setting.clock),)))
    for _ in range(2):
        assert await seconds_of_a_refusal(setting, passwords, DECOMPOSED) == pytest.approx(3.0)
        assert await seconds_of_a_refusal(setting, passwords, COMPOSED) == pytest.approx(1.5)
        await passwords.verify(DECOMPOSED, "old:hash")


async def test_a_password_that_waits_when_the_engine_closes_is_refused(
    setting: Setting, events: RecordingEvents
) -> None:
    """A deployment is no failure, and the client may ask the next server."""
    release = threading.Event()
    pool = KdfPool(KdfBudget(workers=1, max_waiting=1), events, setting.clock)
    passwords = Passwords(PasswordHasher(CHEAP), pool, setting.policy, setting.clock)
    running = asyncio.create_task(pool.run(pool.acquire(), lambda: release.wait(10.0)))
    minimum = passwords.minimum_duration(PASSWORD)
    waiting = asyncio.create_task(passwords.verify(PASSWORD, "not a hash", minimum=minimum))
    await asyncio.sleep(0)
    setting.clock.advance(timedelta(seconds=2))
    closing = asyncio.create_task(passwords.aclose())
    with pytest.raises(Overloaded):
        await waiting
    release.set()
    await asyncio.gather(closing, running)
    await minimum.wait()

    assert setting.clock.monotonic() == pytest.approx(2.3), "what passed in the queue is not counted"
    assert events.events == []


async def test_a_caller_that_leaves_is_no_failure(setting: Setting, events: RecordingEvents) -> None:
    """A closed browser tab must not page anybody."""
    call = asyncio.create_task(setting.passwords.verify(PASSWORD, "not a hash"))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert events.events == []


class Accepting(Slow):
    """A host's verifier of older hashes that takes a second, and accepts everything."""

    def verify(self, password: str, stored: str) -> bool:
        return not super().verify(password, stored)


async def test_a_right_password_is_one_derivation(setting: Setting) -> None:
    """The cost of an older hash would be learned as half of what it is, and its refusals be too quick."""
    passwords = setting.hashing_with(PasswordHasher(CHEAP, (Accepting(setting.clock),)))
    assert (await passwords.verify(PASSWORD, "old:hash")).matched
    assert await seconds_of_a_refusal(setting, passwords) == pytest.approx(1.5)


async def test_the_minimum_duration_is_not_used_up_in_the_queue(
    setting: Setting, events: RecordingEvents
) -> None:
    """On a busy server refusals would take as long as their derivation, and name who has an account."""
    release = threading.Event()
    pool = KdfPool(KdfBudget(workers=1, max_waiting=1), events, setting.clock)
    hasher = PasswordHasher(CHEAP, (Sampled(setting.clock),))
    passwords = Passwords(hasher, pool, setting.policy, setting.clock)
    running = asyncio.create_task(pool.run(pool.acquire(), lambda: release.wait(10.0)))
    began, minimum = setting.clock.monotonic(), passwords.minimum_duration(PASSWORD)
    waiting = asyncio.create_task(passwords.verify(PASSWORD, "old:hash", minimum=minimum))
    await asyncio.sleep(0)
    setting.clock.advance(timedelta(seconds=2))
    release.set()
    await asyncio.gather(running, waiting)
    await minimum.wait()

    assert setting.clock.monotonic() - began == pytest.approx(2 + 1.5)
    await passwords.aclose()


async def test_an_attempt_that_has_lapsed_gets_no_verdict(
    setting: Setting,
    stores: EmbeddedStores,
    background: BackgroundTasks,
    failures: FailureReporter,
    identifiers: Identifiers,
) -> None:
    """Another guess has its place, so an attacker would have more guesses than the limit."""
    lockout = Lockout(
        attempts=stores.attempts,
        background=background,
        failures=failures,
        clock=setting.clock,
        limit=5,
        window=timedelta(minutes=15),
    )
    stored = await setting.passwords.hash(PASSWORD)
    counter = identifiers.login_counter(Realm.DASHBOARD, "acme", "ana@example.com")
    async with await lockout.begin(counter) as attempt:
        assert (await setting.passwords.verify(PASSWORD, stored, attempt=attempt)).matched
        setting.clock.advance(ATTEMPT_IN_FLIGHT_TTL)
        with pytest.raises(Overloaded):
            await setting.passwords.verify(PASSWORD, stored, attempt=attempt)
