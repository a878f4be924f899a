"""Whether the login that a request was bound to goes on."""

import pytest

from bymax_auth.services.login_bindings import LoginBinding, LoginBindings
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.identity import KeyLayout
from tests.contract.samples import FAMILY, account, sign_in


@pytest.mark.parametrize(("epoch", "goes_on"), [(0, False), (1, True), (2, False)])
async def test_a_login_goes_on_while_the_epoch_is_that_of_its_binding(
    stores: EmbeddedStores, epoch: int, goes_on: bool
) -> None:
    """A store that was put back to an older state does not know what was revoked since."""
    await stores.revocation.bump_epoch(account())
    await sign_in(stores, account(), "mine")
    bindings = LoginBindings(stores.sessions, stores.revocation, KeyLayout.SHARED)
    assert await bindings.goes_on(account(), LoginBinding(FAMILY, epoch)) is goes_on
