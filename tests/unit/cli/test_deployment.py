"""What a deployment runs on, as its environment names it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.cli.deployment import Deployment, DeploymentError
from bymax_auth.config import AuthConfig, ConfigError
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.redis import RedisStores

SECRET = "kW7vR2mQx9Zt4LbN8cYp3HsD6fJg1TaE"


def running_on(*, database: str | None = None, store: str | None = None, **more: Any) -> Deployment:
    return Deployment(**{"config": AuthConfig()} | more, database_url=database, store_url=store)


@pytest.mark.parametrize(
    ("named", "used"),
    [
        ("sqlite:///users.db", "sqlite+aiosqlite"),
        ("postgres://auth@db/auth", "postgresql+asyncpg"),
        ("postgresql://auth@db/auth", "postgresql+asyncpg"),
        ("postgresql+asyncpg://auth@db/auth", "postgresql+asyncpg"),
    ],
)
async def test_an_address_as_hosting_services_write_it_is_enough(named: str, used: str) -> None:
    """The address that a database's own tools take is refused for want of a driver's name."""
    database = running_on(database=named).open_database()
    assert database.connections.url.drivername == used
    await database.dispose()


@pytest.mark.parametrize("prefix", ["", "sqlite:///"])
async def test_a_file_may_be_named_either_way(tmp_path: Path, prefix: str) -> None:
    """Sessions go to a file that nobody named."""
    stores = running_on(store=f"{prefix}{tmp_path}/auth.db").open_stores()
    assert isinstance(stores, EmbeddedStores)
    await stores.start()
    await stores.aclose()
    assert (tmp_path / "auth.db").is_file()


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
async def test_a_redis_is_reached_by_its_address(scheme: str) -> None:
    """A deployment on Redis keeps its sessions in a file called redis."""
    stores = running_on(store=f"{scheme}://localhost:6379/0", layout="tagged").open_stores()
    assert isinstance(stores, RedisStores)
    assert stores.layout.value == "tagged"
    await stores.aclose()


@pytest.mark.parametrize(
    ("store", "more", "code"),
    [
        ("redis://localhost", {"layout": "taged"}, "redis_layout_invalid"),
        ("redis://localhost", {"revocation": "fed"}, "redis_revocation_invalid"),
        (
            "redis+cluster://localhost:7000",
            {"layout": "tagged", "revocation": "feed"},
            "feed_needs_one_redis",
        ),
    ],
)
async def test_what_a_redis_cannot_be_is_refused(store: str, more: dict[str, str], code: str) -> None:
    """A typing error splits a deployment's sessions in two, or a feed hears of no revocation."""
    with pytest.raises(ConfigError) as refused:
        running_on(store=store, **more).open_stores()
    assert refused.value.codes == (code,)


@pytest.mark.parametrize(("minutes", "longest"), [(15, 59), (120, 120)])
async def test_a_feed_covers_the_tokens_of_its_configuration(minutes: int, longest: int) -> None:
    """A service with tokens of two hours could not use the feed, which only code can tell about them."""
    config = AuthConfig.nest_compat_defaults(jwt={"access_ttl": 60 * minutes})
    stores = running_on(store="redis://localhost", config=config, revocation="feed").open_stores()
    assert stores.longest_access_ttl == timedelta(minutes=longest)
    await stores.aclose()
    plain = running_on(store="redis://localhost", config=config).open_stores()
    assert plain.longest_access_ttl is None
    await plain.aclose()


def test_no_message_shows_a_password() -> None:
    """A password of the database ends up in a log of the deployment."""
    deployment = running_on(database=f"nosuch://auth:{SECRET}@db", store=f"http://auth:{SECRET}@db")
    for refused in (deployment.open_database, deployment.open_stores):
        with pytest.raises(DeploymentError) as caught:
            refused()
        assert SECRET not in str(caught.value)
    assert SECRET not in repr(deployment)
