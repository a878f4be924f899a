"""
The engine of the development server and of its second process, with the secure profile.

Nothing here imports a web framework: the second process verifies tokens only, and starts sooner without one.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bymax_auth.cli.dev.data import DevData
from bymax_auth.cli.dev.mailbox import Mailbox
from bymax_auth.cli.dev.seed import DEMO_TENANT
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
from bymax_auth.providers.mail import DefaultAuthEmailProvider

__all__ = ["DevTenants", "build_engine"]

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
        # Every password here is hashed by Argon2id; each engine measures one derivation of both algorithms.
        password={"scrypt": {"cost_factor": 1 << 14}},
        tenancy=TenancyConfig(resolver=DevTenants()),
        # The page asks for the code beside a signed-in account.
        registration=RegistrationConfig(session=RegistrationSession.ALWAYS),
        # With the epoch, access tokens end together with the login of a replayed refresh token.
        sessions=SessionsConfig(enabled=True, new_session_alerts=True, reuse_bumps_epoch=True),
        controllers=ControllersConfig(sessions=True),
        cookies={"trusted_origins": tuple(trusted_origins)},
    )
    return AuthEngine(config, users=data.users, stores=data.stores, email=DefaultAuthEmailProvider(mailbox))
