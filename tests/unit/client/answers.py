"""Clients in front of a transport that answers what a test says."""

import json
from collections.abc import Mapping
from typing import Any

import httpx2

from bymax_auth.client import AuthClient, CookieNames, RotatedTokens, Session, SyncAuthClient

__all__ = [
    "ACCESS_TOKEN",
    "OTHER",
    "REFRESH_TOKEN",
    "USER",
    "Server",
    "client_of",
    "envelope",
    "ok",
    "session",
    "setting_cookies",
    "signed_in_body",
    "sync_client_of",
]

ACCESS_TOKEN = "aaaa.bbbb.cccc-first-access"
REFRESH_TOKEN = "0123456789abcdef" * 4
URL = "https://auth.example.com"
USER: dict[str, Any] = {
    "id": "u1",
    "email": "ada@example.com",
    "name": "Ada",
    "role": "USER",
    "status": "ACTIVE",
    "tenantId": "acme",
    "emailVerified": True,
    "mfaEnabled": False,
    "oauthProvider": None,
    "oauthProviderId": None,
    "lastLoginAt": None,
    "createdAt": "2026-01-02T03:04:05.678Z",
}

OTHER = RotatedTokens(access_token="o.t.her", refresh_token="other")
"""Those of another login."""

Answer = httpx2.Response | Exception


class Server:
    """Answers each path with what it is told, in turn, and with the last of these from then on."""

    def __init__(self, answers: Mapping[str, Answer | list[Answer]]) -> None:
        self.answers: dict[str, Answer | list[Answer]] = dict(answers)
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers[request.url.path.removeprefix("/auth")]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        # An answer can be read once.
        return httpx2.Response(
            answer.status_code, headers=answer.headers.multi_items(), content=answer.content
        )

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]


def envelope(status: int, code: str, details: object = None, **headers: str) -> httpx2.Response:
    body = {"error": {"code": code, "message": "Some text", "details": details}}
    return httpx2.Response(status, json=body, headers=headers)


def ok(value: object, status: int = 200) -> httpx2.Response:
    return httpx2.Response(status, json=value)


def setting_cookies(*lines: str, body: bytes | None = None) -> httpx2.Response:
    content = json.dumps({"user": USER}).encode() if body is None else body
    return httpx2.Response(200, content=content, headers=[("set-cookie", line) for line in lines])


def signed_in_body(access: str = ACCESS_TOKEN, refresh: str = REFRESH_TOKEN) -> bytes:
    return json.dumps({"user": USER, "accessToken": access, "refreshToken": refresh, "extra": 1}).encode()


def session(access: str = ACCESS_TOKEN, refresh: str = REFRESH_TOKEN) -> Session:
    return Session(RotatedTokens(access_token=access, refresh_token=refresh))


def client_of(
    server: Server, held: Session | None = None, cookies: CookieNames | None = None, **options: Any
) -> AuthClient:
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(server), **options)
    return AuthClient(URL, http=http, session=held, cookies=cookies)


def sync_client_of(
    server: Server, held: Session | None = None, cookies: CookieNames | None = None, **options: Any
) -> SyncAuthClient:
    http = httpx2.Client(transport=httpx2.MockTransport(server), **options)
    return SyncAuthClient(URL, http=http, session=held, cookies=cookies)
