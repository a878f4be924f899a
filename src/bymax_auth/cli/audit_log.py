"""The entries of a deployment's audit log, as `bymax-auth audit` prints them."""

from collections.abc import Mapping
from datetime import datetime
from json import dumps
from typing import Final

import typer
from sqlalchemy.ext.asyncio import async_sessionmaker

from bymax_auth.cli.deployment import DATABASE_URL, Database, open_database
from bymax_auth.cli.output import counted, print_json, visible
from bymax_auth.repositories.sqlalchemy import AuditEntry, SqlAlchemyAuditLog
from bymax_auth.services.addresses import canonical_email
from bymax_auth.services.privacy import mask_email

__all__ = ["print_entries"]

_PAGE: Final = 500


async def print_entries(
    environ: Mapping[str, str], *, tenant: str | None, user: str | None, since: datetime | None, json: bool
) -> None:
    """
    Print every entry that fits.

    Raises:
        DeploymentError: The URL of the database is missing or invalid.
        RepositoryBackendError: The database is unreachable, or has no audit log.
    """
    database = open_database(environ.get(DATABASE_URL, "").strip() or None)
    try:
        user_id, masked = await _whose(database, tenant, user)
        log = SqlAlchemyAuditLog(async_sessionmaker(database.connections))
        with counted("events") as counter:
            last = 0
            while page := await log.page(
                user_id=user_id,
                masked_email=masked,
                tenant_id=tenant,
                since=since,
                after_id=last,
                limit=_PAGE,
            ):
                for entry in page:
                    _print(entry, json=json)
                    counter.step()
                last = page[-1].id
    finally:
        await database.dispose()


async def _whose(database: Database, tenant: str | None, user: str | None) -> tuple[str | None, str | None]:
    """Return the account's id and its masked address, under which refused sign-ins are recorded."""
    if user is None or tenant is None or "@" not in user:
        return user, None
    email = canonical_email(user)
    account = await database.users.find_by_email(email, tenant_id=tenant)
    return None if account is None else account.id, mask_email(email)


def _print(entry: AuditEntry, *, json: bool) -> None:
    if json:
        print_json(
            {
                "at": entry.at.isoformat(),
                "event": entry.event,
                "realm": entry.realm,
                "tenantId": entry.tenant_id,
                "userId": entry.user_id,
                "maskedEmail": entry.masked_email,
                "fields": dict(entry.fields),
            }
        )
        return
    details = dumps(dict(entry.fields)) if entry.fields else ""
    parts = (entry.at.isoformat(timespec="seconds"), entry.event, entry.tenant_id, entry.user_id)
    typer.echo("\t".join(visible(part or "-") for part in (*parts, entry.masked_email, details)))
