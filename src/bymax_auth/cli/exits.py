"""How a command ends that cannot do its work: one line, and an exit code."""

import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import PurePath
from typing import NoReturn

import typer

__all__ = ["database_failed", "exit_without_values", "stop"]


def stop(reason: str, code: int = 1) -> NoReturn:
    """Say why on the error stream, and end the command."""
    typer.echo(f"bymax-auth: {reason}", err=True)
    sys.exit(code)


def database_failed(error: Exception) -> NoReturn:
    """End a command whose database does not do what it is asked."""
    stop(
        f"the database failed: {error}. Does it answer, does its driver know every option of the address, "
        "and are its tables migrated?"
    )


@contextmanager
def exit_without_values() -> Generator[None]:
    """End the command at an exception that nothing expects, by its class and where it was raised."""
    try:
        yield
    except BrokenPipeError:
        # Whoever read the output has enough of it, which is no fault.
        raise
    except Exception as error:  # noqa: BLE001
        # Its text, and a traceback with it, may quote an address or a password.
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{PurePath(last.filename).name}:{last.lineno} {last.name}"
        # The system's own words for an error hold nothing else.
        reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
        stop(f"{type(error).__qualname__} at {place}{reason}.")
