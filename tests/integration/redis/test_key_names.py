"""What the keys in Redis say of the people they belong to."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.types.identity import Realm
from tests.contract.samples import account, invitation, invitation_token, invitations_of, invitee, token
from tests.contract.stores import empty_place
from tests.integration.http.world import EMAIL, TENANT, World, a_world, user
from tests.integration.keeping import is_proper_key, keep_in
from tests.servers.kept_clients import client_at

PERSON = "person-4711"
HASH = "0" * 64
HOUR = timedelta(hours=1)
PREFIXES: dict[str, str] = json.loads(
    (Path(__file__).parents[3] / "conformance" / "storage.json").read_text("utf-8")
)["redisKeyPrefixes"]


@pytest.mark.parametrize(
    ("kind", "named"),
    [("redis-tagged", set()), ("redis-cluster", set()), ("redis-shared", {"us", "uev"})],
)
async def test_no_key_names_a_person(
    kind: str, named: set[str], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Whoever lists the keys could read who uses the product and who is locked out."""
    with keep_in(kind, request, tmp_path):
        async with a_world(accounts=(user(id=PERSON),)) as world:
            await lived(world)
            keys = [key for port in masters_of(kind, request) for key in keys_of(port)]
    telling = [key for key in keys if any(text in key for text in (PERSON, EMAIL, TENANT, "203.0.113"))]
    assert {key.split(":")[1] for key in telling} == named
    assert len(keys) >= 8


def test_the_walk_after_every_journey_tells_the_layouts_apart() -> None:
    """A key of the shared layout in the tagged one would pass for proper."""
    named, tagged = f"auth:us:{TENANT}:{PERSON}", f"auth:{{00ff}}:us:{HASH}"
    assert [is_proper_key(named, kind) for kind in ("redis-shared", "redis-tagged")] == [True, False]
    assert [is_proper_key(tagged, kind) for kind in ("redis-shared", "redis-tagged")] == [False, True]
    assert not is_proper_key(f"auth:{{00ff}}:us:{TENANT}:{PERSON}", "redis-cluster")
    assert not is_proper_key(f"auth:lf:{EMAIL}", "redis-shared")


async def lived(world: World) -> None:
    """Sign in, look, refresh, fail, forget."""
    cookies = await world.signed_in()
    assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 200
    assert (await world.driver.call("GET", "/sessions", cookies=cookies)).status == 200
    assert (await world.driver.call("POST", "/refresh", cookies=cookies)).status == 200
    wrong = {"email": EMAIL, "password": "not her password", "tenantId": TENANT}
    assert (await world.driver.call("POST", "/login", json_body=wrong)).status == 401
    forgot = {"email": EMAIL, "tenantId": TENANT}
    await world.driver.call("POST", "/password/forgot-password", json_body=forgot)
    await world.engine.assert_user_active_and_verified(PERSON, tenant_id=TENANT)
    await world.engine.drain()


@pytest.mark.parametrize(
    ("kind", "route"), [("redis-shared", ""), ("redis-tagged", "{%s}:"), ("redis-cluster", "{%s}:")]
)
@pytest.mark.parametrize("realm", tuple(Realm))
async def test_the_second_factor_is_kept_under_the_contracts_keys(
    kind: str, route: str, realm: Realm, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """A sibling backend would accept a code again, or know nothing of a temporary token."""
    owner = account(realm)
    setup = MfaSetupRecord(encrypted_secret="s", recovery_codes=(), encrypted_codes="c")
    stores = empty_place(kind, request, tmp_path).open()
    assert stores.mfa is not None
    await stores.mfa.put_setup(owner, setup, HOUR)
    await stores.mfa.put_temp(owner, token("jti").hash, HOUR)
    await stores.mfa.acquire_lock(owner, "nonce", HOUR)
    await stores.mfa.mark_totp_used(owner, token("code").hash, HOUR)
    await stores.mfa.claim_recovery_code(owner, token("code").hash, HOUR)
    await stores.aclose()
    found = {key: left for port in masters_of(kind, request) for key, left in lifetimes_of(port)}
    head = "auth:" + (route % owner.route if route else "")
    assert set(found) == {
        f"{head}{suffix}"
        for suffix in (
            f"{PREFIXES['pendingMfaSetup']}:{owner.hash}",
            f"{PREFIXES['mfaTempTokenMarker']}:{token('jti').hash}",
            f"{PREFIXES['mfaTransitionLock']}:{owner.hash}",
            f"{PREFIXES['totpReplayMarker']}:{token('code').hash}",
            f"{PREFIXES['recoveryCodeClaim']}:{token('code').hash}",
        )
    }
    assert all(0 < left <= HOUR / timedelta(milliseconds=1) for left in found.values())
    assert all(is_proper_key(key, kind) for key in found)


@pytest.mark.parametrize("kind", ["redis-shared", "redis-tagged"])
async def test_an_invitation_is_kept_under_the_contracts_keys(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """A sibling backend would not find whom it may withdraw, or one tenant withdraw what another sent."""
    guest, link = invitee(), invitation_token("link")
    stores = empty_place(kind, request, tmp_path).open()
    assert await invitations_of(stores).put(guest, link, invitation(), HOUR, seen=None)
    await stores.aclose()
    head, index = "auth:", f"{guest.tenant_id}:{guest.email_hash}"
    if kind == "redis-tagged":
        head, index = f"auth:{{{guest.route}}}:", guest.hash
    found = {key for port in masters_of(kind, request) for key in keys_of(port)}
    assert found == {
        f"{head}{PREFIXES['invitation']}:{link.hash}",
        f"{head}{PREFIXES['invitationIndex']}:{index}",
    }
    assert all(is_proper_key(key, kind) for key in found)


def masters_of(kind: str, request: pytest.FixtureRequest) -> tuple[int, ...]:
    server = request.getfixturevalue("redis_cluster" if kind == "redis-cluster" else "redis_server")
    return server.master_ports() if kind == "redis-cluster" else (server.port,)


def keys_of(port: int) -> list[str]:
    return list(client_at(port).scan_iter(count=1000))


def lifetimes_of(port: int) -> list[tuple[str, int]]:
    master = client_at(port)
    return [(key, int(master.pttl(key))) for key in master.scan_iter(count=1000)]
