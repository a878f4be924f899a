"""An enrolment of a second factor beside a new password: what the old password began is nobody's factor."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bymax_auth.config.constants import MFA_LOCK_TTL
from bymax_auth.errors import (
    MfaSetupRequired,
    MfaStateConflict,
    RefreshTokenInvalid,
    RepositoryBackendError,
    StoreUnavailable,
)
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import LoginInput, ResetPasswordInput
from bymax_auth.types.results import AuthResult
from tests.integration.flows.factors import MFA, begun, enable, set_up
from tests.integration.flows.test_forgot_password import proof
from tests.integration.flows.world import CONTEXT, EMAIL, NEW_PASSWORD, PASSWORD, TENANT, World

Replacement = Callable[[World], Awaitable[None]]


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    return worlds(mfa=MFA)


async def by_reset(world: World) -> Replacement:
    token = await proof(world)

    async def reset(world: World) -> None:
        given = {"email": EMAIL, "tenant_id": TENANT, "new_password": NEW_PASSWORD, "token": token}
        await world.engine.reset_password(ResetPasswordInput(**given), CONTEXT)

    return reset


async def by_change(_world: World) -> Replacement:
    async def change(world: World) -> None:
        await world.engine.change_password(
            "u1", tenant_id=TENANT, current_password=PASSWORD, new_password=NEW_PASSWORD
        )

    return change


WAYS = pytest.mark.parametrize("way", [by_reset, by_change])
Way = Callable[[World], Awaitable[Replacement]]


async def signs_in_with_the_new_password_alone(world: World) -> bool:
    given = LoginInput(email=EMAIL, password=NEW_PASSWORD, tenant_id=TENANT)
    return isinstance(await world.engine.login(given, CONTEXT), AuthResult)


@WAYS
@pytest.mark.parametrize("step", ["mfa.read_setup", "mfa.put_setup"])
async def test_a_set_up_in_progress_leaves_no_enrolment(world: World, way: Way, step: str) -> None:
    """Verifying the old password took as long as the reset, and the owner is shown the stranger's secret."""
    view = world.realm(Realm.DASHBOARD)
    replace = await way(world)

    async def meanwhile(_number: int, name: str) -> None:
        if name == step:
            world.trace.before = None
            await replace(world)

    world.trace.before = meanwhile
    with pytest.raises(MfaStateConflict):
        await set_up(view)
    assert await world.stores.mfa.read_setup(world.subject()) is None


@WAYS
@pytest.mark.parametrize("step", ["sessions.revoke_all", "mfa.take_setup"])
async def test_a_confirmation_after_the_write_finds_no_enrolment(world: World, way: Way, step: str) -> None:
    """The stranger's request was past its guard, and its factor keeps the owner out."""
    app = await begun(world, Realm.DASHBOARD)
    replace = await way(world)
    written = False

    async def meanwhile(_number: int, name: str) -> None:
        nonlocal written
        written |= name == "users.update_password"
        if written and name == step:
            world.trace.before = None
            with pytest.raises(MfaSetupRequired):
                await enable(app.view, app.code())

    world.trace.before = meanwhile
    await replace(world)
    assert world.trace.before is None
    assert await signs_in_with_the_new_password_alone(world)


@WAYS
async def test_an_outage_after_the_write_leaves_no_enrolment(world: World, way: Way) -> None:
    """The owner is told that the reset failed, and meanwhile the stranger confirms."""
    app = await begun(world, Realm.DASHBOARD)
    replace = await way(world)
    written = False

    async def meanwhile(_number: int, name: str) -> None:
        nonlocal written
        written |= name == "users.update_password"
        if written and name in {"sessions.revoke_all", "mfa.take_setup"}:
            raise StoreUnavailable

    world.trace.before = meanwhile
    with pytest.raises(StoreUnavailable):
        await replace(world)
    world.trace.before = None
    with pytest.raises(MfaSetupRequired):
        await enable(app.view, app.code())
    assert await signs_in_with_the_new_password_alone(world)


@pytest.mark.parametrize("lasted", [MFA_LOCK_TTL - timedelta(seconds=2), MFA_LOCK_TTL])
async def test_what_another_change_has_written_since_is_not_withdrawn(
    world: World, lasted: timedelta
) -> None:
    """A slow write would erase the factor that the owner has enrolled under the next lock."""
    app = await begun(world, Realm.DASHBOARD)
    reset = await by_reset(world)

    async def meanwhile(_number: int, name: str) -> None:
        if name == "users.update_mfa":
            world.trace.before = None
            await reset(world)
            world.clock.advance(lasted)

    world.trace.clear()
    world.trace.before = meanwhile
    await enable(app.view, app.code())
    assert world.trace.count("users.update_mfa") == 1


async def test_an_account_that_cannot_be_read_again_has_its_factor(world: World) -> None:
    """The factor is written, and sessions from before it would live on."""
    session = await world.login()
    app = await begun(world, Realm.DASHBOARD)

    async def meanwhile(_number: int, name: str) -> None:
        if world.trace.count("users.update_mfa") and name == "users.find_by_id":
            world.trace.before = None
            raise RepositoryBackendError

    world.trace.clear()
    world.trace.before = meanwhile
    await enable(app.view, app.code())
    assert (await world.account(Realm.DASHBOARD)).mfa_enabled
    with pytest.raises(RefreshTokenInvalid):
        await world.engine.refresh(session.refresh_token, CONTEXT)
