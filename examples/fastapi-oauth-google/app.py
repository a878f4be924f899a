import os
import secrets

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from bymax_auth import (
    AuthConfig,
    AuthEngine,
    AuthHooks,
    Create,
    EmbeddedStores,
    HookContext,
    Link,
    OAuthDecision,
    OAuthProfile,
    SafeAuthUser,
)
from bymax_auth.fastapi import OptionalUser, engine_lifespan, install
from bymax_auth.http import AuthHttpConfig, PeerAddress, StaticTenantResolver
from bymax_auth.repositories.memory import InMemoryUserRepository


class Hooks(AuthHooks):
    async def on_oauth_login(
        self, profile: OAuthProfile, existing_user: SafeAuthUser | None, context: HookContext
    ) -> OAuthDecision:
        return Create() if existing_user is None else Link()  # whoever Google knows may come


config = AuthConfig.secure_defaults(
    environment="development",  # plain HTTP on this machine; leave it out in production
    jwt={"secret": secrets.token_urlsafe(48)},  # in production: `bymax-auth keygen`
    roles={"hierarchy": {"ADMIN": ["USER"], "USER": []}},
    tenancy={"resolver": StaticTenantResolver("default")},  # one tenant for every request
    email_verification={"required": False},
    cookies={"same_site": "lax"},  # with strict, the page after Google's would not see the session
    controllers={"oauth": True},
    oauth={
        "google": {
            "client_id": os.environ["GOOGLE_CLIENT_ID"],
            "client_secret": os.environ["GOOGLE_CLIENT_SECRET"],
            "callback_url": "http://localhost:8000/auth/oauth/google/callback",
        },
        "success_redirect_url": "/",
    },
)
users = InMemoryUserRepository()
engine = AuthEngine(config, users=users, stores=EmbeddedStores(), hooks=Hooks())
app = FastAPI(lifespan=engine_lifespan(engine), redirect_slashes=False)
install(app, engine, AuthHttpConfig(PeerAddress()))


@app.get("/", response_class=HTMLResponse)
async def home(user: OptionalUser) -> str:
    if user is None:
        return '<a href="/auth/oauth/google">Continue with Google</a>'
    return f"You are signed in: {user.sub}"
