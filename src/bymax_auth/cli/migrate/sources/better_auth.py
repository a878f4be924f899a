"""
Better Auth, from npm or from PyPI: the tables ``user``, ``account`` and ``twoFactor``.

TOTP secrets are encrypted there with a key and a cipher of the other system's, so they cannot be read.

Source: better-auth, packages/core/src/db; better-auth-server, schema.py
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.sources.database import DatabaseSource, Row, moment, text

__all__ = ["BetterAuth"]

_PASSWORD: Final = "credential"


class BetterAuth(DatabaseSource):
    """Accounts of Better Auth."""

    users = "user"
    optional: Sequence[str] = ("account",)
    required: Mapping[str, Sequence[str]] = {
        "email": ("email",),
        "name": ("name",),
        "verified": ("emailVerified", "email_verified"),
    }

    def candidate(self, row: Row, related: Mapping[str, Mapping[Any, list[Row]]]) -> Candidate:
        """Return the account of a row."""
        ways = related.get("account", {}).get(row["id"], [])
        provider = {id(way): text(_either(way, "providerId", "provider_id")) for way in ways}
        passwords: list[str | None] = [way["password"] for way in ways if provider[id(way)] == _PASSWORD]
        return Candidate(
            id=text(row["id"]),
            email=row["email"],
            name=text(row["name"]),
            password_hash=next((one for one in passwords if one), None),
            verified=bool(row["emailVerified"]),
            disabled=_is_banned(row),
            created_at=moment(_either(row, "createdAt", "created_at")),
            identities=tuple(
                Identity(
                    provider=provider[id(way)],
                    provider_id=text(_either(way, "accountId", "account_id")),
                )
                for way in ways
                if provider[id(way)] != _PASSWORD
            ),
            unreadable_factor=bool(_either(row, "twoFactorEnabled", "two_factor_enabled")),
            refused="anonymous" if _either(row, "isAnonymous", "is_anonymous") else None,
        )


def _either(row: Row, *names: str) -> Any:
    return next((row[name] for name in names if name in row), None)


def _is_banned(row: Row) -> bool:
    until = moment(_either(row, "banExpires", "ban_expires"))
    return bool(row.get("banned")) and (until is None or until > datetime.now(UTC))
