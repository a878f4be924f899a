"""The commands: their arguments, output and exit codes."""

import asyncio
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import typer

from bymax_auth.cli.audit import audit
from bymax_auth.cli.check import check_environment, check_service
from bymax_auth.cli.doctor.command import doctor
from bymax_auth.cli.exits import exit_without_values, stop
from bymax_auth.cli.keygen import environment_lines
from bymax_auth.cli.migrate.command import migrate
from bymax_auth.cli.migrations import migrations
from bymax_auth.cli.serve.command import serve
from bymax_auth.cli.users import users
from bymax_auth.config import ConfigError, Environment
from bymax_auth.config.profiles import Profile

__all__ = ["run"]

_OPTIONS_ARE_SOUND: Final = (
    "The options pass every rule. `bymax-auth check --serve` examines stores, database and mail as well."
)
_SERVICE_IS_SOUND: Final = "The service can start: its options, stores and database pass every check."

_commands = typer.Typer(
    name="bymax-auth",
    help="Self-hosted authentication: development server, service, accounts, configuration check.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

# The list of commands cuts off a text that is longer than its line, unless it is given as a short one.
_commands.command(short_help="Print the events of the audit log.")(audit)
_commands.command(short_help="Ask a deployed application for faults of its front end.")(doctor)
_commands.command(short_help="Move the accounts of another system into a tenant.")(migrate)
_commands.command(short_help="Run the service, configured by environment variables.")(serve)
_commands.add_typer(
    migrations, name="migrations", short_help="Create the account tables, or write a migration."
)
_commands.add_typer(users, name="users", short_help="Create, show, change and delete accounts.")


def run() -> None:
    """Run the command in the arguments."""
    _commands()


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"bymax-auth {version('bymax-auth')}")
        raise typer.Exit


@_commands.callback()
def _bymax_auth(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Define the options of every command."""


@_commands.command(short_help="Run a development server with a demo page.")
def dev(
    *,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port on 127.0.0.1.")] = 8000,
    data: Annotated[
        Path | None,
        typer.Option(readable=False, help="SQLite file for users and sessions; temporary by default."),
    ] = None,
    no_rate_limits: Annotated[
        bool, typer.Option("--no-rate-limits", help="Disable the rate limits.")
    ] = False,
    environment: Annotated[
        Environment,
        typer.Option(
            envvar="BYMAX_AUTH_ENVIRONMENT",
            case_sensitive=False,
            help="Anything but production, which is refused.",
        ),
    ] = Environment.DEVELOPMENT,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="Origin of a front end that calls the API, such as http://localhost:5173."),
    ] = None,
) -> None:
    """Run a development server on the loopback interface, with a demo page and captured mail."""
    if environment is Environment.PRODUCTION:
        stop("the development server does not run with environment=production.")
    # The server takes a second to import, and the other commands do not need it.
    from bymax_auth.cli.dev.data import DataFileUnusable
    from bymax_auth.cli.dev.server import DevOptions, PortUnavailable, serve

    options = DevOptions(
        port=port,
        data=data,
        rate_limits=not no_rate_limits,
        environment=environment,
        trusted_origins=tuple(origin or ()),
    )
    try:
        asyncio.run(serve(options))
    except (PortUnavailable, DataFileUnusable, ConfigError) as error:
        stop(str(error))


@_commands.command()
def keygen(
    *,
    mfa: Annotated[bool, typer.Option("--mfa", help="The encryption key of second factors too.")] = False,
) -> None:
    """Print new secrets as environment variables."""
    for line in environment_lines(mfa=mfa):
        typer.echo(line)


@_commands.command(short_help="Check the configuration in the environment.")
def check(
    *,
    service: Annotated[
        bool,
        typer.Option("--serve", help="Report what `bymax-auth serve` would: stores, database and mail too."),
    ] = False,
    profile: Annotated[
        Profile | None, typer.Option(help="The defaults that the variables override; nest_compat.")
    ] = None,
    env_file: Annotated[
        Path | None, typer.Option(readable=False, help="File with further variables.")
    ] = None,
) -> None:
    """Check the configuration in the environment, and print every problem with a hint."""
    if service:
        with exit_without_values():
            result = check_service(profile, env_file)
    else:
        result = check_environment(profile or "nest_compat", env_file)
    for line in result.problems:
        typer.echo(line)
    for line in result.warnings:
        typer.echo(f"warning: {line}")
    if result.problems:
        sys.exit(1)
    typer.echo(_SERVICE_IS_SOUND if service else _OPTIONS_ARE_SOUND)
