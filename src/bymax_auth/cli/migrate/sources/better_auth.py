"""
Better Auth, from npm or from PyPI: the tables ``user`` and ``account``, or ``users`` and ``accounts``.

TOTP secrets are encrypted there with a key and a cipher of the other system's, so they cannot be read.

Source: better-auth, packages/core/src/db, and `usePlural` of its adapters; better-auth-server, schema.py
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.sources.database import DatabaseSource, Related
from bymax_auth.cli.migrate.sources.microsoft import named_by_token
from bymax_auth.cli.migrate.sources.tables import Row, TableForm
from bymax_auth.cli.migrate.sources.values import flag, moment, text

__all__ = ["BetterAuth"]

_ACCOUNTS: Final = "account"
_PASSWORD: Final = "credential"
_OTHER_NAMES: Final[Mapping[str, str]] = {"microsoft-entra-id": "microsoft"}
"""The generic plugin's name of a provider that is named otherwise here."""


class BetterAuth(DatabaseSource):
    """Accounts of Better Auth."""

    users = TableForm(
        names=("user", "users"),
        columns={
            "email": ("email",),
            "name": ("name",),
            "verified": ("emailVerified", "email_verified"),
        },
    )
    further: Sequence[TableForm] = (
        TableForm.of_owner(
            _ACCOUNTS,
            "accounts",
            needed=True,
            provider=("providerId", "provider_id"),
            provider_id=("accountId", "account_id"),
            password=("password",),
        ),
    )
    """Without it nobody has a password; columns of other names are refused and not taken for empty ones."""

    def candidate(self, row: Row, related: Related) -> Candidate:
        """Return the account of a row."""
        ways = related[_ACCOUNTS].get(row["id"], ())
        passwords = [text(way["password"]) for way in ways if way["provider"] == _PASSWORD]
        return Candidate(
            id=text(row["id"]),
            email=text(row["email"]) or None,
            name=text(row["name"]),
            password_hash=next(filter(None, passwords), None),
            verified=flag(row["verified"]),
            disabled=_is_banned(row),
            created_at=moment(_either(row, "createdAt", "created_at")),
            identities=tuple(_identity(way) for way in ways if way["provider"] != _PASSWORD),
            unreadable_factor=flag(_either(row, "twoFactorEnabled", "two_factor_enabled")),
            refused="anonymous" if flag(_either(row, "isAnonymous", "is_anonymous")) else None,
        )


def _identity(way: Row) -> Identity:
    name, stored = text(way["provider"]), text(way["provider_id"])
    provider = _OTHER_NAMES.get(name, name)
    if provider == "microsoft":
        stored = named_by_token(_either(way, "idToken", "id_token"), stored) or stored
    return Identity(provider=provider, provider_id=stored)


def _either(row: Row, *names: str) -> Any:
    return next((row[name] for name in names if name in row), None)


def _is_banned(row: Row) -> bool:
    until = moment(_either(row, "banExpires", "ban_expires"))
    return flag(row.get("banned")) and (until is None or until > datetime.now(UTC))
