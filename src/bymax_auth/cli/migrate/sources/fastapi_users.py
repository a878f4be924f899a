"""
FastAPI Users with SQLAlchemy: the tables ``user`` and ``oauth_account``.

It identifies people of Microsoft by the id of Microsoft Graph, which no token has, so those identities cannot
be kept.

Source: fastapi-users-db-sqlalchemy, SQLAlchemyBaseUserTable and SQLAlchemyBaseOAuthAccountTable; httpx-oauth,
clients
"""

from collections.abc import Sequence
from typing import Final

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.sources.database import DatabaseSource, Related
from bymax_auth.cli.migrate.sources.tables import Row, TableForm
from bymax_auth.cli.migrate.sources.values import flag, moment, text

__all__ = ["FastApiUsers"]

_IDENTITIES: Final = "oauth_account"
_COLUMNS: Final = ("email", "hashed_password", "is_active", "is_superuser", "is_verified")
_PEOPLE: Final = "people/"
"""httpx-oauth stores Google's ids as the People API names them."""


class FastApiUsers(DatabaseSource):
    """Accounts of FastAPI Users."""

    users = TableForm(names=("user",), columns={name: (name,) for name in _COLUMNS})
    further: Sequence[TableForm] = (
        TableForm.of_owner(_IDENTITIES, oauth_name=("oauth_name",), account_id=("account_id",)),
    )

    def candidate(self, row: Row, related: Related) -> Candidate:
        """Return the account of a row."""
        linked = related.get(_IDENTITIES, {}).get(row["id"], ())
        return Candidate(
            id=text(row["id"]),
            email=text(row["email"]) or None,
            name=text(row.get("name") or row.get("full_name")),
            password_hash=text(row["hashed_password"]) or None,
            verified=flag(row["is_verified"]),
            disabled=not flag(row["is_active"]),
            superuser=flag(row["is_superuser"]),
            created_at=moment(row.get("created_at")),
            identities=tuple(map(_identity, linked)),
        )


def _identity(row: Row) -> Identity:
    provider, account_id = text(row["oauth_name"]), text(row["account_id"])
    return Identity(
        provider=provider,
        provider_id=account_id.removeprefix(_PEOPLE) if provider == "google" else account_id,
    )
