"""The development server's application."""

from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from bymax_auth.cli.dev.authenticator import Authenticator
from bymax_auth.cli.dev.demo_id.provider import DemoId
from bymax_auth.cli.dev.demonstration import add_demonstration
from bymax_auth.cli.dev.live import add_live
from bymax_auth.cli.dev.mailbox import Mailbox
from bymax_auth.cli.dev.second_process import SecondProcess
from bymax_auth.cli.dev.seed import DemoAccounts
from bymax_auth.cli.dev.site import PageFacts, add_site
from bymax_auth.engine import AuthEngine
from bymax_auth.fastapi import install
from bymax_auth.http import AuthHttpConfig, PeerAddress, RateLimit, RateLimitConfig

__all__ = ["GENEROUS", "Demonstrated", "build_app"]

GENEROUS: Final = RateLimit(300, 60)
"""The limit of each route: wide enough that nobody who tries the page meets it."""

_TITLE: Final = "bymax-auth development server"


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """What the page shows beside the library's own routes, and where it is reached."""

    accounts: DemoAccounts
    process: SecondProcess
    authenticator: Authenticator
    provider: DemoId
    origin: str


def build_app(
    engine: AuthEngine, mailbox: Mailbox, demonstrated: Demonstrated, *, rate_limits: bool
) -> FastAPI:
    """Return the application, which accepts only requests with a loopback ``Host``."""
    app = FastAPI(title=_TITLE, docs_url=None, redoc_url=None, redirect_slashes=False)
    limit = GENEROUS if rate_limits else None
    limits = RateLimitConfig(**dict.fromkeys(RateLimitConfig.__dataclass_fields__, limit))
    auth = install(app, engine, AuthHttpConfig(PeerAddress(), rate_limits=limits))
    facts = PageFacts.of(engine.config.auth, limit, demonstrated.origin, demonstrated.provider.issuer)
    add_site(app, mailbox, demonstrated.accounts, facts)
    add_demonstration(app, auth, demonstrated.process, demonstrated.authenticator, demonstrated.provider)
    add_live(app)
    # Prevents DNS rebinding: another site could point its own host name to this server.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
    return app
