"""
The routes behind the demo page: what a page alone cannot do, or a browser does not show to it.

    GET  /dev/demo/processes           this process and the second one, by id
    GET  /dev/demo/login               the refresh tokens of the visitor's login, by fingerprint
    POST /dev/demo/replay              a thief presents the last exchanged one
    GET  /dev/demo/admin               a route for the role ADMIN
    GET  /dev/demo/phones              the phones of the account; POST signs one in
    POST /dev/demo/phones/{hash}/watch     the second process begins to use the phone's token
    GET  /dev/demo/phones/{hash}/refused   when it was refused
    POST /dev/demo/qr                  the QR code of an enrolment
    POST /dev/demo/code                a code of the app: of an account, a sign-in or an enrolment
    POST /dev/demo/owner               somebody new whom Demo ID knows
"""

import os
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Cookie, Depends, FastAPI
from pydantic import Field
from starlette.responses import JSONResponse

from bymax_auth.cli.dev.authenticator import Authenticator, CodesUsed, FreshCode, NoSecondFactor
from bymax_auth.cli.dev.demo_id.provider import DemoId
from bymax_auth.cli.dev.phones import ObserveRevocations, Phone, PhoneRefused, Phones
from bymax_auth.cli.dev.refresh_log import LOGIN_COOKIE, ObserveRefresh, RefreshLog, RefreshTokenEntry
from bymax_auth.cli.dev.second_process import SecondProcess, SecondProcessEnded
from bymax_auth.errors import AuthError
from bymax_auth.fastapi import CurrentUser, InstalledAuth
from bymax_auth.http.cookies import MFA_TEMP_COOKIE
from bymax_auth.types.context import RequestContext
from bymax_auth.types.qr_code import qr_svg
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


class _QrText(WireModel):
    qr_code_uri: str = Field(repr=False, max_length=1024)


class _QrCode(WireModel):
    svg: str = Field(repr=False)


class _CodeOf(WireModel):
    """An account by its address, or an enrolment by its secret; neither is the sign-in of the cookie."""

    email: str = Field(default="", repr=False, max_length=255)
    secret: str = Field(default="", repr=False, max_length=128)


class _Owner(WireModel):
    """Somebody whose address Demo ID has verified, and who has no account here."""

    name: str
    email: str


LoginName = Annotated[str | None, Cookie(alias=LOGIN_COOKIE)]
ChallengeToken = Annotated[str, Cookie(alias=MFA_TEMP_COOKIE)]


def add_demonstration(
    app: FastAPI,
    auth: InstalledAuth,
    process: SecondProcess,
    authenticator: Authenticator,
    provider: DemoId,
) -> None:
    """Add the routes of the demo page, and the middleware that observes what they tell of."""
    log, phones = RefreshLog(), Phones(auth.engine, process, authenticator)
    app.add_middleware(ObserveRefresh, log=log, cookie=auth.engine.config.refresh_cookie_name)
    app.add_middleware(ObserveRevocations, phones=phones)
    app.add_exception_handler(SecondProcessEnded, _unavailable)
    app.add_exception_handler(NoSecondFactor, _no_factor)
    app.add_exception_handler(CodesUsed, _codes_used)
    router = APIRouter(
        prefix="/dev/demo", include_in_schema=False, dependencies=[Depends(auth.trusted_origin)]
    )
    _add_refresh_routes(router, auth, log)
    _add_phone_routes(router, phones)
    _add_authenticator_routes(router, authenticator)
    _add_provider_routes(router, provider)

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


def _add_authenticator_routes(router: APIRouter, authenticator: Authenticator) -> None:
    @router.post("/qr")
    async def qr(body: _QrText) -> _QrCode:
        return _QrCode(svg=qr_svg(body.qr_code_uri))

    @router.post("/code")
    async def code(body: _CodeOf, challenge: ChallengeToken = "") -> FreshCode:
        if body.secret:
            return authenticator.code_for(body.secret)
        if body.email:
            return await authenticator.code_of(body.email)
        return await authenticator.code_of_challenge(challenge)


def _add_provider_routes(router: APIRouter, provider: DemoId) -> None:
    @router.post("/owner")
    async def owner() -> _Owner:
        known = provider.expect()
        return _Owner(name=known.name, email=known.email)


async def _no_factor(_request: object, _error: Exception) -> JSONResponse:
    message = "The demo phone has no second factor of this account."
    return JSONResponse({"error": {"code": "dev.no_second_factor", "message": message}}, 404)


async def _codes_used(_request: object, error: Exception) -> JSONResponse:
    seconds = error.retry_after_seconds if isinstance(error, CodesUsed) else 0
    message = "Every code works once, and each one that is valid now was used."
    details = {"retryAfterSeconds": seconds}
    return JSONResponse({"error": {"code": "dev.codes_used", "message": message, "details": details}}, 429)


async def _unavailable(_request: object, _error: Exception) -> JSONResponse:
    message = "The second process has ended. Restart the development server."
    return JSONResponse({"error": {"code": "dev.second_process", "message": message}}, 503)
