"""Conversion between accounts and rows: timestamps in UTC, recovery codes as a JSON list."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from bymax_auth.types.account import Account
from bymax_auth.types.wire import as_utc

__all__ = ["account_fields", "account_values"]


def account_values(account: Account) -> dict[str, object]:
    """Return the column values of `account`, by field."""
    values = {field.name: getattr(account, field.name) for field in fields(account)}
    codes = account.mfa_recovery_codes
    values["mfa_recovery_codes"] = None if codes is None else list(codes)
    # SQLite stores local time without the offset, so only UTC is read back correctly.
    return {name: as_utc(value) if isinstance(value, datetime) else value for name, value in values.items()}


def account_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's values as arguments of an account's constructor."""
    codes = row["mfa_recovery_codes"]
    values = {name: as_utc(value) if isinstance(value, datetime) else value for name, value in row.items()}
    return {**values, "mfa_recovery_codes": None if codes is None else tuple(codes)}
