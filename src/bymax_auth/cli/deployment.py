"""
What a deployment's environment says: its configuration, its database and its stores.

    BYMAX_AUTH_…                 every option, as `AuthConfig.from_env` reads it
    BYMAX_AUTH_DATABASE_URL      where the accounts are: a SQLAlchemy address, as
                                 postgresql://auth@db/auth or sqlite:////var/lib/app/users.db
    BYMAX_AUTH_STORE_URL         where sessions and counters are: the path of a file, the same as
                                 sqlite:///, or redis://, rediss://, unix://, redis+cluster://, …
    BYMAX_AUTH_REDIS__NAMESPACE  what every Redis key begins with (auth)
    BYMAX_AUTH_REDIS__LAYOUT     how Redis keys are spelled: shared or tagged (shared)
    BYMAX_AUTH_REDIS__REVOCATION whether each request asks Redis, or the memory of a feed:
                                 read_through or feed (read_through)

No message of this module holds an address: one may carry a password.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bymax_auth.config import AuthConfig
from bymax_auth.config.profiles import Profile
from bymax_auth.ports.stores import AuthStores
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository
from bymax_auth.stores.embedded import EmbeddedStores

__all__ = ["Database", "Deployment", "DeploymentError"]

_DATABASE: Final = "BYMAX_AUTH_DATABASE_URL"
_STORE: Final = "BYMAX_AUTH_STORE_URL"
_NAMESPACE: Final = "BYMAX_AUTH_REDIS__NAMESPACE"
_LAYOUT: Final = "BYMAX_AUTH_REDIS__LAYOUT"
_REVOCATION: Final = "BYMAX_AUTH_REDIS__REVOCATION"
_NAMES: Final = frozenset({_DATABASE, _STORE, _NAMESPACE, _LAYOUT, _REVOCATION})

_ASYNCPG: Final = "postgresql+asyncpg"
_ASYNCPG_TIMEOUTS: Final = {"timeout": 5.0, "command_timeout": 10.0}
"""Seconds for a connection and for a statement; by itself the driver waits for the network's own limits."""
_POOL_TIMEOUT_SECONDS: Final = 10.0

_ASYNC_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": _ASYNCPG,
    "postgresql": _ASYNCPG,
}
_FILE: Final = "sqlite:///"
_REDIS: Final = ("redis://", "rediss://", "unix://", "redis+", "rediss+")


class DeploymentError(Exception):
    """The environment does not say enough, or something it cannot mean; the message is one line."""


@dataclass(frozen=True, slots=True)
class Database:
    """The accounts of a deployment, and the connections they are reached through."""

    users: SqlAlchemyUserRepository
    connections: AsyncEngine

    async def dispose(self) -> None:
        """Close every connection.  Idempotent."""
        await self.connections.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment as its environment describes it; nothing is opened yet."""

    config: AuthConfig
    database_url: str | None = field(repr=False)
    store_url: str | None = field(repr=False)
    namespace: str = "auth"
    layout: str = "shared"
    revocation: str = "read_through"

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, profile: Profile = "nest_compat") -> Self:
        """
        Return the deployment; the configuration comes from the environment of this process.

        Raises:
            ConfigError: A variable is unknown or has the wrong type.
            DeploymentError: One of a deployment's own variables is not written in capitals.
        """
        for name in environ:
            if name.upper() in _NAMES and name not in _NAMES:
                raise DeploymentError(f"{name} is written in capitals: {name.upper()}")
        given = {name: text.strip() for name, text in environ.items() if name in _NAMES}
        return cls(
            config=AuthConfig.from_env(profile=profile),
            database_url=given.get(_DATABASE) or None,
            store_url=given.get(_STORE) or None,
            namespace=given.get(_NAMESPACE) or "auth",
            layout=given.get(_LAYOUT) or "shared",
            revocation=given.get(_REVOCATION) or "read_through",
        )

    def open_database(self, *, base_role: str = "USER") -> Database:
        """
        Return the accounts; a connection is made by the first use.

        Args:
            base_role: The role of an account that is created without one.

        Raises:
            DeploymentError: There is no address, it is not one, or its driver is not installed.
        """
        if self.database_url is None:
            raise DeploymentError(f"{_DATABASE} is not set. Example: postgresql://auth@localhost/auth")
        try:
            connections = _connections(make_url(self.database_url))
        except ImportError as error:
            raise DeploymentError(f"{_DATABASE} needs a driver: {error.name} is not installed.") from None
        except InvalidRequestError:
            raise DeploymentError(
                f"{_DATABASE} names a driver that is not asynchronous. Leave it out: postgresql://, sqlite:///"
            ) from None
        except (ArgumentError, ValueError):
            raise DeploymentError(f"{_DATABASE} is not the address of a database.") from None
        users = SqlAlchemyUserRepository(async_sessionmaker(connections), base_role=base_role)
        return Database(users, connections)

    def open_stores(self) -> AuthStores:
        """
        Return the stores; `start` opens them.

        Raises:
            DeploymentError: There is no address, or one of a kind that is not known.
            ConfigError: The address of a Redis, its namespace, its layout or its revocation does not fit.
        """
        url = self.store_url
        if url is None:
            raise DeploymentError(f"{_STORE} is not set. Example: /var/lib/app/auth.db")
        if url.startswith(_REDIS):
            return self._redis(url)
        path = url.removeprefix(_FILE)
        if not path or "://" in path or path == ":memory:":
            raise DeploymentError(f"{_STORE} is neither the path of a file nor the address of a Redis.")
        return EmbeddedStores(path)

    def _redis(self, url: str) -> AuthStores:
        try:
            from bymax_auth.stores.redis import FeedLimits, RedisStores
        except ImportError:
            raise DeploymentError(f"{_STORE} needs the extra: pip install 'bymax-auth[redis]'") from None
        feed = FeedLimits.covering(self.config.jwt.access_ttl) if self.revocation == "feed" else None
        return RedisStores.from_url(
            url, namespace=self.namespace, layout=self.layout, revocation=feed or self.revocation
        )


def _connections(url: URL) -> AsyncEngine:
    url = url.set(drivername=_ASYNC_DRIVERS.get(url.drivername, url.drivername))
    if url.drivername != _ASYNCPG:
        return create_async_engine(url)
    if "sslmode" in url.query:
        # What every other tool calls it; the values are the same.
        mode = url.query["sslmode"]
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return create_async_engine(url, connect_args=dict(_ASYNCPG_TIMEOUTS), pool_timeout=_POOL_TIMEOUT_SECONDS)
