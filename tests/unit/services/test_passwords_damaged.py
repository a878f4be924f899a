"""A stored hash that cannot be derived: the sign-in is refused after the work of any other."""

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.imported import django, firebase
from bymax_auth.crypto.password.imported.crypt import BCRYPT
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.services.common_passwords import CommonPasswordChecker
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.kdf_pool import KdfBudget, KdfPool
from bymax_auth.services.password_policy import PasswordPolicy
from bymax_auth.services.passwords import Passwords, PasswordVerdict
from bymax_auth.testing import FakeClock, RecordingEvents

CHEAP = ScryptParameters(log2_n=10, block_size=8, parallelization=1)
ARGON2 = Argon2Parameters(memory_kib=64, iterations=1, parallelism=1)
PASSWORD = "correct horse battery staple"
SENTINEL_TEXT = "bymax-auth::anti-enumeration-sentinel::v1"
COMPOSED, DECOMPOSED = "cr\u00e8me br\u00fbl\u00e9e, please", "cre\u0300me bru\u0302le\u0301e, please"
CHEAP_BCRYPT = f"$2b$04${'A' * 53}"
SALT_AND_KEY = f"{'A' * 22}${'A' * 43}"


@dataclass(frozen=True)
class Recording(PasswordHasher):
    """Keeps which hashes passwords were compared with; each derivation takes so many seconds of the clock."""

    clock: FakeClock = field(kw_only=True)
    compared: list[str] = field(default_factory=list, kw_only=True)
    seconds: list[int] = field(default_factory=lambda: [1], kw_only=True)

    def hash(self, password: str) -> str:
        self.clock.advance(timedelta(seconds=self.seconds[-1]))
        return super().hash(password)

    def compare(self, password: str, stored: str) -> bool | None:
        matched = super().compare(password, stored)
        if matched is not None:
            self.clock.advance(timedelta(seconds=self.seconds[-1]))
            self.compared.append(stored)
        return matched


@pytest.fixture
def hasher(clock: FakeClock) -> Recording:
    importers = (
        replace(BCRYPT, sample=CHEAP_BCRYPT),
        replace(django.SCRYPT, sample=f"scrypt$1024$salt$8$1${'A' * 86}=="),
        replace(django.ARGON2, sample=f"argon2$argon2id$v=19$m=64,t=1,p=1${SALT_AND_KEY}"),
        replace(firebase.SCRYPT, sample=firebase.SCRYPT.sample.replace("n=14", "n=10")),
    )
    return Recording(CHEAP, importers=importers, clock=clock)


@pytest.fixture
async def passwords(
    hasher: Recording, failures: FailureReporter, events: RecordingEvents, clock: FakeClock
) -> AsyncIterator[Passwords]:
    pool = KdfPool(KdfBudget(workers=1, max_waiting=0), events, clock)
    made = Passwords(hasher, pool, PasswordPolicy(15, CommonPasswordChecker(), failures), clock)
    hasher.compared.clear()
    yield made
    await made.aclose()


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "not a hash",
        "$scrypt$ln=17",
        f"$scrypt$ln=31,r=8,p=1${SALT_AND_KEY}",
        f"$scrypt$ln=17,r=1,p=1${SALT_AND_KEY}",
        f"$2b$16${'A' * 53}",
        f"$2b$04${'A' * 20}/{'Az' * 16}",
        f"scrypt$65536$salt$1$1${'A' * 86}==",
        f"$fbscrypt$v=1,n=16,r=1,p=1,ss=Bw==,sk={'A' * 86}==${'A' * 14}==${'A' * 86}==",
        f"argon2$argon2id$v=19$m=64,p=1,t=1${SALT_AND_KEY}",
    ],
    ids=[
        "empty",
        "of no format",
        "cut off",
        "too dear",
        "undefined",
        "imported and too dear",
        "imported and damaged",
        "imported and undefined",
        "firebase's and undefined",
        "imported and in another order",
    ],
)
@pytest.mark.parametrize(("typed", "derivations"), [(COMPOSED, 1), (DECOMPOSED, 2)], ids=["nfc", "nfd"])
async def test_an_account_whose_hash_is_damaged_takes_the_work_of_an_unknown_address(
    passwords: Passwords, hasher: Recording, stored: str, typed: str, derivations: int
) -> None:
    """Its refusal would leave by a timer alone, more regularly than others, and name an account."""
    verdict = await passwords.verify(typed, stored)
    assert verdict == PasswordVerdict(matched=False, needs_rehash=False)
    assert hasher.compared == [passwords.sentinel] * derivations


async def test_an_account_whose_algorithm_is_gone_takes_the_work_of_an_unknown_address(
    passwords: Passwords, hasher: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An extra that a deployment has forgotten would name who has not signed in since."""
    stored = PasswordHasher(ARGON2).hash(PASSWORD)
    monkeypatch.setitem(sys.modules, "argon2.low_level", None)
    assert not (await passwords.verify(DECOMPOSED, stored)).matched
    assert hasher.compared == [passwords.sentinel] * 2


async def test_a_password_that_a_format_cannot_take_costs_what_it_costs_an_unknown_address(
    passwords: Passwords, hasher: Recording
) -> None:
    """Whoever asks with a NUL would learn which accounts still have a hash of bcrypt."""
    assert not (await passwords.verify("correct horse\0battery", CHEAP_BCRYPT)).matched
    assert hasher.compared == [passwords.sentinel]


async def test_what_a_damaged_hash_takes_is_learned_as_that_of_the_active_cost(
    passwords: Passwords, hasher: Recording, clock: FakeClock
) -> None:
    """One damaged account would make every refusal twice as long, or a busy minute would for ever."""

    async def least() -> float:
        started = clock.monotonic()
        await passwords.minimum_duration(PASSWORD).wait()
        return clock.monotonic() - started

    assert await least() == 1.5
    await passwords.verify(DECOMPOSED, "not a hash")
    assert await least() == 1.5
    hasher.seconds.append(2)
    await passwords.verify(PASSWORD, "not a hash")
    assert await least() == 3
    clock.advance(timedelta(minutes=2))
    assert await least() == 1.5


async def test_the_text_behind_the_sentinel_opens_no_account(passwords: Passwords) -> None:
    """Whoever reads this program would sign in to every account whose hash is damaged."""
    assert not (await passwords.verify(SENTINEL_TEXT, "not a hash")).matched
