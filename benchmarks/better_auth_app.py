"""
better-auth-server as an application: its FastAPI integration over its in-memory adapter.

It is wired as its documentation shows and nothing else is set, so the rate limit is off outside
production and the cookie cache is off: the session and its user are read from the adapter.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from benchmarks.requests import Request, posting
from bymax_auth.http.asgi import ASGIApp

__all__ = ["SessionReads", "as_documented", "login"]

EMAIL: Final = "user0@example.com"
PASSWORD: Final = "lantern-orbit-velvet-92"
SECRET: Final = "an-example-secret-of-the-benchmarks-0123456789"
_COOKIE: Final = "better-auth.session_token"


def login() -> Request:
    """Return a sign-in."""
    return posting("/api/auth/sign-in/email", {"email": EMAIL, "password": PASSWORD})


class SessionReads:
    """Reads of one session, which the signed cookie names."""

    def __init__(self, signed_in: bytes) -> None:
        # Here, not above: the server processes of the other contenders do not load the package.
        from better_auth.crypto import sign_value

        cookie = f"{_COOKIE}={sign_value(SECRET, json.loads(signed_in)['token'])}"
        self._read = Request("GET", "/api/auth/get-session", ((b"cookie", cookie.encode()),))

    def request(self) -> Request:
        """Return the read."""
        return self._read

    def heard(self, body: bytes) -> None:
        """
        Check that the session was found: its absence is answered 200 too.

        Raises:
            RuntimeError: The cookie was not accepted.
        """
        if body == b"null":
            raise RuntimeError("better-auth-server answered that nobody is signed in")


@asynccontextmanager
async def as_documented() -> AsyncGenerator[ASGIApp, None]:
    """Serve it wired as its documentation shows, with one account."""
    from better_auth import BetterAuth, EmailAndPassword
    from better_auth.integrations.fastapi import BetterAuthFastAPI
    from better_auth.types import AuthRequest
    from fastapi import FastAPI

    auth = BetterAuth(secret=SECRET, email_and_password=EmailAndPassword(enabled=True))
    account = json.dumps({"name": "Ada Lovelace", "email": EMAIL, "password": PASSWORD}).encode()
    signed_up = await auth.handle(AuthRequest("POST", "/sign-up/email", body=account))
    if signed_up.status != 200:
        raise RuntimeError(f"better-auth-server answered a sign-up with {signed_up.status}")
    app = FastAPI()
    app.include_router(BetterAuthFastAPI(auth).router)
    yield app
