"""
A second device of the visitor's account, which the second process uses until it is revoked.

    sign in ──▶ the second process verifies the token ──▶ DELETE /auth/sessions/{hash} ──▶ refused there
                                                           │ arrives: 0 ms    │ answered
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, TypeVar

from pydantic import Field
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bymax_auth.cli.dev.authenticator import Authenticator
from bymax_auth.cli.dev.second_process import SecondProcess, SecondProcessEnded, Watch
from bymax_auth.engine import AuthEngine
from bymax_auth.errors import AuthError, SessionNotFound
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from bymax_auth.types.results import AuthResult, LoginResult, MfaChallengeResult
from bymax_auth.types.wire import WireModel

__all__ = ["ObserveRevocations", "Phone", "PhoneRefused", "Phones"]

ResultT = TypeVar("ResultT")

_USER_AGENT: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)
_IP: Final = "198.51.100.7"
"""An address for documentation.  Source: RFC 5737 §3."""

_KEPT: Final = 50
_LONGEST_WAIT_SECONDS: Final = 60
_SESSIONS: Final = "/auth/sessions/"


class Phone(WireModel):
    """The session of a phone, as the session list names it."""

    session_hash: str = Field(repr=False)


class PhoneRefused(WireModel):
    """
    When the second process refused the phone's token, and when the revoking request was answered here.

    Both are in milliseconds since that request arrived, and ``None`` when it did not happen.
    """

    checks: int
    refused_ms: float | None
    answered_ms: float | None


@dataclass(slots=True)
class _SignedIn:
    user_id: str
    tenant_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    watch: Watch | None = None
    arrived_at: int | None = None
    answered_at: int | None = None


class Phones:
    """The phones that visitors signed in, by session hash."""

    def __init__(self, engine: AuthEngine, process: SecondProcess, authenticator: Authenticator) -> None:
        self._engine = engine
        self._process = process
        self._authenticator = authenticator
        self._phones: OrderedDict[str, _SignedIn] = OrderedDict()

    async def sign_in(self, owner: DashboardClaims, password: str) -> Phone:
        """
        Sign a phone in to the account of `owner`.

        Raises:
            AuthError: The sign-in was refused, as for every client.
            CodesUsed: The account has a second factor, and its next code comes later.
        """
        account = await self._engine.me(owner.sub, tenant_id=owner.tenant_id)
        context = _context(owner.tenant_id)
        result: LoginResult = await self._engine.login(
            LoginInput(email=account.email, password=password), context
        )
        if isinstance(result, MfaChallengeResult):
            fresh = await self._authenticator.code_of(account.email)
            result = await self._engine.mfa_challenge(result.mfa_temp_token, fresh.code, context)
        if not isinstance(result, AuthResult):
            raise SessionNotFound
        signed_in = _SignedIn(owner.sub, owner.tenant_id, result.access_token, result.refresh_token)
        return Phone(session_hash=await self._keep(signed_in))

    def hashes_of(self, owner: DashboardClaims) -> list[Phone]:
        """Return the phones of an account."""
        return [
            Phone(session_hash=session_hash)
            for session_hash, phone in self._phones.items()
            if (phone.user_id, phone.tenant_id) == (owner.sub, owner.tenant_id)
        ]

    async def watch(self, owner: DashboardClaims, session_hash: str) -> Phone:
        """
        Let the second process use the phone's token; return when it has accepted the token once.

        Raises:
            SessionNotFound: The phone's session has ended.
            SecondProcessEnded: The process does not answer.
        """
        phone = self._owned(owner, session_hash)
        try:
            await self._engine.authenticate(phone.access_token)
        except AuthError:
            session_hash = await self._refresh(session_hash, phone)
        phone.watch = await self._process.watch(phone.access_token)
        phone.arrived_at = phone.answered_at = None
        if not await _result(phone.watch.accepted):
            raise SessionNotFound
        return Phone(session_hash=session_hash)

    async def refused(self, owner: DashboardClaims, session_hash: str) -> PhoneRefused:
        """
        Return when the second process refused the token, once it has.

        Raises:
            SessionNotFound: There is no such phone, or nobody watches it.
            SecondProcessEnded: The process does not answer.
        """
        phone = self._owned(owner, session_hash)
        if phone.watch is None:
            raise SessionNotFound
        refusal = await _result(phone.watch.refusal)
        self._phones.pop(session_hash, None)
        return PhoneRefused(
            checks=refusal.checks,
            refused_ms=_milliseconds(phone.arrived_at, refusal.refused_at),
            answered_ms=_milliseconds(phone.arrived_at, phone.answered_at),
        )

    def revoking(self, session_hash: str) -> None:
        """Note that a request to revoke this session has arrived."""
        phone = self._phones.get(session_hash)
        if phone is not None:
            phone.arrived_at = time.monotonic_ns()

    def revoked(self, session_hash: str) -> None:
        """Note that the request is being answered."""
        phone = self._phones.get(session_hash)
        if phone is not None:
            phone.answered_at = time.monotonic_ns()

    def _owned(self, owner: DashboardClaims, session_hash: str) -> _SignedIn:
        phone = self._phones.get(session_hash)
        if phone is None or (phone.user_id, phone.tenant_id) != (owner.sub, owner.tenant_id):
            raise SessionNotFound
        return phone

    async def _refresh(self, session_hash: str, phone: _SignedIn) -> str:
        """Refresh as a client does after a 401: ending another session revoked every access token."""
        refreshed = await self._engine.refresh(phone.refresh_token, _context(phone.tenant_id))
        phone.access_token = refreshed.tokens.access_token
        phone.refresh_token = refreshed.tokens.refresh_token
        self._phones.pop(session_hash, None)
        return await self._keep(phone)

    async def _keep(self, phone: _SignedIn) -> str:
        sessions = await self._engine.list_sessions(
            phone.user_id, tenant_id=phone.tenant_id, raw_refresh=phone.refresh_token
        )
        session_hash = next((session.session_hash for session in sessions if session.is_current), None)
        if session_hash is None:
            raise SessionNotFound
        self._phones[session_hash] = phone
        while len(self._phones) > _KEPT:
            self._phones.popitem(last=False)
        return session_hash


class ObserveRevocations:
    """ASGI middleware that notes when a request to revoke a phone's session arrives."""

    def __init__(self, app: ASGIApp, *, phones: Phones) -> None:
        self._app = app
        self._phones = phones

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Implements an ASGI application."""
        if scope["type"] != "http" or scope["method"] != "DELETE" or not scope["path"].startswith(_SESSIONS):
            await self._app(scope, receive, send)
            return
        session_hash = scope["path"].removeprefix(_SESSIONS)

        async def observe(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._phones.revoked(session_hash)
            await send(message)

        self._phones.revoking(session_hash)
        await self._app(scope, receive, observe)


async def _result(future: "asyncio.Future[ResultT]") -> ResultT:
    try:
        # Shielded, because another request may wait for the same result.
        return await asyncio.wait_for(asyncio.shield(future), _LONGEST_WAIT_SECONDS)
    except TimeoutError as error:
        raise SecondProcessEnded from error


def _milliseconds(start: int | None, end: int | None) -> float | None:
    return None if start is None or end is None else round((end - start) / 1_000_000, 1)


def _context(tenant_id: str) -> RequestContext:
    return RequestContext(ip=_IP, user_agent=_USER_AGENT, sanitized_headers={"x-tenant-id": tenant_id})
