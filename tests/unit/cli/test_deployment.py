"""What a deployment runs on, as its environment names it."""

from pathlib import Path

import pytest

from bymax_auth.cli.deployment import Deployment, DeploymentError
from bymax_auth.config import AuthConfig, ConfigError
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.redis import RedisStores

SECRET = "kW7vR2mQx9Zt4LbN8cYp3HsD6fJg1TaE"


def running_on(
    *, database: str | None = None, store: str | None = None, layout: str = "shared"
) -> Deployment:
    return Deployment(config=AuthConfig(), database_url=database, store_url=store, layout=layout)


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


async def test_a_layout_that_is_none_is_refused() -> None:
    """A typing error splits a deployment's sessions in two."""
    with pytest.raises(ConfigError):
        running_on(store="redis://localhost", layout="taged").open_stores()


def test_no_message_shows_a_password() -> None:
    """A password of the database ends up in a log of the deployment."""
    deployment = running_on(database=f"nosuch://auth:{SECRET}@db", store=f"http://auth:{SECRET}@db")
    for refused in (deployment.open_database, deployment.open_stores):
        with pytest.raises(DeploymentError) as caught:
            refused()
        assert SECRET not in str(caught.value)
    assert SECRET not in repr(deployment)
