"""
An OpenID provider whose every answer a test can write, however wrong, as an ASGI application.

Its tokens are signed here by hand where no library would sign them: with `none`, or with a public key as the
secret of HS256.
"""

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx2
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from bymax_auth.jwt import base64url
from bymax_auth.providers.http import HttpxHttpClient

__all__ = ["CLIENT_ID", "NONCE", "NOW", "Answer", "ReceivedRequest", "ScriptedProvider", "signed"]

CLIENT_ID = "the-application"
NONCE = "bm9uY2Utb2YtdGhpcy1zaWduLWlu"
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

Key = RSAKey | ECKey | OKPKey


@dataclass(frozen=True)
class Answer:
    """A status, a body and headers."""

    body: bytes | dict[str, Any] | list[Any]
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True)
class ReceivedRequest:
    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode())


@dataclass
class ScriptedProvider:
    """Answers by address; what is not scripted is 404."""

    issuer: str = "https://id.example.com"
    key: Key = field(default_factory=lambda: RSAKey.generate_key(2048))
    key_id: str = "first"
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    without: tuple[str, ...] = ()
    header: dict[str, Any] = field(default_factory=dict[str, Any])
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    requests: list[ReceivedRequest] = field(default_factory=list[ReceivedRequest])

    def __post_init__(self) -> None:
        self.answers[f"{self.issuer}/.well-known/openid-configuration"] = Answer(self.metadata())
        self.answers[f"{self.issuer}/jwks"] = Answer(self.key_set())

    @property
    def client(self) -> HttpxHttpClient:
        """A client that reaches this application, whatever host it asks for."""
        return HttpxHttpClient(httpx2.ASGITransport(self))

    def asked(self, ending: str) -> int:
        """How often an address with this ending was asked."""
        return sum(request.url.endswith(ending) for request in self.requests)

    def metadata(self, **changes: Any) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            **changes,
        }

    def key_set(self, **changes: Any) -> dict[str, Any]:
        return {"keys": [{**self.key.as_dict(private=False), "kid": self.key_id, **changes}]}

    def id_token(self) -> str:
        """A token of this sign-in, with the changes that the test has asked for."""
        now = int(NOW.timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": "248289761001",
            "aud": CLIENT_ID,
            "exp": now + 600,
            "iat": now,
            "nonce": NONCE,
            "email": "ada@example.com",
            "email_verified": True,
            "name": "Ada Lovelace",
            **self.claims,
        }
        for name in self.without:
            del claims[name]
        return signed(claims, {"alg": "RS256", "kid": self.key_id, **self.header}, self.key)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        body += message.get("body", b"")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = f"?{scope['query_string'].decode()}" if scope["query_string"] else ""
        url = f"{scope['scheme']}://{headers['host']}{scope['path']}{query}"
        # Others run meanwhile, as they do while an answer is on its way.
        await asyncio.sleep(0)
        self.requests.append(ReceivedRequest(scope["method"], url, headers, body))
        answer = self.answers.get(url, Answer({"error": "not scripted"}, status=404))
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": content})


def signed(claims: dict[str, Any], header: dict[str, Any], key: Key) -> str:
    """The claims as a token, signed as its header says."""
    parts = [base64url.encode(json.dumps(part).encode()) for part in (header, claims)]
    message = ".".join(parts).encode()
    algorithm = header["alg"]
    if algorithm == "none":
        signature = b""
    elif algorithm == "HS256":
        signature = hmac.digest(key.as_pem(private=False), message, hashlib.sha256)
    else:
        signature = JWSRegistry.algorithms[algorithm].sign(message, key)
    return ".".join([*parts, base64url.encode(signature)])
