"""Values that expire, in the time before their rows are removed."""

from datetime import timedelta

import pytest

from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from tests.contract.samples import account, token


@pytest.mark.parametrize("elapsed", [timedelta(milliseconds=100), timedelta(milliseconds=200)])
async def test_a_value_whose_time_has_passed_is_not_taken(
    stores: EmbeddedStores, clock: FakeClock, elapsed: timedelta
) -> None:
    """The temporary token of a sign-in would work until the next removal of expired rows."""
    owner, temp = account(), token("jti").hash
    await stores.mfa.put_temp(owner, temp, timedelta(milliseconds=100))
    clock.advance(elapsed)
    assert not await stores.mfa.delete_temp(owner, temp)
