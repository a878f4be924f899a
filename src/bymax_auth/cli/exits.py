"""Failed commands: one line on the error stream, and an exit code."""

import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import PurePath
from typing import NoReturn

import typer

__all__ = ["database_failure", "exit_without_values", "stop"]


def stop(reason: str, code: int = 1) -> NoReturn:
    """Print the reason on the error stream, and exit."""
    typer.echo(f"bymax-auth: {reason}", err=True)
    sys.exit(code)


def database_failure(error: Exception) -> str:
    """Return what an operator reads of a failure of the database."""
    return (
        f"the database failed: {error}. Check that it is reachable, that its driver supports every option "
        "of the address, and that its tables are migrated (`bymax-auth migrations apply`)."
    )


@contextmanager
def exit_without_values(code: int = 1) -> Generator[None]:
    """Exit with this code at an unexpected exception, and print only its class and where it was raised."""
    try:
        yield
    except BrokenPipeError:
        # The reader of the output has closed the pipe, which is not an error.
        raise
    except Exception as error:  # noqa: BLE001
        # Its text and its traceback may contain an address or a password.
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{PurePath(last.filename).name}:{last.lineno} {last.name}"
        # The operating system's description of an error contains no values.
        reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
        stop(f"{type(error).__qualname__} at {place}{reason}.", code)
