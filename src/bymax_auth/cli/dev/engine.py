"""
The engines of the development server and of its second process, with the secure profile.

Nothing here imports a web framework: the second process verifies tokens only, and starts sooner without one.
"""

import base64
import hmac
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from bymax_auth.cli.dev.data import DevData
from bymax_auth.cli.dev.mailbox import Mailbox
from bymax_auth.cli.dev.seed import DEMO_TENANT
from bymax_auth.cli.serve.admission import Admission, ProviderHooks
from bymax_auth.config import (
    AuthConfig,
    ControllersConfig,
    Environment,
    InvitationsConfig,
    JwtConfig,
    MfaConfig,
    OAuthConfig,
    PlatformConfig,
    RegistrationConfig,
    RegistrationSession,
    RequestParts,
    RolesConfig,
    SessionsConfig,
    TenancyConfig,
)
from bymax_auth.engine import AuthEngine
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.providers.mail import DefaultAuthEmailProvider
from bymax_auth.types.secret import Secret

__all__ = ["CODE_STEPS_AHEAD", "DevTenants", "build_engine", "build_verifier", "encryption_key"]

_GRACE: Final = timedelta(seconds=2)
"""Shorter than the default: a visitor waits until a replayed refresh token counts as stolen."""

CODE_STEPS_AHEAD: Final = 2
"""More than the default: each code works once, and a visitor enters several within half a minute."""


class DevTenants:
    """Returns the tenant in ``X-Tenant-Id``, or `DEMO_TENANT`."""

    async def resolve(self, parts: RequestParts) -> str:
        """Implements `TenantIdResolver`."""
        return parts.headers.get("x-tenant-id") or DEMO_TENANT


def build_engine(
    data: DevData,
    mailbox: Mailbox,
    environment: Environment,
    trusted_origins: Sequence[str] = (),
    providers: Sequence[OAuthProvider] = (),
) -> AuthEngine:
    """Return an engine for plain HTTP on the loopback interface, with every feature."""
    config = AuthConfig.secure_defaults(
        **_shared(data),
        environment=environment,
        mfa=MfaConfig(
            encryption_key=Secret(base64.b64encode(encryption_key(data.secret)).decode()),
            issuer="bymax-auth dev",
            totp_window=CODE_STEPS_AHEAD,
        ),
        # The page asks for the code beside a signed-in account.
        registration=RegistrationConfig(session=RegistrationSession.ALWAYS),
        # With the epoch, access tokens end together with the login of a replayed refresh token.
        sessions=SessionsConfig(enabled=True, new_session_alerts=True, reuse_bumps_epoch=True),
        invitations=InvitationsConfig(enabled=True),
        platform=PlatformConfig(enabled=True),
        controllers=ControllersConfig(sessions=True, mfa=True, email_change=True, oauth=bool(providers)),
        # The page says what each of them means.
        oauth=OAuthConfig(
            success_redirect_url="/?signed-in",
            link_redirect_url="/?linked",
            mfa_redirect_url="/?second-step",
            error_redirect_url="/",
        ),
        # The demo phone learns by the cookie of a sign-in whose code it shall make.
        cookies={"trusted_origins": tuple(trusted_origins), "mfa_temp_cookie_path": "/"},
    )
    email = DefaultAuthEmailProvider(mailbox, on_delivery_error={"email_change_verification": "rethrow"})
    return AuthEngine(
        config,
        users=data.users,
        platform_users=data.admins,
        stores=data.stores,
        email=email,
        hooks=ProviderHooks(Admission(reclaim=True)),
        oauth_providers=providers,
    )


def build_verifier(data: DevData) -> AuthEngine:
    """Return an engine that verifies the access tokens of `build_engine`, and starts sooner."""
    config = AuthConfig.secure_defaults(
        **_shared(data),
        environment=Environment.DEVELOPMENT,
        controllers=ControllersConfig(password_reset=False),
        email_verification={"required": False},
    )
    return AuthEngine(config, users=data.users, stores=data.stores)


def encryption_key(secret: Secret) -> bytes:
    """Return the key of second factors, which is in no file and is the same after a restart."""
    return hmac.digest(secret.reveal().encode(), b"bymax-auth dev: second factors", "sha256")


def _shared(data: DevData) -> dict[str, Any]:
    return {
        "jwt": JwtConfig(secret=data.secret, refresh_grace_window=_GRACE),
        "roles": RolesConfig(
            hierarchy={"ADMIN": ("MEMBER",), "MEMBER": ()},
            platform_hierarchy={"ROOT": ("SUPPORT",), "SUPPORT": ()},
        ),
        # Every password here is hashed by Argon2id; each engine measures one derivation of both algorithms.
        "password": {"scrypt": {"cost_factor": 1 << 14}},
        "tenancy": TenancyConfig(resolver=DevTenants()),
    }
