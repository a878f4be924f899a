"""What the commands about accounts print: text for a person, or one JSON object a line."""

import json
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from bymax_auth.types.account import Account, AuthUser
from bymax_auth.types.session import ActiveSessionInfo

__all__ = ["account_fields", "counted", "print_account", "print_json", "print_session", "visible"]

_MILLISECONDS: Final = 1000


def visible(text: str) -> str:
    """Escape unprintable characters, which could control the terminal or disguise an address."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def print_json(value: Mapping[str, object]) -> None:
    """Print one object as a line of ASCII."""
    typer.echo(json.dumps(value))


def print_account(account: Account) -> None:
    """Print an account as one line: id, address, role, status, and a user's proof of the address."""
    columns = [account.id, account.email, account.role, account.status]
    if isinstance(account, AuthUser):
        columns.append("verified" if account.email_verified else "unverified")
    typer.echo("\t".join(map(visible, columns)))


def print_session(session: ActiveSessionInfo) -> None:
    """Print a session as one line: its id, when it began and was last used, device and address."""
    times = (_time(session.created_at), _time(session.last_activity_at))
    typer.echo("\t".join(map(visible, (session.id, *times, session.device, session.ip))))


def account_fields(
    account: Account, sessions: Iterable[ActiveSessionInfo] | None = None
) -> dict[str, object]:
    """Return an account as JSON, without its password's hash and its second factor's secrets."""
    own: dict[str, object] = (
        {"tenantId": account.tenant_id, "emailVerified": account.email_verified}
        if isinstance(account, AuthUser)
        else {"platformId": account.platform_id, "updatedAt": account.updated_at.isoformat()}
    )
    fields: dict[str, object] = {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "role": account.role,
        "status": account.status,
        **own,
        "mfaEnabled": account.mfa_enabled,
        "createdAt": account.created_at.isoformat(),
        "lastLoginAt": None if account.last_login_at is None else account.last_login_at.isoformat(),
    }
    if sessions is not None:
        fields["sessions"] = [
            {
                "id": session.id,
                "device": session.device,
                "ip": session.ip,
                "createdAt": _time(session.created_at),
                "lastActivityAt": _time(session.last_activity_at),
            }
            for session in sessions
        ]
    return fields


@contextmanager
def counted(what: str) -> Generator["Counter"]:
    """Show a count on the error stream while the block runs, if a person watches it and not the output."""
    console = Console(stderr=True)
    shown = console.is_terminal and not Console().is_terminal
    columns = (TextColumn(f"{what}: {{task.completed}}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not shown, transient=True) as progress:
        yield Counter(progress)


class Counter:
    """Counts the steps of long work."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def step(self) -> None:
        """Count one step."""
        self._progress.advance(self._task)


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / _MILLISECONDS, UTC).isoformat(timespec="seconds")
