"""The development server's engine and application, with the secure profile."""

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from bymax_auth.cli.dev.data import DevData
from bymax_auth.cli.dev.mailbox import Mailbox
from bymax_auth.cli.dev.seed import DEMO_TENANT, DemoAccount
from bymax_auth.cli.dev.site import add_site
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
from bymax_auth.http import AuthHttpConfig, PeerAddress, RateLimitConfig
from bymax_auth.providers.mail import DefaultAuthEmailProvider

__all__ = ["DevTenants", "build_app", "build_engine"]

_TITLE: Final = "bymax-auth development server"


class DevTenants:
    """Returns the tenant in ``X-Tenant-Id``, or `DEMO_TENANT`."""

    async def resolve(self, parts: RequestParts) -> str:
        """Implements `TenantIdResolver`."""
        return parts.headers.get("x-tenant-id") or DEMO_TENANT


def build_engine(data: DevData, mailbox: Mailbox, environment: Environment) -> AuthEngine:
    """Return an engine for plain HTTP on the loopback interface."""
    config = AuthConfig.secure_defaults(
        environment=environment,
        jwt=JwtConfig(secret=data.secret),
        roles=RolesConfig(hierarchy={"ADMIN": ("MEMBER",), "MEMBER": ()}),
        tenancy=TenancyConfig(resolver=DevTenants()),
        # The page asks for the code beside a signed-in account.
        registration=RegistrationConfig(session=RegistrationSession.ALWAYS),
        sessions=SessionsConfig(enabled=True, new_session_alerts=True),
        controllers=ControllersConfig(sessions=True),
    )
    return AuthEngine(config, users=data.users, stores=data.stores, email=DefaultAuthEmailProvider(mailbox))


def build_app(
    engine: AuthEngine, mailbox: Mailbox, accounts: Sequence[DemoAccount], *, rate_limits: bool
) -> FastAPI:
    """Return the application, which accepts only requests with a loopback ``Host``."""
    app = FastAPI(title=_TITLE, docs_url=None, redoc_url=None, redirect_slashes=False)
    # Prevents DNS rebinding: another site could point its own host name to this server.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
    limits = RateLimitConfig() if rate_limits else RateLimitConfig.unlimited()
    install(app, engine, AuthHttpConfig(PeerAddress(), rate_limits=limits))
    add_site(app, mailbox, accounts)
    return app
