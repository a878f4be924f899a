"""What a deployment runs on, as its environment names it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.cli.deployment import Deployment, DeploymentError
from bymax_auth.cli.problems import Problems
from bymax_auth.config import AuthConfig, ConfigError
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.redis import Limits, RedisStores

SECRET = "kW7vR2mQx9Zt4LbN8cYp3HsD6fJg1TaE"


def running_on(*, database: str | None = None, store: str | None = None, **more: Any) -> Deployment:
    return Deployment(**{"config": AuthConfig()} | more, database_url=database, store_url=store)


def read_from(environment: dict[str, str]) -> Deployment:
    problems = Problems()
    deployment, _ = Deployment.in_part(environment, problems, profile="nest_compat")
    problems.raise_all()
    return deployment


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


@pytest.mark.parametrize("mode", ["require", "verify-full"])
async def test_an_address_asks_for_tls_as_every_tool_writes_it(mode: str) -> None:
    """The address that a hosting service hands out is refused by the driver."""
    database = running_on(database=f"postgres://auth@db/auth?sslmode={mode}").open_database()
    assert dict(database.connections.url.query) == {"ssl": mode}
    await database.dispose()


@pytest.mark.parametrize("name", ["STORE_URL", "REDIS__NAMESPACE", "DATABASE_URL"])
def test_white_space_around_a_value_is_none_of_it(name: str) -> None:
    """A value from a file ends with a line, and names another place than the one that was meant."""
    read = read_from({f"BYMAX_AUTH_{name}": " shop\n"})
    assert "shop" in {read.store_url, read.namespace, read.database_url}
    assert read_from({f"BYMAX_AUTH_{name}": " "}) == read_from({})


def test_a_name_in_small_letters_is_refused() -> None:
    """Keys go under the default namespace although another one is set."""
    with pytest.raises(DeploymentError, match="BYMAX_AUTH_REDIS__NAMESPACE"):
        read_from({"bymax_auth_redis__namespace": "shop"})


@pytest.mark.parametrize("text", ["0", "-5", "1.5", "soon", "600001", "１０", "9" * 5_000])
def test_a_lock_is_waited_for_as_long_as_the_environment_allows(tmp_path: Path, text: str) -> None:
    """The bound that the log names could not be raised, or a slip would make every lock an outage."""
    deployment = read_from({"BYMAX_AUTH_STORE_BUSY_TIMEOUT_MS": "250"})
    stores: Any = replace(deployment, store_url=f"{tmp_path}/auth.db").open_stores()
    assert stores._database._create.args[-1] == timedelta(milliseconds=250)
    with pytest.raises(DeploymentError, match="BYMAX_AUTH_STORE_BUSY_TIMEOUT_MS"):
        read_from({"BYMAX_AUTH_STORE_BUSY_TIMEOUT_MS": text})


def test_redis_is_waited_for_as_long_as_the_environment_allows() -> None:
    """The bound that the log names could not be raised without a program of one's own."""
    environment = {
        "BYMAX_AUTH_STORE_URL": "redis://localhost",
        "BYMAX_AUTH_REDIS__LIMITS__ANSWER": "0.5",
        "BYMAX_AUTH_REDIS__LIMITS__WAITING": "20",
    }
    stores: Any = read_from(environment).open_stores()
    assert stores._executor._connection._limits == Limits(answer=0.5, waiting=20)
    wrong = {"ANSWER": "soon", "WAITING": "2.5", "QUEUE": "0", "CONNECT": "inf", "CONNECTIONS": "8"}
    deployment = read_from(
        environment | {f"BYMAX_AUTH_REDIS__LIMITS__{name}": text for name, text in wrong.items()}
    )
    with pytest.raises(ConfigError) as refused:
        deployment.open_stores()
    assert refused.value.codes == ("redis_limit_invalid",) * 4
    assert "BYMAX_AUTH_REDIS__LIMITS__CONNECT" in str(refused.value)


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
    """A typing error splits a deployment's sessions in two, or a feed receives no revocation."""
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


def test_a_store_in_memory_is_no_file() -> None:
    """A file of that name appears in the folder that the service happens to run in."""
    with pytest.raises(DeploymentError, match="neither a file path"):
        running_on(store=":memory:").open_stores()


@pytest.mark.parametrize(
    ("database", "store"),
    [
        (f"nosuch://auth:{SECRET}@db", f"http://auth:{SECRET}@db"),
        (f"sqlite+pysqlite://auth:{SECRET}@db", f"redis://:a/{SECRET}@db"),
        (f"postgresql://auth:{SECRET}@db:port/auth", f"redis://:47x#{SECRET}@db"),
        (f"postgresql://auth:{SECRET}@db:port/auth", f"redis://:{SECRET}@[::1:6379"),
        (f"postgresql://auth:{SECRET}@db:port/auth", f"redis+sentinel://:{SECRET}@a:26379/main/zero"),
    ],
)
def test_no_message_shows_a_password(database: str, store: str) -> None:
    """A password of the database ends up in a log of the deployment."""
    deployment = running_on(database=database, store=store)
    for refused in (deployment.open_database, deployment.open_stores):
        with pytest.raises((ConfigError, DeploymentError)) as caught:
            refused()
        assert SECRET not in str(caught.value)
    assert SECRET not in repr(deployment)
