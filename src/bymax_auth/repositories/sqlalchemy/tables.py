"""
The tables of both repositories.

`metadata` is for a host's migrations: the library itself never creates or alters a table.
Addresses are unique case-insensitively; a host with its own table names or mapped classes must
keep the same constraints.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
    inspect,
)
from sqlalchemy.orm import Mapper

from bymax_auth.types.account import AuthPlatformUser, AuthUser

__all__ = [
    "AccountColumns",
    "AccountTable",
    "columns_of",
    "metadata",
    "platform_users",
    "platform_users_table",
    "users",
    "users_table",
]

AccountTable = Table | type[object]
"""A table, or a mapped class of the host."""

AccountColumns = Mapping[str, Column[Any]]
"""The column of each field of an account."""


def users_table(into: MetaData, name: str = "auth_users") -> Table:
    """Return the table of dashboard users, declared in `into` as `name`."""
    table = Table(
        name,
        into,
        Column("id", Text, nullable=False),
        Column("email", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("password_hash", Text),
        Column("role", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("tenant_id", Text, nullable=False),
        Column("email_verified", Boolean, nullable=False),
        Column("mfa_enabled", Boolean, nullable=False, default=False),
        Column("mfa_secret", Text),
        Column("mfa_recovery_codes", JSON(none_as_null=True)),
        Column("oauth_provider", Text),
        Column("oauth_provider_id", Text),
        Column("last_login_at", DateTime(timezone=True)),
        Column("created_at", DateTime(timezone=True), nullable=False),
        PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{name}"),
    )
    Index(f"uq_{name}_email", table.c.tenant_id, func.lower(table.c.email), unique=True)
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


def platform_users_table(into: MetaData, name: str = "auth_platform_users") -> Table:
    """Return the table of platform administrators, declared in `into` as `name`."""
    table = Table(
        name,
        into,
        Column("id", Text, nullable=False),
        Column("email", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("password_hash", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("mfa_enabled", Boolean, nullable=False, default=False),
        Column("mfa_secret", Text),
        Column("mfa_recovery_codes", JSON(none_as_null=True)),
        Column("platform_id", Text),
        Column("last_login_at", DateTime(timezone=True)),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    Index(f"uq_{name}_email", func.lower(table.c.email), unique=True)
    return table


def columns_of(
    source: AccountTable, account: type[AuthUser] | type[AuthPlatformUser]
) -> tuple[Table, AccountColumns]:
    """
    Return the table of `source`, and its column for each field of `account`.

    Raises:
        ValueError: The class is not mapped to exactly one table, or a field has no column; the
            message names every such field.
    """
    if isinstance(source, Table):
        table = source
        found: Mapping[str, Column[Any]] = dict(source.columns.items())
    else:
        mapper: Mapper[object] = inspect(source)
        if len(mapper.tables) != 1:
            raise ValueError(f"{source.__name__} is mapped to {len(mapper.tables)} tables.")
        table = cast("Table", mapper.tables[0])
        found = dict(mapper.columns.items())
    names = [field.name for field in fields(account)]
    missing = [name for name in names if name not in found]
    if missing:
        raise ValueError(f"{table.name} has no column for {', '.join(missing)}.")
    return table, {name: found[name] for name in names}


metadata = MetaData()
"""Both tables with their default names, for a host's migrations."""

users = users_table(metadata)
"""The default table of dashboard users."""

platform_users = platform_users_table(metadata)
"""The default table of platform administrators."""
