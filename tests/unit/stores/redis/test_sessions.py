"""What the session scripts leave in an account's index, which no reply shows."""

from redis import Redis

from bymax_auth.stores.redis import RedisStores
from bymax_auth.types.identity import Realm
from tests.contract.samples import account, new_session, sign_in, token

OWNER = account(Realm.DASHBOARD)
INDEX = f"auth:sess:{OWNER.hash}"


def members(*names: str) -> set[str]:
    return {f"rt:{token(name).hash}" for name in names}


async def test_an_index_holds_no_session_that_the_cap_has_ended(stores: RedisStores, raw: Redis) -> None:
    """The index of somebody who signs in every day would grow for years, and every sign-in with it."""
    for name in ("a", "b", "c", "d"):
        await stores.sessions.create(OWNER, new_session(OWNER, name, family=name, cap=1))
        assert raw.smembers(INDEX) == members(name)


async def test_an_index_holds_no_session_that_has_expired(stores: RedisStores, raw: Redis) -> None:
    """The same, for sessions that end by themselves."""
    for name in ("a", "b"):
        await sign_in(stores, OWNER, name, family=name)
    raw.delete(f"auth:rt:{token('a').hash}")
    await stores.sessions.create(OWNER, new_session(OWNER, "c", family="c", cap=9))
    assert raw.smembers(INDEX) == members("b", "c")


async def test_a_revoked_login_leaves_the_index_and_its_family(stores: RedisStores, raw: Redis) -> None:
    """A revocation that leaves names behind would be found again by nobody, and grow."""
    for name in ("a", "b"):
        await sign_in(stores, OWNER, name)
    await sign_in(stores, OWNER, "c", family="c")
    assert await stores.sessions.revoke(OWNER, token("a").hash)
    assert raw.smembers(INDEX) == members("c")
    assert sorted(raw.keys("auth:[rsf]*")) == sorted(
        [INDEX, "auth:fam:c", f"auth:rt:{token('c').hash}", f"auth:sd:{token('c').hash}"]
    )
