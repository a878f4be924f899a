"""
The tables of both repositories.

`metadata` is for a host's migrations: the library itself never creates or alters a table.
Addresses are unique case-insensitively; a host with its own table names or mapped classes must
keep the same constraints.
"""

from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from bymax_auth.repositories.sqlalchemy.folding import ON_MYSQL, Folded

__all__ = [
    "bounded",
    "identities",
    "identities_table",
    "metadata",
    "moment",
    "platform_users",
    "platform_users_table",
    "unbounded",
    "users",
    "users_table",
]

_CHARACTERS: Final = "utf8mb4"
_EXACT: Final = "utf8mb4_bin"
_WITHOUT_CASE: Final = "utf8mb4_unicode_ci"


def bounded(length: int, *, any_case: bool = False) -> TypeEngine[Any]:
    """
    Return the type of a text in a key: without a bound, except on MySQL and MariaDB.

    Args:
        length: The bound there, in characters.
        any_case: Compare without regard to case there, where an index on an expression does it elsewhere.
    """
    collation = _WITHOUT_CASE if any_case else _EXACT
    return Text().with_variant(mysql.VARCHAR(length, charset=_CHARACTERS, collation=collation), *ON_MYSQL)


def unbounded() -> TypeEngine[Any]:
    """Return the type of a text in no key; on MySQL and MariaDB for every character, compared exactly."""
    return Text().with_variant(mysql.TEXT(charset=_CHARACTERS, collation=_EXACT), *ON_MYSQL)


def moment() -> TypeEngine[Any]:
    """Return the type of an instant, to the microsecond."""
    return DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), *ON_MYSQL)


def users_table(into: MetaData, name: str = "auth_users") -> Table:
    """Return the table of dashboard users, declared in `into` as `name`."""
    table = Table(
        name,
        into,
        Column("id", bounded(128), nullable=False),
        Column("email", bounded(255, any_case=True), nullable=False),
        Column("name", unbounded(), nullable=False),
        Column("password_hash", unbounded()),
        Column("role", unbounded(), nullable=False),
        Column("status", unbounded(), nullable=False),
        Column("tenant_id", bounded(128), nullable=False),
        Column("email_verified", Boolean, nullable=False),
        Column("mfa_enabled", Boolean, nullable=False, default=False),
        Column("mfa_secret", unbounded()),
        Column("mfa_recovery_codes", JSON(none_as_null=True)),
        Column("oauth_provider", bounded(64)),
        Column("oauth_provider_id", bounded(255)),
        Column("last_login_at", moment()),
        Column("created_at", moment(), nullable=False),
        PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{name}"),
    )
    _unique_address(table, table.c.tenant_id)
    linked = table.c.oauth_provider.is_not(None)
    Index(
        f"uq_{name}_oauth",
        table.c.tenant_id,
        table.c.oauth_provider,
        table.c.oauth_provider_id,
        unique=True,
        postgresql_where=linked,
        sqlite_where=linked,
    )
    return table


def identities_table(into: MetaData, name: str = "auth_identities", of_users: str = "auth_users") -> Table:
    """Return the table of users' identities, declared in `into` as `name`, beside the table `of_users`."""
    table = Table(
        name,
        into,
        Column("tenant_id", bounded(128), nullable=False),
        Column("provider", bounded(64), nullable=False),
        Column("provider_id", bounded(255), nullable=False),
        Column("user_id", bounded(128), nullable=False),
        Column("linked_at", moment()),
        PrimaryKeyConstraint("tenant_id", "provider", "provider_id", name=f"pk_{name}"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            [f"{of_users}.tenant_id", f"{of_users}.id"],
            name=f"fk_{name}_user",
            ondelete="CASCADE",
        ),
    )
    Index(f"ix_{name}_user", table.c.tenant_id, table.c.user_id)
    return table


def platform_users_table(into: MetaData, name: str = "auth_platform_users") -> Table:
    """Return the table of platform administrators, declared in `into` as `name`."""
    table = Table(
        name,
        into,
        Column("id", bounded(128), nullable=False),
        Column("email", bounded(255, any_case=True), nullable=False),
        Column("name", unbounded(), nullable=False),
        Column("password_hash", unbounded(), nullable=False),
        Column("role", unbounded(), nullable=False),
        Column("status", unbounded(), nullable=False),
        Column("mfa_enabled", Boolean, nullable=False, default=False),
        Column("mfa_secret", unbounded()),
        Column("mfa_recovery_codes", JSON(none_as_null=True)),
        Column("platform_id", unbounded()),
        Column("last_login_at", moment()),
        Column("updated_at", moment(), nullable=False),
        Column("created_at", moment(), nullable=False),
        PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    _unique_address(table)
    return table


def _unique_address(table: Table, *before: Column[Any]) -> None:
    """Make the address unique in any case, by an expression or by the column's collation."""
    Index(f"uq_{table.name}_email", *before, Folded(table.c.email), unique=True)


metadata = MetaData()
"""The tables with their default names, for a host's migrations."""

users = users_table(metadata)
"""The default table of dashboard users."""

identities = identities_table(metadata)
"""The default table of the identities of dashboard users."""

platform_users = platform_users_table(metadata)
"""The default table of platform administrators."""
