"""Passwords whose hashes another system has made."""

from datetime import timedelta

import pytest

from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.imported.importer import HashImporter, as_typed
from bymax_auth.testing import FakeClock
from tests.unit.services.test_passwords import CHEAP, Setting, seconds_of_a_refusal, setting

__all__ = ["setting"]


class SlowHash:
    """A hash that takes a second, as far as the clock can tell, and is of no password."""

    cost = "slow"
    working_set_mib = 1
    within_limits = True

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def matches(self, password: bytes) -> bool:
        self._clock.advance(timedelta(seconds=1))
        return False


async def test_the_minimum_duration_covers_the_formats_that_are_imported(setting: Setting) -> None:
    """Accounts that have not signed in since the import would be refused last, and so be named."""
    slow = SlowHash(setting.clock)
    importer = HashImporter(
        read=lambda stored: slow if stored == "slow" else None, sample="slow", encode=as_typed
    )
    passwords = setting.hashing_with(PasswordHasher(CHEAP, importers=(importer,)))

    assert await seconds_of_a_refusal(setting, passwords) == pytest.approx(1.5)
