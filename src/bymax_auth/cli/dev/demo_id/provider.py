"""
The OpenID provider itself, without HTTP.  It has one client, and signs whatever a person says of themselves.

    authorize ──▶ a code, once, for a minute ──▶ redeem: client, code, callback, verifier ──▶ ID token

Source: OpenID Connect Core §3.1.
"""

import json
import secrets
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import cycle
from typing import Final
from urllib.parse import unquote_plus

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.crypto.jws import SignatureAlgorithm, SigningKey
from bymax_auth.jwt import base64url
from bymax_auth.ports.clock import Clock
from bymax_auth.types.secret import Secret

__all__ = ["Asked", "DemoClient", "DemoId", "NotIssued", "Person"]

_CODE_LIFETIME: Final = timedelta(minutes=1)
_TOKEN_LIFETIME: Final = timedelta(minutes=5)
_KEY_ID: Final = "demo"
_MOST_CODES: Final = 200
_NAMES: Final = ("Mia Laurent", "Omar Haddad", "Ines Duarte")


class NotIssued(Exception):
    """There are no tokens; the text is the ``error`` of the answer.  Source: RFC 6749 §5.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoClient:
    """The development server, as it is registered here."""

    client_id: str
    client_secret: Secret = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signs in; `email_verified` is what the provider asserts of the address."""

    name: str
    email: str
    email_verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the client asks for when it sends a browser."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_challenge: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Issued:
    person: Person
    asked: Asked
    expires_at: float


class DemoId:
    """The provider at `issuer`."""

    def __init__(self, issuer: str, client: DemoClient, clock: Clock) -> None:
        self.issuer: Final = issuer
        self.client: Final = client
        self._clock: Final = clock
        self._key: Final = SigningKey.generate()
        self._codes: Final[OrderedDict[str, _Issued]] = OrderedDict()
        self._names: Final = cycle(_NAMES)
        self._expected: list[Person] = []

    @property
    def people(self) -> tuple[Person, ...]:
        """The people whom its page offers: who is expected, the latest first, and somebody new."""
        return (*self._expected, Person(name="Zoe Martin", email="zoe@demo-id.example"))

    def expect(self) -> Person:
        """Offer somebody new on the page, and return them."""
        name = next(self._names)
        local = f"{name.partition(' ')[0].lower()}-{secrets.token_hex(2)}"
        person = Person(name=name, email=f"{local}@demo-id.example")
        self._expected = [person, *self._expected][: len(_NAMES)]
        return person

    @property
    def metadata(self) -> dict[str, object]:
        """What a client reads first.  Source: OpenID Connect Discovery §3."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [SignatureAlgorithm.ES256.value],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }

    @property
    def keys(self) -> dict[str, object]:
        """The key that checks its tokens."""
        return {"keys": [{**self._key.public_members, "kid": _KEY_ID, "alg": "ES256", "use": "sig"}]}

    def authorize(self, asked: Asked, person: Person) -> str:
        """Return a code with which the client learns who the person is."""
        code = secrets.token_urlsafe(32)
        expires_at = self._clock.monotonic() + _CODE_LIFETIME.total_seconds()
        self._codes[code] = _Issued(person, asked, expires_at)
        while len(self._codes) > _MOST_CODES:
            self._codes.popitem(last=False)
        return code

    def redeem(self, form: Mapping[str, str], authorization: str) -> dict[str, object]:
        """
        Return the answer of the token endpoint.

        Raises:
            NotIssued: The client, the code, the callback or the verifier is not the right one.
        """
        if not self._is_client(authorization):
            raise NotIssued("invalid_client")
        issued = self._codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        challenge = base64url.encode(sha256(verifier.encode()).digest())
        if (
            issued is None
            or self._clock.monotonic() >= issued.expires_at
            or form.get("redirect_uri") != self.client.redirect_uri
            or not ct_eq_text(challenge, issued.asked.code_challenge)
        ):
            raise NotIssued("invalid_grant")
        return {
            "access_token": secrets.token_urlsafe(32),
            "token_type": "Bearer",
            "expires_in": int(_TOKEN_LIFETIME.total_seconds()),
            "id_token": self._id_token(issued),
        }

    def _is_client(self, authorization: str) -> bool:
        """Source: RFC 6749 §2.3.1."""
        try:
            pair = b64decode(authorization.removeprefix("Basic "), validate=True).decode()
        except ValueError:
            return False
        name, _, secret = pair.partition(":")
        known = ct_eq_text(unquote_plus(secret), self.client.client_secret.reveal())
        return known and unquote_plus(name) == self.client.client_id

    def _id_token(self, issued: _Issued) -> str:
        now = self._clock.unix_seconds()
        person = issued.person
        claims = {
            "iss": self.issuer,
            # One address is one person here.  Elsewhere, an address is not who somebody is.
            "sub": sha256(person.email.lower().encode()).hexdigest()[:16],
            "aud": self.client.client_id,
            "iat": now,
            "exp": now + int(_TOKEN_LIFETIME.total_seconds()),
            "nonce": issued.asked.nonce,
            "email": person.email,
            "email_verified": person.email_verified,
            "name": person.name,
        }
        signed = f"{_segment({'alg': 'ES256', 'kid': _KEY_ID})}.{_segment(claims)}"
        return f"{signed}.{base64url.encode(self._key.sign(signed.encode('ascii')))}"


def _segment(members: Mapping[str, object]) -> str:
    return base64url.encode(json.dumps(members).encode())
