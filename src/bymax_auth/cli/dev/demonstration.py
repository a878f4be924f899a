"""
The routes behind the demo page: what a page alone cannot do, or a browser does not show to it.

    GET  /dev/demo/processes           this process and the second one, by id
    GET  /dev/demo/login               the refresh tokens of the visitor's login, by fingerprint
    POST /dev/demo/replay              a thief presents the last exchanged one
    GET  /dev/demo/admin               a route for the role ADMIN
    GET  /dev/demo/phones              the phones of the account; POST signs one in
    POST /dev/demo/phones/{hash}/watch     the second process begins to use the phone's token
    GET  /dev/demo/phones/{hash}/refused   when it was refused
"""

import os
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Cookie, Depends, FastAPI
from pydantic import Field
from starlette.responses import JSONResponse

from bymax_auth.cli.dev.phones import ObserveRevocations, Phone, PhoneRefused, Phones
from bymax_auth.cli.dev.refresh_log import LOGIN_COOKIE, ObserveRefresh, RefreshLog, RefreshTokenEntry
from bymax_auth.cli.dev.second_process import SecondProcess, SecondProcessEnded
from bymax_auth.errors import AuthError
from bymax_auth.fastapi import CurrentUser, InstalledAuth
from bymax_auth.types.context import RequestContext
from bymax_auth.types.wire import WireModel

__all__ = ["add_demonstration"]

_THIEF: Final = RequestContext(ip="203.0.113.66", user_agent="thief")
"""The address is one for documentation.  Source: RFC 5737 §3."""


class _Processes(WireModel):
    server: int
    second: int


class _RefreshToken(WireModel):
    fingerprint: str = Field(repr=False)
    exchanged: bool
    grace_left_ms: int


class _Replay(WireModel):
    fingerprint: str = Field(repr=False)
    accepted: bool
    successor: str | None = Field(default=None, repr=False)
    code: str | None = Field(default=None, repr=False)


class _PhonePassword(WireModel):
    password: str = Field(repr=False, max_length=256)


LoginName = Annotated[str | None, Cookie(alias=LOGIN_COOKIE)]


def add_demonstration(app: FastAPI, auth: InstalledAuth, process: SecondProcess) -> None:
    """Add the routes of the demo page, and the middleware that observes what they tell of."""
    log, phones = RefreshLog(), Phones(auth.engine, process)
    app.add_middleware(ObserveRefresh, log=log, cookie=auth.engine.config.refresh_cookie_name)
    app.add_middleware(ObserveRevocations, phones=phones)
    app.add_exception_handler(SecondProcessEnded, _unavailable)
    router = APIRouter(
        prefix="/dev/demo", include_in_schema=False, dependencies=[Depends(auth.trusted_origin)]
    )
    _add_refresh_routes(router, auth, log)
    _add_phone_routes(router, phones)

    @router.get("/processes")
    async def processes() -> _Processes:
        return _Processes(server=os.getpid(), second=await process.pid())

    @router.get("/admin", dependencies=[Depends(auth.require_role("ADMIN"))])
    async def admin() -> dict[str, str]:
        return {"message": "You are let in."}

    app.include_router(router)


def _add_refresh_routes(router: APIRouter, auth: InstalledAuth, log: RefreshLog) -> None:
    grace = auth.engine.config.auth.jwt.refresh_grace_window

    @router.get("/login")
    async def login(name: LoginName = None) -> list[_RefreshToken]:
        return [_shown(entry, grace) for entry in log.login(name)]

    @router.post("/replay")
    async def replay(name: LoginName = None) -> _Replay | None:
        exchanged = [entry for entry in log.login(name) if entry.exchanged_at is not None]
        if not exchanged:
            return None
        stolen = exchanged[-1]
        try:
            refreshed = await auth.engine.refresh(stolen.token, _THIEF)
        except AuthError as refusal:
            return _Replay(fingerprint=stolen.fingerprint, accepted=False, code=refusal.code.value)
        successor = RefreshTokenEntry(refreshed.tokens.refresh_token).fingerprint
        return _Replay(fingerprint=stolen.fingerprint, accepted=True, successor=successor)


def _shown(entry: RefreshTokenEntry, grace: timedelta) -> _RefreshToken:
    left = entry.grace_left(grace) / timedelta(milliseconds=1)
    return _RefreshToken(
        fingerprint=entry.fingerprint, exchanged=entry.exchanged_at is not None, grace_left_ms=round(left)
    )


def _add_phone_routes(router: APIRouter, phones: Phones) -> None:
    @router.get("/phones")
    async def list_phones(owner: CurrentUser) -> list[Phone]:
        return phones.hashes_of(owner)

    @router.post("/phones")
    async def sign_in(owner: CurrentUser, body: _PhonePassword) -> Phone:
        return await phones.sign_in(owner, body.password)

    @router.post("/phones/{session_hash}/watch")
    async def watch(owner: CurrentUser, session_hash: str) -> Phone:
        return await phones.watch(owner, session_hash)

    @router.get("/phones/{session_hash}/refused")
    async def refused(owner: CurrentUser, session_hash: str) -> PhoneRefused:
        return await phones.refused(owner, session_hash)


async def _unavailable(_request: object, _error: Exception) -> JSONResponse:
    message = "The second process has ended. Restart the development server."
    return JSONResponse({"error": {"code": "dev.second_process", "message": message}}, 503)
