"""
A deployment as its environment variables describe it: configuration, database and stores.

    BYMAX_AUTH_…                 every option, as `AuthConfig.from_env` reads it
    BYMAX_AUTH_DATABASE_URL      the accounts: a SQLAlchemy URL, such as
                                 postgresql://auth@db/auth or sqlite:////var/lib/app/users.db
    BYMAX_AUTH_STORE_URL         sessions and counters: the path of a file, the same as sqlite:///,
                                 or redis://, rediss://, unix://, redis+cluster://, …
    BYMAX_AUTH_REDIS__NAMESPACE  the prefix of every Redis key (auth)
    BYMAX_AUTH_REDIS__LAYOUT     the format of Redis keys: shared or tagged (shared)
    BYMAX_AUTH_REDIS__REVOCATION how revocations are checked: in Redis for each request, or in the
                                 process's revocation cache: read_through or feed (read_through)
    BYMAX_AUTH_REDIS__LIMITS__…  how long a request waits for Redis: CONNECT, ANSWER and QUEUE in
                                 seconds, CONNECTIONS and WAITING as numbers
    BYMAX_AUTH_STORE_BUSY_TIMEOUT_MS  how long an operation waits for a locked file (5000)

No message of this module contains an address, because it may contain a password.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bymax_auth.cli.problems import DeploymentError, Problems, text_of
from bymax_auth.config import AuthConfig, Environment
from bymax_auth.config.partial import config_in_part
from bymax_auth.config.profiles import Profile
from bymax_auth.ports.stores import AuthStores
from bymax_auth.repositories.sqlalchemy import (
    SqlAlchemyPlatformUserRepository,
    SqlAlchemyUserRepository,
    audit_metadata,
)
from bymax_auth.repositories.sqlalchemy.creation import create_missing_tables, missing_tables
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.private_files import create_private, exposed_files

__all__ = [
    "DATABASE_URL",
    "Database",
    "Deployment",
    "DeploymentError",
    "connections_to",
    "exposure",
    "open_database",
]

DATABASE_URL: Final = "BYMAX_AUTH_DATABASE_URL"
_EXAMPLE: Final = "Example: postgresql://auth@localhost/auth"
_STORE: Final = "BYMAX_AUTH_STORE_URL"
_NAMESPACE: Final = "BYMAX_AUTH_REDIS__NAMESPACE"
_LAYOUT: Final = "BYMAX_AUTH_REDIS__LAYOUT"
_REVOCATION: Final = "BYMAX_AUTH_REDIS__REVOCATION"
_BUSY_TIMEOUT: Final = "BYMAX_AUTH_STORE_BUSY_TIMEOUT_MS"
_LIMITS: Final = "BYMAX_AUTH_REDIS__LIMITS__"
_NAMES: Final = frozenset(
    {
        DATABASE_URL,
        _STORE,
        _NAMESPACE,
        _LAYOUT,
        _REVOCATION,
        _BUSY_TIMEOUT,
        *(f"{_LIMITS}{name}" for name in ("CONNECT", "ANSWER", "QUEUE", "CONNECTIONS", "WAITING")),
    }
)

_UNKNOWN_ID: Final = "readiness"

_ASYNCPG: Final = "postgresql+asyncpg"
_ASYNCPG_TIMEOUTS: Final = {"timeout": 5.0, "command_timeout": 10.0}
"""Seconds for a connection and for a statement; the driver's default is to wait for the network."""
_POOL_TIMEOUT_SECONDS: Final = 10.0

_ASYNC_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": _ASYNCPG,
    "postgresql": _ASYNCPG,
}
_FILE: Final = "sqlite:///"
_MILLISECONDS: Final = re.compile("[1-9][0-9]{0,5}")
_DEFAULT_TIMEOUT_MS: Final = 5000
_LONGEST_TIMEOUT_MS: Final = 600_000
_REDIS: Final = ("redis://", "rediss://", "unix://", "redis+", "rediss+")


@dataclass(frozen=True, slots=True)
class Database:
    """The account repository of a deployment, and its connection pool."""

    users: SqlAlchemyUserRepository
    connections: AsyncEngine

    @property
    def administrators(self) -> SqlAlchemyPlatformUserRepository:
        """The platform's administrators, in the same database."""
        return SqlAlchemyPlatformUserRepository(async_sessionmaker(self.connections))

    @property
    def exposed_files(self) -> tuple[str, ...]:
        """The files of an SQLite database that every user of the machine may read or change."""
        file = _sqlite_file(self.connections.url)
        return () if file is None else exposed_files(file)

    async def dispose(self) -> None:
        """Close every connection.  Idempotent."""
        await self.connections.dispose()

    async def read_once(self) -> None:
        """
        Read an account that does not exist.

        Raises:
            RepositoryBackendError: The database is unreachable, or its tables are missing.
        """
        await self.users.find_by_id(_UNKNOWN_ID, tenant_id=_UNKNOWN_ID)

    async def missing_tables(self, names: Iterable[str]) -> tuple[str, ...]:
        """
        Return the tables of `names` that the database does not have.

        Raises:
            RepositoryBackendError: The database is unreachable.
        """
        return await missing_tables(self.connections, names)

    async def create_missing_tables(self, *, audit: bool = False) -> tuple[str, ...]:
        """
        Create the tables that the database does not have, and return their names.

        Args:
            audit: Whether the audit log's table is wanted as well.

        Raises:
            RepositoryBackendError: The database is unreachable, or refuses to create a table.
        """
        made = await create_missing_tables(self.connections)
        return (*made, *await create_missing_tables(self.connections, audit_metadata)) if audit else made


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The settings of a deployment; no connection is opened yet."""

    config: AuthConfig
    database_url: str | None = field(repr=False)
    store_url: str | None = field(repr=False)
    namespace: str = "auth"
    layout: str = "shared"
    revocation: str = "read_through"
    busy_timeout_ms: int = _DEFAULT_TIMEOUT_MS
    redis_limits: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def in_part(
        cls, environ: Mapping[str, str], problems: Problems, *, profile: Profile
    ) -> tuple[Self, frozenset[str]]:
        """
        Return what can be read, and the options that cannot; their problems are added to `problems`.

        The configuration is read from this process's environment.
        """
        problems.add(_wrong_case(environ))
        config, found = problems.attempt(lambda: config_in_part(profile), (AuthConfig(), ()))
        problems.add(map(text_of, found))
        given = {name: text.strip() for name, text in environ.items() if name in _NAMES}
        deployment = cls(
            config=config,
            database_url=given.get(DATABASE_URL) or None,
            store_url=given.get(_STORE) or None,
            namespace=given.get(_NAMESPACE) or "auth",
            layout=given.get(_LAYOUT) or "shared",
            revocation=given.get(_REVOCATION) or "read_through",
            busy_timeout_ms=problems.attempt(lambda: _busy_timeout(given), _DEFAULT_TIMEOUT_MS),
            redis_limits={name: text for name, text in given.items() if name.startswith(_LIMITS)},
        )
        return deployment, frozenset(one.option for one in found)

    def open_database(self, *, base_role: str = "USER") -> Database:
        """
        Return the account repository; its first use opens a connection.

        Args:
            base_role: The role of an account that is created without one.

        Raises:
            DeploymentError: The URL is missing or invalid, or its driver is not installed.
        """
        return open_database(self.database_url, base_role=base_role)

    def open_stores(self) -> AuthStores:
        """
        Return the stores; `start` opens them.

        Raises:
            DeploymentError: The URL is missing, or its scheme is unknown.
            ConfigError: The Redis URL, namespace, layout, revocation mode or a limit is invalid.
        """
        url = self.store_url
        if url is None:
            raise DeploymentError(f"{_STORE} is not set. Example: /var/lib/app/auth.db")
        if url.startswith(_REDIS):
            return self._redis(url)
        path = url.removeprefix(_FILE)
        if not path or "://" in path or path == ":memory:":
            raise DeploymentError(f"{_STORE} is neither a file path nor a Redis URL.")
        return EmbeddedStores(path, busy_timeout_ms=self.busy_timeout_ms)

    def _redis(self, url: str) -> AuthStores:
        try:
            from bymax_auth.stores.redis import FeedLimits, Limits, RedisStores
        except ImportError:
            raise DeploymentError(f"{_STORE} needs the extra: pip install 'bymax-auth[redis]'") from None
        feed = FeedLimits.covering(self.config.jwt.access_ttl) if self.revocation == "feed" else None
        return RedisStores.from_url(
            url,
            namespace=self.namespace,
            layout=self.layout,
            revocation=feed or self.revocation,
            limits=Limits.from_env(self.redis_limits),
        )


def open_database(url: str | None, *, base_role: str = "USER") -> Database:
    """
    Return the account repository at a URL; its first use opens a connection.

    Args:
        url: The value of ``BYMAX_AUTH_DATABASE_URL``.
        base_role: The role of an account that is created without one.

    Raises:
        DeploymentError: The URL is missing or invalid, or its driver is not installed.
    """
    if url is None:
        raise DeploymentError(f"{DATABASE_URL} is not set. {_EXAMPLE}")
    try:
        connections = connections_to(make_url(url))
    except ImportError as error:
        raise DeploymentError(f"{DATABASE_URL} needs a driver: {error.name} is not installed.") from None
    except InvalidRequestError:
        raise DeploymentError(
            f"{DATABASE_URL} names a driver that is not asynchronous. Leave it out: postgresql://, sqlite:///"
        ) from None
    except (ArgumentError, ValueError):
        raise DeploymentError(f"{DATABASE_URL} is not a database URL. {_EXAMPLE}") from None
    users = SqlAlchemyUserRepository(async_sessionmaker(connections), base_role=base_role)
    return Database(users, connections)


def exposure(config: AuthConfig, database: Database | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return problems, in production, or else warnings, for files of the database that everybody may read."""
    files = () if database is None else database.exposed_files
    if not files:
        return (), ()
    text = f"every user of this machine may read or change {', '.join(files)}"
    hint = f"Run: chmod o-rwx {' '.join(files)}"
    if config.environment is Environment.PRODUCTION:
        return (f"{DATABASE_URL}: {text} [database_file_exposed]\n{hint}",), ()
    return (), (f"{DATABASE_URL}: {text}, which production refuses. {hint}",)


def _wrong_case(environ: Mapping[str, str]) -> Iterator[str]:
    for name in environ:
        if name.upper() in _NAMES and name not in _NAMES:
            yield f"{name} must be in upper case: {name.upper()}"


def _busy_timeout(given: Mapping[str, str]) -> int:
    """Return how many milliseconds an operation waits for a locked file."""
    text = given.get(_BUSY_TIMEOUT) or str(_DEFAULT_TIMEOUT_MS)
    if _MILLISECONDS.fullmatch(text) is None or int(text) > _LONGEST_TIMEOUT_MS:
        raise DeploymentError(f"{_BUSY_TIMEOUT} is not a number of milliseconds from 1 to 600000.")
    return int(text)


def connections_to(url: URL) -> AsyncEngine:
    """Return the connections to a database; a scheme without a driver gets the asynchronous one."""
    url = url.set(drivername=_ASYNC_DRIVERS.get(url.drivername, url.drivername))
    file = _sqlite_file(url)
    if file is not None:
        connections = create_async_engine(url)
        # SQLite would create the file with the mode of the umask, and password hashes are in it.
        event.listen(connections.sync_engine, "do_connect", lambda *_: create_private(file))
        return connections
    if url.drivername != _ASYNCPG:
        return create_async_engine(url)
    if "sslmode" in url.query:
        # libpq's name for asyncpg's option `ssl`; the values are the same.
        mode = url.query["sslmode"]
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return create_async_engine(url, connect_args=dict(_ASYNCPG_TIMEOUTS), pool_timeout=_POOL_TIMEOUT_SECONDS)


def _sqlite_file(url: URL) -> Path | None:
    """Return the file of an SQLite database, or ``None`` for another database or one in memory."""
    name = url.database or ":memory:"
    if url.get_backend_name() != "sqlite" or name == ":memory:" or name.startswith("file:"):
        return None
    return Path(name)
