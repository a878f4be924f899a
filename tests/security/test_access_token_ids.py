"""Every access token can be named, and so taken back, by itself (I-2)."""

import base64
import hashlib
import hmac
import json
import re
from typing import Any

import pytest

from bymax_auth.errors import TokenInvalid
from bymax_auth.types.identity import Realm
from tests.integration.flows.world import World, build_world, config_of

UUID_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
MANY = 10_000


@pytest.mark.parametrize("realm", list(Realm))
async def test_ten_thousand_tokens_have_ten_thousand_ids(realm: Realm) -> None:
    """Signing out on one device would sign out another, or a guessed id would sign out a stranger."""
    world = build_world()
    tokens = world.realm(realm).flows.authenticate.access_tokens
    account = await world.account(realm)
    ids = {payload_of(tokens.issue(account, epoch=0, mfa_verified=False))["jti"] for _ in range(MANY)}
    assert len(ids) == MANY
    assert all(UUID_4.fullmatch(one) for one in ids)
    await world.engine.aclose()


@pytest.mark.parametrize(
    "changed",
    [
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "a"},
        {"jti": "6f0c8c1e-7b7a-1c56-9d2e-0a1b2c3d4e5f"},
        {"jti": "6F0C8C1E-7B7A-4C56-9D2E-0A1B2C3D4E5F"},
        {"jti": "6f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f\n"},
        {"jti": ["6f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f"]},
    ],
    ids=lambda changed: ascii(changed["jti"]),
)
@pytest.mark.parametrize("realm", list(Realm))
async def test_a_token_without_a_proper_id_is_no_token(realm: Realm, changed: dict[str, Any]) -> None:
    """Nobody could take such a token back, even though it is signed with the right key."""
    world = build_world()
    view = world.realm(realm)
    claims = payload_of((await world.login(realm)).access_token)
    signed = sign({name: value for name, value in {**claims, **changed}.items() if value is not None})
    with pytest.raises(TokenInvalid):
        view.flows.authenticate.access_tokens.verify(signed)
    await verifies(world, realm, sign(claims))
    await world.engine.aclose()


async def verifies(world: World, realm: Realm, token: str) -> None:
    """The signature of these tests is the right one, so the id alone decides."""
    authenticated = await world.realm(realm).flows.authenticate(token)
    assert authenticated.claims.jti == payload_of(token)["jti"]


def payload_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    payload: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return payload


def sign(claims: dict[str, Any]) -> str:
    parts = [
        encoded(json.dumps(part, separators=(",", ":")).encode())
        for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    ]
    key = config_of().jwt.secret.reveal().encode()
    parts.append(encoded(hmac.new(key, ".".join(parts).encode(), hashlib.sha256).digest()))
    return ".".join(parts)


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
