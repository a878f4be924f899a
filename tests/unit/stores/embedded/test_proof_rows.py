"""Proofs that expire."""

from datetime import timedelta

import pytest

from bymax_auth.ports.one_time import PASSWORD_RESET, ResetContext
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from tests.contract.samples import token

LINK = token("link").hash
RESET = ResetContext(user_id="u1", email="ada@example.com", tenant_id="tenant-a", password_fingerprint="f")
MOMENT = timedelta(milliseconds=500)
"""Shorter than the interval at which expired rows are removed."""


@pytest.mark.parametrize("late", [timedelta(0), timedelta(milliseconds=1)])
async def test_a_proof_ends_on_time_and_not_when_its_row_is_removed(late: timedelta) -> None:
    """A link would reset a password after the time that its mail names."""
    clock = FakeClock()
    stores = EmbeddedStores(clock=clock)
    await stores.start()
    await stores.proofs.put(PASSWORD_RESET, LINK, RESET, MOMENT)
    clock.advance(MOMENT + late)
    assert await stores.proofs.consume(PASSWORD_RESET, LINK) is None
    await stores.aclose()
