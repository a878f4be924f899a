"""`bymax-auth audit`: reads the audit log of a deployment."""

import asyncio
import os
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer

from bymax_auth.cli.exits import database_failure, exit_without_values, stop
from bymax_auth.types.wire import as_utc

__all__ = ["audit"]

_PERIOD: Final = re.compile("([1-9][0-9]{0,4})([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def audit(
    *,
    tenant: Annotated[str | None, typer.Option(help="Events of this tenant.", show_default=False)] = None,
    user: Annotated[
        str | None,
        typer.Option(
            help="Events of this account: its id, or its address with --tenant.", show_default=False
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Events since then: 24h, 7d, or a time in ISO 8601.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Print the events of the audit log, oldest first: time, event, tenant, account, address, details."""
    from bymax_auth.cli.audit_log import print_entries
    from bymax_auth.cli.problems import DeploymentError
    from bymax_auth.errors import RepositoryBackendError, ValidationFailed

    if user is not None and "@" in user and tenant is None:
        stop("an address belongs to a tenant: pass --tenant as well.", 2)
    moment = None if since is None else _moment(since)
    with exit_without_values():
        try:
            asyncio.run(print_entries(os.environ, tenant=tenant, user=user, since=moment, json=json))
        except DeploymentError as error:
            stop(str(error), 2)
        except ValidationFailed:
            stop("--user is neither an id nor a mail address.", 2)
        except RepositoryBackendError as error:
            stop(database_failure(error))


def _moment(text: str) -> datetime:
    period = _PERIOD.fullmatch(text)
    if period is not None:
        return datetime.now(UTC) - timedelta(**{_UNITS[period[2]]: int(period[1])})
    try:
        return as_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):  # the first and the last hours of the calendar have no time in UTC
        stop("--since is neither a period, such as 24h or 7d, nor a time in ISO 8601.", 2)
