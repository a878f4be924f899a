"""
People who call every route of a deployment with whatever they know.

What a person sends is made from the route table and the models of its bodies, and from what earlier answers
and mails held: a route that is added to the table is called without a change here.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Final

from bymax_auth.crypto import totp
from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.http.routes import ROUTES, AnyRoute
from tests.integration.http.driver import Answer
from tests.property.tenancy import EMAIL, OURS, PASSWORD, TENANT_HEADER, THEIRS, Deployment

__all__ = ["PLATFORM_ROUTES", "PROVEN", "TENANT_ROUTES", "Person", "shuffled"]

WRONG: Final = "none of the passwords of anybody"
PROVEN: Final = frozenset({"password", "currentPassword", "code", "otp"})
"""Fields that prove something, and are counted when they are wrong."""
PLATFORM_ROUTES: Final = tuple(spec for spec in ROUTES if spec.path.startswith("/platform/"))
TENANT_ROUTES: Final = tuple(spec for spec in ROUTES if spec not in PLATFORM_ROUTES)

_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "email": (EMAIL, EMAIL, "ada@new.example", "bea@example.com"),
    "newEmail": ("ada@new.example", "ada@third.example", EMAIL),
    "newPassword": (PASSWORD, "copper meadow whisper thirty-one"),
    "tenantId": (OURS, THEIRS),
    "role": ("USER", "ADMIN", "OPERATOR"),
    "name": ("Ada", "Bea"),
    "provider": ("memory",),
}
_SHORT: Final = 16
"""A longer value is a token, a shorter one a code."""


@dataclass(slots=True)
class Person:
    """Somebody of one tenant; `known` is what was learnt, newest last, by the name of its field."""

    deployment: Deployment
    tenant: str
    source: random.Random
    password: str = PASSWORD
    cookies: dict[str, str] = field(default_factory=dict)
    known: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    succeeded: set[str] = field(default_factory=set)
    recovery_codes: list[str] = field(default_factory=list)

    async def sign_in(self) -> Answer:
        """Sign in with whichever address and password are the account's now, and its second factor."""
        if not self.recovery_codes:
            self.deployment.turn_off_second_factor(self.tenant)
        email = self.deployment.accounts_of(self.tenant)["u1"].email
        for password in dict.fromkeys((self.password, *_CHOICES["newPassword"])):
            body: dict[str, object] = {"email": email, "password": password}
            answer = await self._send("POST", "/login", body, self.tenant)
            if answer.status == 200:
                self.password = password
                break
        if self.recovery_codes and "mfaTempToken" in answer.members:
            proof = {"mfaTempToken": answer.members["mfaTempToken"], "code": self.recovery_codes.pop()}
            answer = await self._send("POST", "/mfa/challenge", proof, self.tenant)
            if answer.status == 200:
                self.succeeded.add("mfa_challenge")
        return answer

    async def call(self, spec: AnyRoute, *, tenant: str | None = None, wrong: bool = False) -> Answer:
        """Send one request of a route; with `wrong`, what it proves is not right."""
        body = None if spec.body is NoneType else self._body_of(spec, wrong=wrong)
        path = spec.path
        for parameter in spec.parameters:
            known = _CHOICES.get(parameter.name) or (self._anything(parameter.name, 64),)
            path = path.replace(f"{{{parameter.name}}}", self.source.choice(known))
        answer = await self._send(spec.method, path, body, tenant or self.tenant)
        if answer.status == spec.success:
            self.succeeded.add(spec.name)
            if body is not None and "newPassword" in body:
                self.password = str(body["newPassword"])
        if answer.status == 401 and spec not in PLATFORM_ROUTES:
            await self.sign_in()
        return answer

    async def _send(self, method: str, path: str, body: dict[str, object] | None, tenant: str) -> Answer:
        deployment = self.deployment
        sent_before = len(deployment.mailer.sent)
        headers = [(TENANT_HEADER, tenant)]
        if path.startswith("/platform/"):
            # The routes of operators read no cookie.
            headers.append(("authorization", f"Bearer {self.cookies.get('access_token', '')}"))
        answer = await deployment.driver.call(
            method, path, json_body=body, cookies=self.cookies, headers=headers
        )
        await deployment.engine.drain()
        deployment.driver.scopes.clear()
        self._learn(answer)
        for mail in deployment.mailer.sent[sent_before:]:
            if mail.secret is not None and mail.tenant_id == self.tenant:
                self.known["mailed codes" if len(mail.secret) < _SHORT else "mailed tokens"].append(
                    mail.secret
                )
        return answer

    def _learn(self, answer: Answer) -> None:
        self.cookies = {
            name: value
            for name, value in {**self.cookies, **answer.cookies}.items()
            if value not in {"", '""'}
        }
        if "refresh_token" in answer.cookies:
            self.known["refreshToken"].append(answer.cookies["refresh_token"])
            self.known["id"].append(sha256_hex(answer.cookies["refresh_token"]))
        if answer.status < 300 and answer.body:
            texts = list(_texts("", answer.json()))
            codes = [text for name, text in texts if name == "recoveryCodes"]
            self.recovery_codes = codes or self.recovery_codes
            self.known["code"].extend(codes[:1])
            for name, text in texts:
                self.known[name].append(text)
                if name == "secret":
                    now = int(self.deployment.clock.now().timestamp())
                    code = totp.generate(totp.base32_decode(text), now)
                    self.known["code"].append(f"{code:06}")

    def _body_of(self, spec: AnyRoute, *, wrong: bool) -> dict[str, object]:
        schema = spec.body.model_json_schema(by_alias=True)
        required = set(schema.get("required", ()))
        body: dict[str, object] = {}
        for name, shape in schema.get("properties", {}).items():
            if name in required or self.source.random() < (0.9 if name in PROVEN else 0.35):
                body[name] = self._value(name, shape, wrong=wrong)
        return body

    def _value(self, name: str, shape: dict[str, Any], *, wrong: bool) -> object:
        shape = next((one for one in shape.get("anyOf", ()) if one.get("type") != "null"), shape)
        if shape.get("type") == "boolean":
            return self.source.random() < 0.5
        longest = int(shape.get("maxLength", 64))
        if wrong and name in PROVEN:
            return WRONG if longest > _SHORT else "0" * longest
        if name in {"password", "currentPassword"}:
            return self.password
        if name in _CHOICES:
            return self.source.choice(_CHOICES[name])
        return self._anything(name, longest)

    def _anything(self, name: str, longest: int) -> str:
        """What the field is known to hold, what was mailed, or something that belongs elsewhere."""
        mailed = self.known["mailed codes" if longest <= _SHORT or name == "code" else "mailed tokens"]
        likely = [*self.known[name][-4:], *mailed[-4:]]
        if likely and self.source.random() < 0.85:
            return self.source.choice(likely)
        elsewhere = [text for texts in self.known.values() for text in texts]
        return self.source.choice([*elsewhere, "u1", "0" * longest, EMAIL])


def _texts(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, with the name of the member that holds it."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(name, inner)


def shuffled(source: random.Random, routes: Sequence[AnyRoute] = ROUTES) -> list[AnyRoute]:
    """Every route, in an order of its own."""
    return source.sample(routes, len(routes))
