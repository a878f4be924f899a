"""What the session scripts leave in an account's index, which no reply shows."""

from datetime import timedelta

from redis import Redis

from bymax_auth.ports.sessions import Created
from bymax_auth.stores.redis import RedisStores
from bymax_auth.stores.session_details import HANDLED_AT_ONCE
from bymax_auth.types.identity import Realm
from tests.contract.samples import START, account, new_session, sign_in, token

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


async def test_an_account_with_thousands_of_sessions_is_brought_down_to_its_cap(
    stores: RedisStores, raw: Redis
) -> None:
    """Everybody else would wait while one account's old sessions are looked at, at each of its sign-ins."""
    pipeline = raw.pipeline()
    for number in range(3 * HANDLED_AT_ONCE):
        name = token(str(number)).hash
        pipeline.sadd(INDEX, f"rt:{name}").set(f"auth:rt:{name}", "{}", ex=60)
    pipeline.execute()
    assert len(await stores.sessions.list(OWNER)) <= HANDLED_AT_ONCE
    evictions = []
    for number in range(20):
        at = START + timedelta(hours=number)
        new = new_session(OWNER, f"new {number}", at=at, family=str(number), cap=2)
        created = await stores.sessions.create(OWNER, new)
        assert isinstance(created, Created)
        evictions.append(len(created.evicted))
    assert max(evictions) <= HANDLED_AT_ONCE
    assert raw.smembers(INDEX) == members("new 18", "new 19")
