"""Serves Demo ID beside the development server, on a port of its own: another origin for the browser."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncGenerator, Generator
from typing import Final

import uvicorn

from bymax_auth.cli.dev.demo_id.app import demo_id_app
from bymax_auth.cli.dev.demo_id.provider import DemoClient, DemoId
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.types.secret import Secret

__all__ = ["NAME", "as_provider", "demo_id"]

NAME: Final = "demo-id"
"""The name of the provider, which is in the addresses of its routes."""


@contextlib.asynccontextmanager
async def demo_id(host: str, application: str, clock: Clock) -> AsyncGenerator[DemoId]:
    """
    Yield the running provider.

    Args:
        host: The loopback address to listen on.
        application: The origin of the development server.
        clock: The time.
    """
    with contextlib.closing(socket.create_server((host, 0))) as listener:
        client = DemoClient(
            client_id="bymax-auth-dev",
            client_secret=Secret(secrets.token_urlsafe(32)),
            redirect_uri=f"{application}/auth/oauth/{NAME}/callback",
        )
        provider = DemoId(f"http://{host}:{listener.getsockname()[1]}", client, clock)
        settings = uvicorn.Config(
            demo_id_app(provider), log_level="warning", access_log=False, lifespan="off", ws="none"
        )
        server = _Server(settings)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield provider
        finally:
            server.should_exit = True
            await serving


def as_provider(provider: DemoId, clock: Clock) -> OAuthProvider:
    """Return what the engine signs people in with."""
    return OidcProvider(
        name=NAME,
        issuer=provider.issuer,
        client_id=provider.client.client_id,
        client_secret=provider.client.client_secret,
        redirect_uri=provider.client.redirect_uri,
        clock=clock,
        allow_loopback_http=True,
    )


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Install no handlers: the development server has those of the process."""
        yield
