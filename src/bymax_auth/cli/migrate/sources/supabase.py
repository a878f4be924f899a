"""
Supabase: the schema ``auth`` of its PostgreSQL database, with ``users``, ``identities`` and ``mfa_factors``.

Source: supabase/auth, migrations, internal/models and internal/api/provider
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.sources.database import DatabaseSource, Related
from bymax_auth.cli.migrate.sources.microsoft import named_by_tenant
from bymax_auth.cli.migrate.sources.tables import Row, TableForm
from bymax_auth.cli.migrate.sources.values import flag, members, moment, text

__all__ = ["Supabase"]

_IDENTITIES: Final = "identities"
_FACTORS: Final = "mfa_factors"
_OWN_PROVIDERS: Final = frozenset({"email", "phone"})
_PROVIDERS: Final[Mapping[str, str]] = {
    "azure": "microsoft",
    "linkedin_oidc": "linkedin",
    "slack_oidc": "slack",
}
"""Supabase's names of providers that are named otherwise here."""
_ISSUER: Final = re.compile(r"https://login\.microsoftonline\.com/([0-9a-f-]{36})/v2\.0", re.ASCII)


class Supabase(DatabaseSource):
    """Accounts of Supabase."""

    schema = "auth"
    users = TableForm(
        names=("users",),
        columns={name: (name,) for name in ("email", "encrypted_password", "email_confirmed_at")},
    )
    further: Sequence[TableForm] = (
        TableForm.of_owner(_IDENTITIES, provider=("provider",), provider_id=("provider_id", "id")),
        TableForm.of_owner(_FACTORS, status=("status",), factor_type=("factor_type",), secret=("secret",)),
    )

    def candidate(self, row: Row, related: Related) -> Candidate:
        """Return the account of a row."""
        linked = related.get(_IDENTITIES, {}).get(row["id"], ())
        factors = [one for one in related.get(_FACTORS, {}).get(row["id"], ()) if one["status"] == "verified"]
        secrets = [text(one["secret"]) for one in factors if one["factor_type"] == "totp" and one["secret"]]
        until = moment(row.get("banned_until"))
        return Candidate(
            id=text(row["id"]),
            email=text(row["email"]) or None,
            name=_name(row.get("raw_user_meta_data")),
            password_hash=text(row["encrypted_password"]) or None,
            # `confirmed_at` is also set by a telephone.
            verified=row["email_confirmed_at"] is not None,
            disabled=until is not None and until > datetime.now(UTC),
            created_at=moment(row.get("created_at")),
            identities=tuple(_identity(one) for one in linked if one["provider"] not in _OWN_PROVIDERS),
            totp_secret=secrets[0] if secrets else None,
            unreadable_factor=bool(factors) and not secrets,
            refused=_excluded(row),
        )


def _identity(row: Row) -> Identity:
    name, stored = text(row["provider"]), text(row["provider_id"])
    provider = _PROVIDERS.get(name, name)
    if provider == "microsoft":
        data = members(row.get("identity_data"))
        issued = _ISSUER.fullmatch(text(data.get("iss")))
        tenant = members(data.get("custom_claims")).get("tid") or (issued and issued[1])
        stored = named_by_tenant(tenant, stored) or stored
    return Identity(provider=provider, provider_id=stored)


def _excluded(row: Row) -> str | None:
    if row.get("deleted_at") is not None:
        return "deleted"
    if flag(row.get("is_anonymous")):
        return "anonymous"
    return "single_sign_on" if flag(row.get("is_sso_user")) else None


def _name(given: object) -> str:
    data = members(given)
    found = data.get("full_name") or data.get("name")
    return found if isinstance(found, str) else ""
