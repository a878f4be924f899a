"""A person with a browser, who signs in at a provider and comes back with what it sends."""

import hashlib
import logging
import re
import secrets
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2

from bymax_auth.jwt import base64url
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.providers.http import HttpxHttpClient
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile
from tests.servers.identity_providers import REDIRECT_URI
from tests.servers.patience import PATIENCE, PATIENT

__all__ = ["CLIENT", "NO_TLS", "SignIn", "came_back", "sign_in"]

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: the providers have no TLS, and reading what the system trusts takes long."""


CLIENT = HttpxHttpClient(
    httpx2.AsyncHTTPTransport(verify=NO_TLS, limits=httpx2.Limits(max_keepalive_connections=0)),
    timeout=PATIENT,
)
"""The application's, for all sign-ins."""

_INPUT = re.compile(r'<input type="hidden" name="(?P<name>[^"]+)" value="(?P<value>[^"]*)"')


@dataclass(frozen=True)
class SignIn:
    """What one sign-in is bound to."""

    state: str = field(default_factory=lambda: secrets.token_hex(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def request(self) -> AuthorizationRequest:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return AuthorizationRequest(
            state=self.state, code_challenge=base64url.encode(digest), nonce=self.nonce
        )


async def sign_in(provider: OAuthProvider, person: str = "ada") -> OAuthProfile:
    """All of a sign-in: the person the provider says it was."""
    started = SignIn()
    returned = await came_back(provider, started, person)
    assert returned["state"] == started.state
    callback = CallbackParameters(code=returned["code"], issuer=returned.get("iss"))
    tokens = await provider.exchange_code(callback, started.verifier)
    return await provider.fetch_profile(tokens, nonce=started.nonce)


async def came_back(provider: OAuthProvider, started: SignIn, person: str = "ada") -> dict[str, str]:
    """The parameters with which the browser comes back, by a redirect or in a form."""
    address = await provider.authorize_url(started.request)
    with _unlogged():
        async with httpx2.AsyncClient(timeout=PATIENCE, verify=NO_TLS) as browser:
            return await _visit(browser, address, person)


async def _visit(browser: httpx2.AsyncClient, address: str, person: str) -> dict[str, str]:
    answer = await browser.get(address)
    while True:
        if answer.has_redirect_location:
            address = urljoin(address, answer.headers["location"])
            if address.startswith(REDIRECT_URI):
                return dict(parse_qsl(urlsplit(address).query))
            answer = await browser.get(address)
        elif f'action="{REDIRECT_URI}"' in answer.text:
            return {name: unescape(value) for name, value in _INPUT.findall(answer.text)}
        else:
            assert answer.status_code == 200, answer.text
            prompt = "login" if 'name="login"' in answer.text else "consent"
            answer = await browser.post(address, data={"prompt": prompt, "login": person})


@contextmanager
def _unlogged() -> Generator[None]:
    """A client of httpx2 logs addresses, and with them what a browser keeps for itself."""
    logger = logging.getLogger("httpx2")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
