"""The API of the example: accounts in memory, sessions in Redis, mail on the terminal."""

import os

from fastapi import FastAPI

from bymax_auth import (
    Allow,
    AuthConfig,
    AuthEngine,
    AuthHooks,
    HookContext,
    RegisterAttempt,
    RegisterOverrides,
)
from bymax_auth.fastapi import CurrentUser, engine_lifespan, install
from bymax_auth.http import AuthHttpConfig, PeerAddress, StaticTenantResolver
from bymax_auth.providers import ConsoleEmailSink, DefaultAuthEmailProvider
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.redis import RedisStores

ADMINISTRATOR = "admin@example.com"


class Roles(AuthHooks):
    async def before_register(self, attempt: RegisterAttempt, context: HookContext) -> Allow:
        """Who proves to own this address is the administrator."""
        return Allow(RegisterOverrides(role="ADMIN" if attempt.email == ADMINISTRATOR else "USER"))


config = AuthConfig.secure_defaults(
    environment="development",  # plain HTTP on this machine; leave it out in production
    jwt={"secret": os.environ["JWT_SECRET"]},  # the same as the front end's
    roles={"hierarchy": {"ADMIN": ["USER"], "USER": []}},
    tenancy={"resolver": StaticTenantResolver("acme")},  # one tenant for every request
    sessions={"enabled": True},
    password_reset={"method": "otp"},
    mfa={"encryption_key": os.environ["MFA_ENCRYPTION_KEY"], "issuer": "Example"},
    controllers={"mfa": True},
    cookies={
        "same_site": "lax",  # strict cookies do not come with a link from a mail
        "refresh_cookie_path": "/api/auth",  # where the front end's handlers are
        "trusted_origins": [os.environ.get("APP_ORIGIN", "http://127.0.0.1:3000")],
    },
)
engine = AuthEngine(
    config,
    users=InMemoryUserRepository(),
    stores=RedisStores.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")),
    email=DefaultAuthEmailProvider(ConsoleEmailSink()),
    hooks=Roles(),
)
app = FastAPI(lifespan=engine_lifespan(engine))
install(app, engine, AuthHttpConfig(PeerAddress()))


@app.get("/profile")
async def profile(user: CurrentUser) -> dict[str, str]:
    return {"id": user.sub, "tenant": user.tenant_id, "role": user.role}
