"""The development server's engine and application, with the secure profile."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from bymax_auth.cli.dev.data import DevData
from bymax_auth.cli.dev.demonstration import add_demonstration
from bymax_auth.cli.dev.mailbox import Mailbox
from bymax_auth.cli.dev.second_process import SecondProcess
from bymax_auth.cli.dev.seed import DEMO_TENANT, DemoAccount
from bymax_auth.cli.dev.site import PageFacts, add_site
from bymax_auth.config import (
    AuthConfig,
    ControllersConfig,
    Environment,
    JwtConfig,
    RegistrationConfig,
    RegistrationSession,
    RequestParts,
    RolesConfig,
    SessionsConfig,
    TenancyConfig,
)
from bymax_auth.engine import AuthEngine
from bymax_auth.fastapi import install
from bymax_auth.http import AuthHttpConfig, PeerAddress, RateLimit, RateLimitConfig
from bymax_auth.providers.mail import DefaultAuthEmailProvider

__all__ = ["GENEROUS", "DevTenants", "build_app", "build_engine"]

GENEROUS: Final = RateLimit(300, 60)
"""The limit of each route: wide enough that nobody who tries the page meets it."""

_TITLE: Final = "bymax-auth development server"
_GRACE: Final = timedelta(seconds=2)
"""Shorter than the default: a visitor waits until a replayed refresh token counts as stolen."""


class DevTenants:
    """Returns the tenant in ``X-Tenant-Id``, or `DEMO_TENANT`."""

    async def resolve(self, parts: RequestParts) -> str:
        """Implements `TenantIdResolver`."""
        return parts.headers.get("x-tenant-id") or DEMO_TENANT


def build_engine(
    data: DevData, mailbox: Mailbox, environment: Environment, trusted_origins: Sequence[str] = ()
) -> AuthEngine:
    """Return an engine for plain HTTP on the loopback interface."""
    config = AuthConfig.secure_defaults(
        environment=environment,
        jwt=JwtConfig(secret=data.secret, refresh_grace_window=_GRACE),
        roles=RolesConfig(hierarchy={"ADMIN": ("MEMBER",), "MEMBER": ()}),
        tenancy=TenancyConfig(resolver=DevTenants()),
        # The page asks for the code beside a signed-in account.
        registration=RegistrationConfig(session=RegistrationSession.ALWAYS),
        # With the epoch, access tokens end together with the login of a replayed refresh token.
        sessions=SessionsConfig(enabled=True, new_session_alerts=True, reuse_bumps_epoch=True),
        controllers=ControllersConfig(sessions=True),
        cookies={"trusted_origins": tuple(trusted_origins)},
    )
    return AuthEngine(config, users=data.users, stores=data.stores, email=DefaultAuthEmailProvider(mailbox))


def build_app(
    engine: AuthEngine,
    mailbox: Mailbox,
    accounts: Sequence[DemoAccount],
    process: SecondProcess,
    *,
    rate_limits: bool,
) -> FastAPI:
    """Return the application, which accepts only requests with a loopback ``Host``."""
    app = FastAPI(title=_TITLE, docs_url=None, redoc_url=None, redirect_slashes=False)
    limit = GENEROUS if rate_limits else None
    limits = RateLimitConfig(**dict.fromkeys(RateLimitConfig.__dataclass_fields__, limit))
    auth = install(app, engine, AuthHttpConfig(PeerAddress(), rate_limits=limits))
    add_site(app, mailbox, accounts, PageFacts.of(engine.config.auth, limit))
    add_demonstration(app, auth, process)
    # Prevents DNS rebinding: another site could point its own host name to this server.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
    return app
