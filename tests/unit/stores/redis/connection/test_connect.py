"""What an address of Redis leads to; nothing connects here."""

from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.sentinel import SentinelConnectionPool

from bymax_auth.config.problems import ConfigError
from bymax_auth.stores.redis import Limits, RedisStores
from bymax_auth.stores.redis.connection.connect import connect
from bymax_auth.types.identity import KeyLayout


def repeats(policy: Any) -> int:
    """How often a client sends a command again, for which older drivers have no public name."""
    return int(policy._retries)


@pytest.mark.parametrize(
    "url", ["redis://localhost:6379/3", "rediss://u:p@localhost", "unix:///run/redis.sock"]
)
def test_one_redis_is_waited_for_briefly_and_never_asked_twice(url: str) -> None:
    """A repeated command that had run would count one wrong password twice."""
    client = connect(url, Limits(connections=7, queue=0.5))
    assert isinstance(client, Redis)
    pool: Any = client.connection_pool
    assert (pool.max_connections, pool.timeout) == (7, 0.5)
    settings = pool.connection_kwargs
    assert (settings["socket_timeout"], settings["socket_connect_timeout"]) == (2.0, 2.0)
    assert repeats(settings["retry"]) == 0
    assert settings["client_name"] == "bymax-auth"


@pytest.mark.parametrize("url", ["redis+cluster://localhost:7000", "rediss+cluster://localhost:7000"])
def test_a_cluster_has_a_client_of_its_own(url: str) -> None:
    """A plain client would answer every second request with a redirection."""
    client = connect(url, Limits())
    assert isinstance(client, RedisCluster)
    assert repeats(client.retry) == 0
    assert getattr(client, "cluster_error_retry_attempts", 0) == 0


def test_sentinels_name_the_master() -> None:
    """A failover would leave the application with the machine that died."""
    client = connect("redis+sentinel://user:se%40cret@10.0.0.1:26379,10.0.0.2:26379/main/2", Limits())
    assert isinstance(client, Redis)
    pool = client.connection_pool
    assert isinstance(pool, SentinelConnectionPool)
    assert pool.service_name == "main"
    settings: Any = pool.connection_kwargs
    assert (settings["db"], settings["username"], settings["password"]) == (2, "user", "se@cret")


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "localhost:6379",
        "",
        "redis+sentinel://10.0.0.1:26379",
        "redis+sentinel://10.0.0.1/main",
        "redis+sentinel://10.0.0.1:26379/main/first",
        "redis://:a/s3cret@localhost:6379/0",
        "redis+cluster://:a/s3cret@localhost:6379",
        "redis://[::1:6379/0",
        "redis://localhost:6379/0?sockettimeout=s3cret",
        "redis://localhost:6379/0?socket_timeout=s3cret",
        "redis+cluster://localhost:6379?sockettimeout=s3cret",
    ],
)
def test_any_other_address_is_refused_with_what_to_write(url: str) -> None:
    """A typing mistake would show as a timeout at the first sign-in."""
    with pytest.raises(ConfigError) as refused:
        connect(url, Limits())
    assert refused.value.codes == ("redis_url_invalid",)
    assert "s3cret" not in f"{refused.value!s}{refused.value!r}"
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_cluster_refuses_what_it_cannot_serve() -> None:
    """Every sign-in would be refused, for keys that lie on different machines."""
    with pytest.raises(ConfigError) as refused:
        RedisStores.from_url("redis+cluster://localhost:7000")
    assert refused.value.codes == ("cluster_needs_tagged_layout",)
    with pytest.raises(ConfigError) as refused:
        RedisStores.from_url("redis+cluster://localhost:7000", layout="tagged", wait_replicas=1)
    assert refused.value.codes == ("cluster_cannot_wait",)


def test_a_layout_or_a_revocation_that_does_not_exist_is_refused() -> None:
    """A misspelled one would be taken for the default."""
    with pytest.raises(ConfigError) as refused:
        RedisStores.from_url("redis://localhost", layout="taged")
    assert refused.value.codes == ("redis_layout_invalid",)
    with pytest.raises(ConfigError) as refused:
        RedisStores.from_url("redis://localhost", revocation="fed")
    assert refused.value.codes == ("redis_revocation_invalid",)


def test_the_environment_says_where_redis_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container would need code to learn its address."""
    monkeypatch.setenv("BYMAX_AUTH_REDIS__URL", "redis://localhost:6379/0")
    assert RedisStores.from_env().layout is KeyLayout.SHARED
    monkeypatch.setenv("BYMAX_AUTH_REDIS__NAMESPACE", "shop")
    monkeypatch.setenv("BYMAX_AUTH_REDIS__LAYOUT", "tagged")
    assert RedisStores.from_env().layout is KeyLayout.TAGGED
    assert RedisStores.from_env().feed is None
    monkeypatch.setenv("BYMAX_AUTH_REDIS__REVOCATION", "feed")
    assert RedisStores.from_env().feed is not None


def test_an_environment_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application would sign people in on whatever Redis happens to be near."""
    monkeypatch.delenv("BYMAX_AUTH_REDIS__URL", raising=False)
    with pytest.raises(ConfigError) as refused:
        RedisStores.from_env()
    assert refused.value.codes == ("redis_url_invalid",)


def test_the_environment_sets_limits() -> None:
    """An operator on a slow network could not wait longer without code."""
    given = {"BYMAX_AUTH_REDIS__LIMITS__ANSWER": "3.5", "BYMAX_AUTH_REDIS__LIMITS__WAITING": "20"}
    assert Limits.from_env(given) == Limits(answer=3.5, waiting=20)


@pytest.mark.parametrize("text", ["soon", "0", "-1", "inf", "nan"])
def test_a_limit_that_is_no_number_above_zero_is_refused(text: str) -> None:
    """A command would wait for ever, or never."""
    names = ("connect", "answer", "queue", "connections", "waiting")
    with pytest.raises(ConfigError) as refused:
        Limits.from_env({f"BYMAX_AUTH_REDIS__LIMITS__{name.upper()}": text for name in names})
    assert refused.value.codes == ("redis_limit_invalid",) * len(names)
