import os
import secrets
from typing import Annotated

from fastapi import Body, Depends, FastAPI, Response

from bymax_auth import AuthConfig, AuthEngine, DashboardClaims, EmbeddedStores
from bymax_auth.fastapi import CurrentUser, engine_lifespan, install
from bymax_auth.http import AuthHttpConfig, PeerAddress, StaticTenantResolver
from bymax_auth.repositories.memory import InMemoryUserRepository

config = AuthConfig.secure_defaults(
    environment="development",  # plain HTTP on this machine; leave it out in production
    jwt={"secret": secrets.token_urlsafe(48)},  # in production: the one of `bymax-auth keygen`
    roles={"hierarchy": {"ADMIN": ["USER"], "USER": []}},
    tenancy={"resolver": StaticTenantResolver("default")},  # one tenant for every request
    email_verification={"required": False},
    mfa={"encryption_key": os.environ["BYMAX_AUTH_MFA__ENCRYPTION_KEY"], "issuer": "Example Ltd"},
    controllers={"mfa": True},
)
engine = AuthEngine(config, users=InMemoryUserRepository(), stores=EmbeddedStores())
app = FastAPI(lifespan=engine_lifespan(engine))
auth = install(app, engine, AuthHttpConfig(PeerAddress()))


@app.post("/security/qr")
async def qr_code(user: CurrentUser, password: Annotated[str, Body(embed=True)]) -> Response:
    begun = await engine.mfa_setup(user.sub, tenant_id=user.tenant_id, password=password)
    return Response(begun.qr_svg(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@app.delete("/projects/{name}")
async def delete(name: str, user: Annotated[DashboardClaims, Depends(auth.mfa_satisfied)]) -> str:
    return f"{user.sub} deleted {name}"
