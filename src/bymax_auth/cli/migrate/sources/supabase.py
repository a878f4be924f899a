"""
Supabase: the schema ``auth`` of its PostgreSQL database, with ``users``, ``identities`` and ``mfa_factors``.

Source: supabase/auth, migrations and internal/models
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.sources.database import DatabaseSource, Row, moment, text

__all__ = ["Supabase"]

_OWN_PROVIDERS: Final = frozenset({"email", "phone"})


class Supabase(DatabaseSource):
    """Accounts of Supabase."""

    users = "users"
    schema = "auth"
    optional: Sequence[str] = ("identities", "mfa_factors")
    required: Mapping[str, Sequence[str]] = {
        "email": ("email",),
        "encrypted_password": ("encrypted_password",),
        "verified": ("email_confirmed_at", "confirmed_at"),
    }

    def candidate(self, row: Row, related: Mapping[str, Mapping[Any, list[Row]]]) -> Candidate:
        """Return the account of a row."""
        linked = related.get("identities", {}).get(row["id"], [])
        factors = [
            one for one in related.get("mfa_factors", {}).get(row["id"], []) if one["status"] == "verified"
        ]
        secrets = [one["secret"] for one in factors if one["factor_type"] == "totp" and one["secret"]]
        until = moment(row.get("banned_until"))
        return Candidate(
            id=text(row["id"]),
            email=row["email"] or None,
            name=_name(row.get("raw_user_meta_data")),
            password_hash=row["encrypted_password"] or None,
            verified=row["email_confirmed_at"] is not None,
            disabled=until is not None and until > datetime.now(UTC),
            created_at=moment(row.get("created_at")),
            identities=tuple(
                Identity(
                    provider=text(one["provider"]), provider_id=text(one.get("provider_id") or one["id"])
                )
                for one in linked
                if one["provider"] not in _OWN_PROVIDERS
            ),
            totp_secret=secrets[0] if secrets else None,
            unreadable_factor=bool(factors) and not secrets,
            refused=_excluded(row),
        )


def _excluded(row: Row) -> str | None:
    if row.get("deleted_at") is not None:
        return "deleted"
    if row.get("is_anonymous"):
        return "anonymous"
    return "single_sign_on" if row.get("is_sso_user") else None


def _name(given: object) -> str:
    data = cast("dict[str, object]", given if isinstance(given, dict) else {})
    return text(data.get("full_name") or data.get("name"))
