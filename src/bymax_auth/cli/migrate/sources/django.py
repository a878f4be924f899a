"""
Django: ``auth_user`` or a table like it; addresses and identities of django-allauth, TOTP of django-otp.

Source: django.contrib.auth.models; allauth.account.models, allauth.socialaccount.models;
django_otp.plugins.otp_totp.models
"""

from binascii import Error, unhexlify
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.sources.database import DatabaseSource, Row, moment, text
from bymax_auth.crypto.totp import base32_encode

__all__ = ["Django"]

_ADDRESSES: Final = "account_emailaddress"
_IDENTITIES: Final = "socialaccount_socialaccount"
_FACTORS: Final = "otp_totp_totpdevice"
_UNUSABLE: Final = "!"
_USUAL_FACTOR: Final = {"digits": 6, "step": 30, "t0": 0}


class Django(DatabaseSource):
    """Accounts of Django."""

    users = "auth_user"
    optional: Sequence[str] = (_ADDRESSES, _IDENTITIES, _FACTORS)
    required: Mapping[str, Sequence[str]] = {name: (name,) for name in ("email", "password", "is_active")}

    def candidate(self, row: Row, related: Mapping[str, Mapping[Any, list[Row]]]) -> Candidate:
        """Return the account of a row."""

        def of(table: str) -> list[Row]:
            return related.get(table, {}).get(row["id"], [])

        email, password = text(row["email"]), text(row["password"])
        factors = [one for one in of(_FACTORS) if one["confirmed"]]
        secret = next(filter(None, map(_secret, factors)), None)
        name = " ".join(filter(None, (text(row.get("first_name")), text(row.get("last_name")))))
        return Candidate(
            id=text(row["id"]),
            email=email or None,
            name=name or text(row.get("username")),
            password_hash=None if password.startswith(_UNUSABLE) else password,
            verified=any(
                one["verified"] and text(one["email"]).lower() == email.lower() for one in of(_ADDRESSES)
            ),
            disabled=not row["is_active"],
            superuser=bool(row.get("is_superuser")),
            created_at=moment(row.get("date_joined")),
            identities=tuple(
                Identity(provider=text(one["provider"]), provider_id=text(one["uid"]))
                for one in of(_IDENTITIES)
            ),
            totp_secret=secret,
            unreadable_factor=bool(factors) and secret is None,
        )


def _secret(device: Row) -> str | None:
    """Return the secret of a device whose codes are as everywhere, in Base32."""
    if any(device[name] != usual for name, usual in _USUAL_FACTOR.items()):
        return None
    try:
        return base32_encode(unhexlify(text(device["key"])))
    except (Error, ValueError):
        return None
