"""The command `bymax-auth serve`."""

import os
from typing import Annotated

import typer

from bymax_auth.cli.exits import database_failed, exit_without_values, stop
from bymax_auth.config import ConfigError
from bymax_auth.config.profiles import Profile

__all__ = ["serve"]


def serve(
    *,
    host: Annotated[str, typer.Option(envvar="BYMAX_AUTH_SERVE__HOST", help="Address to listen on.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65_535, envvar="BYMAX_AUTH_SERVE__PORT")] = 8000,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            max=1024,
            envvar=["BYMAX_AUTH_SERVE__WORKERS", "WEB_CONCURRENCY"],
            help="Number of worker processes.",
        ),
    ] = 1,
    profile: Annotated[
        Profile,
        typer.Option(envvar="BYMAX_AUTH_SERVE__PROFILE", help="The defaults that the variables override."),
    ] = "nest_compat",
) -> None:
    """Run the service, configured by environment variables, until it receives a signal."""
    # The server takes a second to import, and the other commands do not need it.
    from bymax_auth.cli.deployment import DeploymentError
    from bymax_auth.cli.serve.server import (
        PortUnavailable,
        ServeOptions,
        check_port,
        check_service,
        serve_forever,
    )
    from bymax_auth.cli.serve.settings import PROFILE
    from bymax_auth.errors import RepositoryBackendError, StoreError

    # Workers are configured only by their environment.
    os.environ[PROFILE] = profile
    options = ServeOptions(host=host, port=port, workers=workers)
    with exit_without_values():
        try:
            check_service(options)
            check_port(options)
        except (ConfigError, DeploymentError) as error:
            stop(str(error), 2)
        except StoreError as error:
            stop(f"the stores cannot be opened: {str(error) or type(error).__name__}")
        except RepositoryBackendError as error:
            database_failed(error)
        except PortUnavailable as error:
            stop(str(error))
    serve_forever(options)
