"""
FastAPI Users with SQLAlchemy: the tables ``user`` and ``oauth_account``.

Source: fastapi-users-db-sqlalchemy, SQLAlchemyBaseUserTable and SQLAlchemyBaseOAuthAccountTable
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.sources.database import DatabaseSource, Row, moment, text

__all__ = ["FastApiUsers"]

_PEOPLE: Final = "people/"
"""httpx-oauth stores Google's ids as the People API names them."""


class FastApiUsers(DatabaseSource):
    """Accounts of FastAPI Users."""

    users = "user"
    optional: Sequence[str] = ("oauth_account",)
    required: Mapping[str, Sequence[str]] = {
        name: (name,) for name in ("email", "hashed_password", "is_active", "is_superuser", "is_verified")
    }

    def candidate(self, row: Row, related: Mapping[str, Mapping[Any, list[Row]]]) -> Candidate:
        """Return the account of a row."""
        linked = related.get("oauth_account", {}).get(row["id"], [])
        return Candidate(
            id=text(row["id"]),
            email=row["email"],
            name=text(row.get("name") or row.get("full_name")),
            password_hash=row["hashed_password"],
            verified=bool(row["is_verified"]),
            disabled=not row["is_active"],
            superuser=bool(row["is_superuser"]),
            created_at=moment(row.get("created_at")),
            identities=tuple(map(_identity, linked)),
        )


def _identity(row: Row) -> Identity:
    provider, account_id = text(row["oauth_name"]), text(row["account_id"])
    return Identity(
        provider=provider,
        provider_id=account_id.removeprefix(_PEOPLE) if provider == "google" else account_id,
    )
