"""The command `bymax-auth serve`."""

import os
from contextlib import ExitStack
from typing import Annotated

import typer

from bymax_auth.cli.exits import exit_without_values, stop
from bymax_auth.config.profiles import Profile

__all__ = ["serve"]


def serve(
    *,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on: BYMAX_AUTH_SERVE__HOST, or 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Port: BYMAX_AUTH_SERVE__PORT, or 8000.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1024,
            help="Number of worker processes: BYMAX_AUTH_SERVE__WORKERS, WEB_CONCURRENCY, or 1.",
        ),
    ] = None,
    profile: Annotated[
        Profile | None,
        typer.Option(
            help="The defaults that the variables override: BYMAX_AUTH_SERVE__PROFILE, or nest_compat."
        ),
    ] = None,
    migrate: Annotated[bool, typer.Option("--migrate", help="Create missing tables first.")] = False,
) -> None:
    """Run the service, configured by environment variables, until it receives a signal."""
    # The server takes a second to import, and the other commands do not need it.
    from bymax_auth.cli.problems import DeploymentError, listed
    from bymax_auth.cli.serve.metrics_server import metrics_served
    from bymax_auth.cli.serve.report import report_of
    from bymax_auth.cli.serve.server import PortUnavailable, ServeOptions, check_port, serve_forever
    from bymax_auth.cli.serve.settings import PROFILE, SERVE, ServeSettings

    # Workers are configured only by their environment.
    given = {f"{SERVE}HOST": host, f"{SERVE}PORT": port, f"{SERVE}WORKERS": workers, PROFILE: profile}
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    with exit_without_values():
        report = report_of(migrate=migrate)
        if report.problems:
            stop(listed(report.problems), 2 if report.invalid else 1)
        try:
            settings = ServeSettings.from_env(os.environ)
            options = ServeOptions(host=settings.host, port=settings.port, workers=settings.workers)
            check_port(options.host, options.port)
            if settings.metrics is not None:
                check_port(settings.metrics.host, settings.metrics.port)
        except (DeploymentError, PortUnavailable) as error:
            stop(str(error))
    # The workers share the memory for hashing; each reads their number from the environment.
    os.environ["WEB_CONCURRENCY"] = str(options.workers)
    with ExitStack() as running:
        try:
            running.enter_context(metrics_served(settings.metrics))
        except OSError as error:
            stop(f"metrics cannot be served: {error.strerror}.")
        serve_forever(options)
