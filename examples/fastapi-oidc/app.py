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
    Reject,
    SafeAuthUser,
)
from bymax_auth.fastapi import OptionalUser, engine_lifespan, install
from bymax_auth.http import AuthHttpConfig, PeerAddress, StaticTenantResolver
from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.repositories.memory import InMemoryUserRepository


class Hooks(AuthHooks):
    async def on_oauth_login(
        self, profile: OAuthProfile, existing_user: SafeAuthUser | None, context: HookContext
    ) -> OAuthDecision:
        if not profile.email_verified:
            return Reject("the provider has not verified the address")
        return Create() if existing_user is None else Link()


config = AuthConfig.secure_defaults(
    environment="development",  # plain HTTP on this machine; leave it out in production
    jwt={"secret": secrets.token_urlsafe(48)},  # in production: `bymax-auth keygen`
    roles={"hierarchy": {"ADMIN": ["USER"], "USER": []}},
    tenancy={"resolver": StaticTenantResolver("default")},  # one tenant for every request
    email_verification={"required": False},
    cookies={"same_site": "lax"},  # with strict, the page after the provider's would not see the session
    controllers={"oauth": True},
    oauth={"success_redirect_url": "/"},
)
provider = OidcProvider(
    name="local",
    issuer=os.environ.get("OIDC_ISSUER", "http://127.0.0.1:9000"),
    client_id="my-app",
    client_secret="the-secret-of-my-app",
    redirect_uri="http://127.0.0.1:8000/auth/oauth/local/callback",
    allow_loopback_http=True,  # for a provider on this machine; leave it out in production
)
users = InMemoryUserRepository()
engine = AuthEngine(config, users=users, stores=EmbeddedStores(), hooks=Hooks(), oauth_providers=[provider])
app = FastAPI(lifespan=engine_lifespan(engine), redirect_slashes=False)
install(app, engine, AuthHttpConfig(PeerAddress()))


@app.get("/", response_class=HTMLResponse)
async def home(user: OptionalUser) -> str:
    if user is None:
        return '<a href="/auth/oauth/local">Continue with the local provider</a>'
    return f"You are signed in: {user.sub}"
