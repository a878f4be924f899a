import secrets

from fastapi import FastAPI

from bymax_auth import AuthConfig, AuthEngine, EmbeddedStores
from bymax_auth.fastapi import CurrentUser, engine_lifespan, install
from bymax_auth.http import AuthHttpConfig, PeerAddress, StaticTenantResolver
from bymax_auth.providers import ConsoleEmailSink, DefaultAuthEmailProvider
from bymax_auth.repositories.memory import InMemoryUserRepository

config = AuthConfig.secure_defaults(
    environment="development",  # plain HTTP on this machine; leave it out in production
    jwt={"secret": secrets.token_urlsafe(48)},  # in production: `bymax-auth keygen`
    roles={"hierarchy": {"ADMIN": ["USER"], "USER": []}},
    tenancy={"resolver": StaticTenantResolver("default")},  # one tenant for every request
)
mail = DefaultAuthEmailProvider(ConsoleEmailSink())
engine = AuthEngine(config, users=InMemoryUserRepository(), stores=EmbeddedStores(), email=mail)
app = FastAPI(lifespan=engine_lifespan(engine), redirect_slashes=False)
install(app, engine, AuthHttpConfig(PeerAddress()))


@app.get("/profile")
async def profile(user: CurrentUser) -> dict[str, str]:
    return {"id": user.sub, "role": user.role}
