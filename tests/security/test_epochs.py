"""A revocation outlives every token that it revokes (I-21)."""

from datetime import timedelta

import pytest

from bymax_auth.config import ConfigError
from bymax_auth.errors import AuthError
from bymax_auth.types.identity import Realm
from tests.integration.flows.journeys import BUILD
from tests.integration.flows.world import PASSWORD, build_world

MONTH = timedelta(days=30)
DAY = timedelta(days=1)
BUMPS = (0, 29, 58)


@pytest.mark.parametrize("realm", list(Realm))
async def test_a_revoked_token_never_comes_back(realm: Realm) -> None:
    """A token of a stolen phone would work again once the note of its revocation is forgotten."""
    world = build_world(jwt={"access_ttl": MONTH}, **BUILD)
    await world.change_account(realm, password_hash=f"plain:{PASSWORD}")
    view, subject, revocation = world.realm(realm), world.subject(realm), world.engine.stores.revocation
    issued: list[tuple[int, int, str]] = []
    for day in range(62):
        issued.append((day, await revocation.current_epoch(subject), (await world.login(realm)).access_token))
        if day in BUMPS:
            await revocation.bump_epoch(subject)
        epoch = await revocation.current_epoch(subject)
        assert epoch == sum(day >= bumped for bumped in BUMPS), "an epoch never steps back"
        for born, born_at, token in issued:
            if born_at < epoch:
                with pytest.raises(AuthError):
                    await view.flows.authenticate(token)
            elif day - born < MONTH.days:
                await view.flows.authenticate(token)
        world.clock.advance(DAY)
    await world.engine.aclose()


@pytest.mark.parametrize("realm", list(Realm))
async def test_a_token_of_the_last_day_is_refused_to_its_end(realm: Realm) -> None:
    """Revocations a month apart must cover whatever was issued between them, however long it lives."""
    world = build_world(jwt={"access_ttl": MONTH}, **BUILD)
    await world.change_account(realm, password_hash=f"plain:{PASSWORD}")
    view, revocation = world.realm(realm), world.engine.stores.revocation
    token = (await world.login(realm)).access_token
    await revocation.bump_epoch(world.subject(realm))
    world.clock.advance(MONTH - timedelta(seconds=1))
    with pytest.raises(AuthError):
        await view.flows.authenticate(token)
    assert await revocation.current_epoch(world.subject(realm)) == 1
    await world.engine.aclose()


def test_no_token_may_live_longer_than_an_epoch_is_kept() -> None:
    """A token of two months would outlive the note that it was revoked."""
    with pytest.raises(ConfigError) as refused:
        build_world(jwt={"access_ttl": MONTH + timedelta(seconds=1)})
    assert "jwt.access_ttl" in [problem.option for problem in refused.value.problems]


def test_a_new_signing_key_needs_the_name_of_the_old_accounts() -> None:
    """Renaming every account with the key would lose every revocation, while the old key still verifies."""
    old = "Zq8sT2mXz4Lw9RbN6cKd1YfHjG3pE7uB"
    with pytest.raises(ConfigError) as refused:
        build_world(jwt={"previous_secrets": (old,)})
    assert any("identifier" in problem.code for problem in refused.value.problems)
