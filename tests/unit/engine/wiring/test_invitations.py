"""The invitation flows of an engine whose stores keep no invitations."""

from typing import Any

import pytest

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import StoreUnavailable
from bymax_auth.testing import TEST_TENANT, build_engine
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import AcceptInvitationInput


async def test_without_a_store_nothing_is_invited_and_nobody_is_let_in() -> None:
    """A bundle that a host composes need not keep invitations while they are off."""
    ready = build_engine()
    bundle: Any = ready.stores
    bundle.invitations = None
    engine = AuthEngine(
        ready.engine.config.auth, users=ready.users, stores=bundle, platform_users=ready.admins
    )
    boss = ready.add_user(role="ADMIN")
    given = AcceptInvitationInput(token="0" * 64, name="Gus", password="lantern-orbit-velvet-92")
    async with engine:
        for call in (
            engine.invite(boss.id, tenant_id=TEST_TENANT, email="guest@example.com", role="USER"),
            engine.revoke_invitation(boss.id, tenant_id=TEST_TENANT, email="guest@example.com"),
            engine.accept_invitation(given, RequestContext()),
        ):
            with pytest.raises(StoreUnavailable):
                await call
