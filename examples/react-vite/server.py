"""The API of the example: accounts, notes that only their owner reads, and a report for administrators."""

import os
import secrets
from collections import defaultdict
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field

from bymax_auth import (
    Allow,
    AuthConfig,
    AuthEngine,
    AuthHooks,
    DashboardClaims,
    EmbeddedStores,
    HookContext,
    RegisterAttempt,
    RegisterDecision,
    RegisterOverrides,
)
from bymax_auth.fastapi import CurrentUser, engine_lifespan, install, require_role
from bymax_auth.http import AuthHttpConfig, PeerAddress, StaticTenantResolver
from bymax_auth.providers import ConsoleEmailSink, DefaultAuthEmailCatalogue, DefaultAuthEmailProvider
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.redis import RedisStores

APP_URL = os.environ.get("APP_URL", "http://localhost:5173")
REDIS_URL = os.environ.get("REDIS_URL")
BUILT = Path(__file__).parent / "dist"
POLICY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


class Hooks(AuthHooks):
    """The role that a new account has; its address is verified before anybody can sign in to it."""

    async def before_register(self, attempt: RegisterAttempt, context: HookContext) -> RegisterDecision:
        role = "ADMIN" if attempt.email == "admin@example.com" else "USER"
        return Allow(RegisterOverrides(role=role))


config = AuthConfig.secure_defaults(
    environment="development",  # plain HTTP on this machine; leave it out in production
    jwt={"secret": secrets.token_urlsafe(48)},  # in production: the one of `bymax-auth keygen`
    roles={"hierarchy": {"ADMIN": ["USER"], "USER": []}},
    tenancy={"resolver": StaticTenantResolver("acme")},  # one tenant for every request
    sessions={"enabled": True},
    mfa={"encryption_key": os.environ["BYMAX_AUTH_MFA__ENCRYPTION_KEY"], "issuer": "Notebook"},
    controllers={"mfa": True, "sessions": True},
    token_delivery="both",  # cookies, unless a client asks for tokens: the page /tokens does
    cookies={"trusted_origins": [APP_URL]},
)
engine = AuthEngine(
    config,
    users=InMemoryUserRepository(),
    stores=EmbeddedStores() if REDIS_URL is None else RedisStores.from_url(REDIS_URL),
    hooks=Hooks(),
    email=DefaultAuthEmailProvider(
        ConsoleEmailSink(),
        catalogue=DefaultAuthEmailCatalogue(
            product="Notebook",
            # After `#`: a token in front of it would be written to the logs of servers.
            password_reset_link=f"{APP_URL}/reset#email={{email}}&token={{token}}",
        ),
    ),
)
app = FastAPI(lifespan=engine_lifespan(engine), redirect_slashes=False)
install(app, engine, AuthHttpConfig(PeerAddress()))

AdminUser = Annotated[DashboardClaims, Depends(require_role("ADMIN"))]
notes: defaultdict[str, list[str]] = defaultdict(list)


class Note(BaseModel):
    """What a person writes down."""

    text: str = Field(min_length=1, max_length=200)


@app.get("/api/notes")
async def read_notes(user: CurrentUser) -> list[str]:
    return notes[user.sub]


@app.post("/api/notes", status_code=201)
async def add_note(user: CurrentUser, note: Note) -> list[str]:
    notes[user.sub].append(note.text)
    return notes[user.sub]


@app.get("/api/report")
async def report(admin: AdminUser) -> dict[str, int]:
    return {"people": len(notes), "notes": sum(map(len, notes.values()))}


if BUILT.is_dir():
    # `npm run build` made the pages: every address that is not the API's is one of theirs.
    app.mount("/assets", StaticFiles(directory=BUILT / "assets"))

    @app.get("/{page:path}", include_in_schema=False)
    async def page(page: str) -> FileResponse:
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
        return FileResponse(BUILT / "index.html", headers=headers)
