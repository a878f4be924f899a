"""A host's table that cannot hold identities is refused when the repository is built."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table, UniqueConstraint, Uuid, text

from bymax_auth.repositories.sqlalchemy.fitting import fit_identities


def identities_of(*unique: Any, **changes: Any) -> Table:
    columns: dict[str, Any] = {
        "tenant_id": Column("tenant_id", String(64), nullable=False),
        "provider": Column("provider", String(64), nullable=False),
        "provider_id": Column("provider_id", String(255), nullable=False),
        "user_id": Column("user_id", Uuid, nullable=False),
        "linked_at": Column("linked_at", DateTime),
    }
    return Table(
        "logins",
        MetaData(),
        Column("number", Integer, primary_key=True),
        *(column for column in {**columns, **changes}.values() if column is not None),
        *unique,
    )


IDENTITY = ("tenant_id", "provider", "provider_id")


@pytest.mark.parametrize("unique", [UniqueConstraint(*IDENTITY), Index("one", *IDENTITY, unique=True)])
def test_a_host_may_keep_identities_in_a_table_of_its_own(unique: Any) -> None:
    """A host with keys of its own could not keep several."""
    fitted = fit_identities(identities_of(unique), None)
    assert fitted.conversions["user_id"].python_type is UUID


@pytest.mark.parametrize(
    "unique",
    [
        (),
        (Index("one", *IDENTITY),),
        (UniqueConstraint("provider", "provider_id"),),
        (UniqueConstraint(*IDENTITY, "user_id"),),
        (Index("one", *IDENTITY, unique=True, sqlite_where=text("user_id IS NOT NULL")),),
    ],
    ids=range(5),
)
def test_a_table_in_which_one_identity_may_be_two_accounts_is_refused(unique: tuple[Any, ...]) -> None:
    """Two accounts would be one person's, and a sign-in would pick either."""
    with pytest.raises(ValueError, match="tenant, provider and provider_id must be unique together"):
        fit_identities(identities_of(*unique), None)


def test_a_table_that_cannot_hold_identities_is_refused_by_column() -> None:
    """The first person who links would meet an error of the server."""
    own = identities_of(
        linked_at=Column("linked_at", DateTime, nullable=False),
        provider=Column("provider", Integer, nullable=False),
        user_id=None,
    )
    with pytest.raises(ValueError, match="logins does not fit IdentityRow") as refused:
        fit_identities(own, None)
    for column in ("linked_at must be nullable", "provider must hold text", "user_id is missing"):
        assert column in str(refused.value)
