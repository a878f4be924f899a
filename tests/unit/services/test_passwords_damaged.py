"""A stored hash that cannot be derived: the sign-in is refused after the work of any other."""

import sys
from collections.abc import AsyncIterator

import pytest

from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.hasher import PasswordHasher
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
SALT_AND_KEY = f"{'A' * 22}${'A' * 43}"


class Recording(PasswordHasher):
    """Keeps which hashes passwords were compared with."""

    compared: list[str]

    def compare(self, password: str, stored: str) -> bool | None:
        matched = super().compare(password, stored)
        if matched is not None:
            self.compared.append(stored)
        return matched


@pytest.fixture
def hasher() -> Recording:
    recording = Recording(CHEAP)
    object.__setattr__(recording, "compared", [])
    return recording


@pytest.fixture
async def passwords(
    hasher: Recording, failures: FailureReporter, events: RecordingEvents, clock: FakeClock
) -> AsyncIterator[Passwords]:
    pool = KdfPool(KdfBudget(workers=1, max_waiting=0), events, clock)
    made = Passwords(hasher, pool, PasswordPolicy(15, CommonPasswordChecker(), failures), clock)
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
    ],
    ids=["empty", "of no format", "cut off", "too dear", "undefined"],
)
@pytest.mark.parametrize(("typed", "derivations"), [(COMPOSED, 1), (DECOMPOSED, 2)], ids=["nfc", "nfd"])
async def test_an_account_whose_hash_is_damaged_takes_the_work_of_an_unknown_address(
    passwords: Passwords, hasher: Recording, stored: str, typed: str, derivations: int
) -> None:
    """Its refusal leaves by a timer alone, more regularly than others, and names an account."""
    verdict = await passwords.verify(typed, stored)
    assert verdict == PasswordVerdict(matched=False, needs_rehash=False)
    assert hasher.compared == [passwords.sentinel] * derivations


async def test_an_account_whose_algorithm_is_gone_takes_the_work_of_an_unknown_address(
    passwords: Passwords, hasher: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An extra that a deployment has forgotten names who has not signed in since."""
    stored = PasswordHasher(ARGON2).hash(PASSWORD)
    monkeypatch.setitem(sys.modules, "argon2.low_level", None)
    assert not (await passwords.verify(DECOMPOSED, stored)).matched
    assert hasher.compared == [passwords.sentinel] * 2


async def test_the_text_behind_the_sentinel_opens_no_account(passwords: Passwords) -> None:
    """Whoever reads this program signs in to every account whose hash is damaged."""
    assert not (await passwords.verify(SENTINEL_TEXT, "not a hash")).matched
