"""How a command ends that cannot do its work: one line, and an exit code."""

import sys
from typing import NoReturn

import typer

__all__ = ["stop"]


def stop(reason: str, code: int = 1) -> NoReturn:
    """Say why on the error stream, and end the command."""
    typer.echo(f"bymax-auth: {reason}", err=True)
    sys.exit(code)
