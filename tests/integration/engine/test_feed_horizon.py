"""How long the access tokens of an engine may live on stores that answer from a feed."""

from datetime import timedelta
from typing import Literal

import pytest
from redis.asyncio import Redis

from bymax_auth import AuthEngine, ConfigError
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.redis import FeedLimits, RedisStores
from tests.integration.flows.world import config_of

HALF_AN_HOUR = FeedLimits(horizon=timedelta(minutes=30))


def engine_of(revocation: Literal["read_through", "feed"] | FeedLimits, access_ttl: int) -> AuthEngine:
    return AuthEngine(
        config_of(platform={"enabled": False}, jwt={"access_ttl": access_ttl}),
        users=InMemoryUserRepository(),
        stores=RedisStores(Redis(), revocation=revocation),
    )


@pytest.mark.parametrize(("revocation", "longest"), [("feed", 3540), (HALF_AN_HOUR, 1740)])
async def test_a_feed_that_forgets_before_a_token_ends_is_refused(
    revocation: Literal["feed"] | FeedLimits, longest: int
) -> None:
    """A token taken back early in its life would be let in again before its end."""
    with pytest.raises(ConfigError) as refusal:
        engine_of(revocation, longest + 1)
    assert refusal.value.codes == ("feed_horizon_too_short",)
    assert refusal.value.problems[0].details == {"access": longest + 1, "longest": longest}
    await engine_of(revocation, longest).aclose()


async def test_a_deployment_without_a_feed_has_no_such_limit() -> None:
    """Tokens of an hour would not start on stores that ask Redis about each of them."""
    await engine_of("read_through", 7200).aclose()
