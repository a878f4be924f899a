"""
Django: ``auth_user`` or a table like it; addresses, identities and authenticators of django-allauth, and the
devices of django-otp.

TOTP secrets are kept where codes are as everywhere: six digits of SHA-1, new every 30 seconds.  allauth does
not store which codes its settings ask for.

Source: django.contrib.auth.models; allauth.account.models, allauth.socialaccount.models, allauth.mfa.models;
django_otp.models, django_otp.plugins.otp_totp.models
"""

import re
from binascii import Error, unhexlify
from collections.abc import Collection, Sequence
from typing import Final

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.sources.database import DatabaseSource, Related
from bymax_auth.cli.migrate.sources.tables import Row, TableForm
from bymax_auth.cli.migrate.sources.values import flag, members, moment, text
from bymax_auth.crypto.totp import base32_encode

__all__ = ["Django"]

_ADDRESSES: Final = "account_emailaddress"
_IDENTITIES: Final = "socialaccount_socialaccount"
_AUTHENTICATORS: Final = "mfa_authenticator"
_DEVICES: Final = "otp_totp_totpdevice"
_OTHER_DEVICES: Final = re.compile(r"(?:otp|two_factor)_\w+(?:device|credential)")
"""The devices of django-otp's other plugins and of django-two-factor-auth."""
_RECOVERY_CODES: Final = "recovery_codes"
_UNUSABLE: Final = "!"
_USUAL: Final = {"digits": 6, "step": 30, "t0": 0}


class Django(DatabaseSource):
    """Accounts of Django."""

    users = TableForm(
        names=("auth_user",), columns={name: (name,) for name in ("email", "password", "is_active")}
    )
    further: Sequence[TableForm] = (
        TableForm.of_owner(_ADDRESSES, email=("email",), verified=("verified",)),
        TableForm.of_owner(_IDENTITIES, provider=("provider",), uid=("uid",)),
        TableForm.of_owner(_AUTHENTICATORS, type=("type",), data=("data",)),
        TableForm.of_owner(
            _DEVICES,
            confirmed=("confirmed",),
            key=("key",),
            step=("step",),
            t0=("t0",),
            digits=("digits",),
        ),
    )

    def tables(self, present: Collection[str]) -> Sequence[TableForm]:
        """Return the further tables, with the devices of every plugin that is there."""
        others = [name for name in sorted(present) if name != _DEVICES and _OTHER_DEVICES.fullmatch(name)]
        return (*self.further, *map(TableForm.of_owner, others))

    def candidate(self, row: Row, related: Related) -> Candidate:
        """Return the account of a row."""

        def of(table: str) -> Sequence[Row]:
            return related.get(table, {}).get(row["id"], ())

        email, password = text(row["email"]), text(row["password"])
        authenticators = [one for one in of(_AUTHENTICATORS) if one["type"] != _RECOVERY_CODES]
        devices = [one for name in related if _OTHER_DEVICES.fullmatch(name) for one in of(name)]
        confirmed = [one for one in devices if flag(one.get("confirmed", True))]
        secrets = [
            *(members(one["data"]).get("secret") for one in authenticators if one["type"] == "totp"),
            *(_secret(one) for one in of(_DEVICES) if flag(one["confirmed"])),
        ]
        secret = next((text(one) for one in secrets if one), None)
        name = " ".join(filter(None, (text(row.get("first_name")), text(row.get("last_name")))))
        return Candidate(
            id=text(row["id"]),
            email=email or None,
            name=name or text(row.get("username")),
            password_hash=None if password.startswith(_UNUSABLE) else password or None,
            verified=any(
                flag(one["verified"]) and text(one["email"]).lower() == email.lower()
                for one in of(_ADDRESSES)
            ),
            disabled=not flag(row["is_active"]),
            superuser=flag(row.get("is_superuser")),
            created_at=moment(row.get("date_joined")),
            identities=tuple(
                Identity(provider=text(one["provider"]), provider_id=text(one["uid"]))
                for one in of(_IDENTITIES)
            ),
            totp_secret=secret,
            unreadable_factor=bool(authenticators or confirmed) and secret is None,
        )


def _secret(device: Row) -> str | None:
    """Return the secret of a device whose codes are as everywhere, in Base32."""
    if any(device[name] != usual for name, usual in _USUAL.items()):
        return None
    try:
        return base32_encode(unhexlify(text(device["key"])))
    except (Error, ValueError):
        return None
