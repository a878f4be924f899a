"""Records that somebody else has written over, and what an account sees of them."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from bymax_auth.errors import StoreCorrupt, StoreError
from bymax_auth.ports.invitations import PendingInvitation
from bymax_auth.ports.one_time import PASSWORD_RESET
from bymax_auth.ports.sessions import (
    Created,
    FamilyRevoked,
    Gone,
    InGrace,
    Live,
    RevokedSinceRotation,
    UnknownToken,
)
from bymax_auth.stores.redis import RedisStores
from bymax_auth.stores.redis.scripts.mfa_scripts import MFA_CHALLENGE
from bymax_auth.types.identity import Realm
from tests.contract.samples import (
    FAMILY,
    IDENTIFIERS,
    START,
    account,
    exchange,
    invitation,
    invitation_token,
    invitee,
    new_session,
    recovery,
    rotation,
    sign_in,
    token,
)

OWNER = account(Realm.DASHBOARD)
MINUTE = timedelta(minutes=1)
LIVE = f"auth:rt:{token('a').hash}"
DETAIL = f"auth:sd:{token('a').hash}"
INDEX = f"auth:sess:{OWNER.hash}"
EPOCH = f"auth:ep:{OWNER.hash}"


@pytest.mark.parametrize("value", ["", "x", "-1", "1.5", "٣"])
async def test_an_epoch_that_is_no_number_is_never_taken_for_zero(
    stores: RedisStores, raw: Redis, value: str
) -> None:
    """Every access token that was ever taken back would work again."""
    raw.set(EPOCH, value, ex=60)
    with pytest.raises(StoreCorrupt):
        await stores.revocation.token_state(OWNER, "jti")
    with pytest.raises(StoreCorrupt):
        await stores.revocation.current_epoch(OWNER)


async def test_an_epoch_that_is_no_number_stops_every_step_before_it_writes(
    stores: RedisStores, raw: Redis
) -> None:
    """A refused exchange would have used up the token, and signed its owner out."""
    await sign_in(stores, OWNER, "a")
    await sign_in(stores, OWNER, "b")
    await exchange(stores, OWNER, "b", "c")
    seen = await stores.sessions.snapshot(OWNER.realm, token("b"))
    assert isinstance(seen, InGrace)
    raw.set(EPOCH, "-1", ex=60)
    before = {key: raw.dump(key) for key in raw.keys("*") if ":sess:" not in key}
    for step in (
        stores.sessions.create(OWNER, new_session(OWNER, "d")),
        stores.sessions.rotate(OWNER, rotation(OWNER, "a", "e")),
        stores.sessions.recover(OWNER, recovery(OWNER, "b", seen, "f")),
        stores.sessions.revoke_all(OWNER),
        stores.revocation.bump_epoch(OWNER),
    ):
        with pytest.raises(StoreCorrupt):
            await step
    assert {key: raw.dump(key) for key in raw.keys("*") if ":sess:" not in key} == before


@pytest.mark.parametrize("value", ["", "{", "[]", '{"userId":"u1"}', b"\xff"])
async def test_a_session_that_cannot_be_read_is_no_session(
    stores: RedisStores, raw: Redis, caplog: pytest.LogCaptureFixture, value: str | bytes
) -> None:
    """A damaged record would answer every refresh with an internal error, for a week."""
    await sign_in(stores, OWNER, "a")
    raw.set(LIVE, value, ex=60)
    with caplog.at_level(logging.WARNING, "bymax_auth"):
        assert await stores.sessions.snapshot(OWNER.realm, token("a")) == UnknownToken()
    assert "cannot be read" in caplog.text
    assert raw.exists(LIVE, DETAIL) == 0
    assert await stores.sessions.list(OWNER) == ()
    assert raw.exists(INDEX) == 0


@pytest.mark.parametrize("value", [None, "", '{"device":1}'])
async def test_a_session_whose_detail_is_lost_is_still_shown(
    stores: RedisStores, raw: Redis, value: str | None
) -> None:
    """A thief's session would work and be hidden from its victim."""
    await sign_in(stores, OWNER, "a")
    if value is None:
        raw.delete(DETAIL)
    else:
        raw.set(DETAIL, value, ex=60)
    (shown,) = await stores.sessions.list(OWNER)
    assert (shown.device, shown.ip) == ("Unknown Browser on Unknown OS", "")
    assert shown.created_at == START
    seen = await stores.sessions.snapshot(OWNER.realm, token("a"))
    assert isinstance(seen, Live)
    assert seen.session_created_at == START
    raw.set(LIVE, "{", ex=60)
    assert await stores.sessions.list(OWNER) == ()


@pytest.mark.parametrize("detail", [None, "", "{", '{"createdAt":"2026"}', ["list"]])
async def test_the_cap_takes_a_session_of_unknown_age_for_the_oldest(
    stores: RedisStores, raw: Redis, detail: str | list[str] | None
) -> None:
    """A damaged detail would stop its owner's every sign-in, after the new session was stored."""
    await sign_in(stores, OWNER, "older", at=START - timedelta(hours=1))
    await sign_in(stores, OWNER, "a", family=None)
    raw.delete(DETAIL)
    if isinstance(detail, list):
        raw.rpush(DETAIL, *detail)
    elif detail is not None:
        raw.set(DETAIL, detail, ex=60)
    created = await stores.sessions.create(OWNER, new_session(OWNER, "new", family="new", cap=2))
    assert created == Created(0, (token("a").hash,))
    assert raw.exists(DETAIL) == 0


@pytest.mark.parametrize("key", [INDEX, f"auth:fam:{FAMILY}"])
async def test_a_session_that_cannot_be_listed_is_not_stored(
    stores: RedisStores, raw: Redis, key: str
) -> None:
    """Signing out everywhere would miss a session that no index knows."""
    raw.set(key, "x", ex=60)
    with pytest.raises(StoreError):
        await stores.sessions.create(OWNER, new_session(OWNER, "a"))
    assert raw.exists(LIVE, DETAIL) == 0


async def test_another_account_exchanges_nothing(stores: RedisStores) -> None:
    """A forged owner would move a session from one account to another."""
    stranger = account(Realm.DASHBOARD, "u2")
    await sign_in(stores, OWNER, "a")
    assert await stores.sessions.rotate(stranger, rotation(stranger, "a", "b")) == Gone()
    assert len(await stores.sessions.list(OWNER)) == 1


async def test_a_pointer_that_cannot_be_read_recovers_nothing(stores: RedisStores, raw: Redis) -> None:
    """A damaged pointer would be taken for theft, and end the login."""
    await sign_in(stores, OWNER, "a")
    await exchange(stores, OWNER, "a", "b")
    raw.set(f"auth:rp:{token('a').hash}", token("b").hash + ":{", ex=60)
    assert await stores.sessions.snapshot(OWNER.realm, token("a")) == UnknownToken()


@pytest.mark.parametrize("gone", [INDEX, f"auth:fam:{FAMILY}"])
async def test_a_pointer_into_what_was_swept_recovers_nothing(
    stores: RedisStores, raw: Redis, gone: str
) -> None:
    """A sign-out everywhere would be undone by whoever had just refreshed."""
    await sign_in(stores, OWNER, "a")
    await exchange(stores, OWNER, "a", "b")
    seen = await stores.sessions.snapshot(OWNER.realm, token("a"))
    assert isinstance(seen, InGrace)
    raw.delete(gone)
    assert await stores.sessions.recover(OWNER, recovery(OWNER, "a", seen, "c")) == RevokedSinceRotation()
    assert raw.get(f"auth:rp:{token('a').hash}") == "spent"


async def test_a_family_whose_records_cannot_be_read_ends_without_a_name(
    stores: RedisStores, raw: Redis
) -> None:
    """A stolen login would live on because nobody can tell whose it is."""
    await sign_in(stores, OWNER, "a")
    raw.set(LIVE, "{", ex=60)
    ended = await stores.sessions.revoke_family(
        OWNER.realm, FAMILY, None, IDENTIFIERS.subject_factory(OWNER.realm)
    )
    assert ended == FamilyRevoked(None, 1)
    assert raw.exists(LIVE) == 0


async def test_an_index_does_not_grow_with_every_exchange(stores: RedisStores, raw: Redis) -> None:
    """A client that refreshes for a month would make revoking all slower every hour."""
    await sign_in(stores, OWNER, "0")
    for number in range(80):
        await exchange(stores, OWNER, str(number), str(number + 1), grace=timedelta(hours=1))
        raw.delete(f"auth:rp:{token(str(number)).hash}")
    assert raw.scard(INDEX) <= 65


async def test_a_crowded_account_forgets_members_that_have_ended(stores: RedisStores, raw: Redis) -> None:
    """Sessions that have ended would take places from those that live."""
    await sign_in(stores, OWNER, "a")
    await sign_in(stores, OWNER, "b")
    raw.delete(LIVE)
    created = await stores.sessions.create(OWNER, new_session(OWNER, "c", cap=2))
    assert getattr(created, "evicted", None) == ()
    assert raw.scard(INDEX) == 2
    assert await stores.sessions.revoke(OWNER, token("b").hash)
    raw.delete(f"auth:rt:{token('c').hash}")
    assert not await stores.sessions.revoke(OWNER, token("c").hash)


RESET = '{"userId":"u1","email":"a@b.c","tenantId":"t"%s}'


@pytest.mark.parametrize(
    "value",
    ["", "{", "[]", "nan", RESET % ',"passwordFingerprint":null', RESET.replace('"u1"', "1") % "", b"\xff"],
)
async def test_a_proof_that_cannot_be_read_is_gone_and_leaves_a_word(
    stores: RedisStores, raw: Redis, caplog: pytest.LogCaptureFixture, value: str | bytes
) -> None:
    """A reset link would fail with nothing to say why, or be tried again for ever."""
    link = token("link").hash
    raw.set(f"auth:pw_reset:{link}", value, ex=60)
    with caplog.at_level(logging.WARNING, "bymax_auth"):
        assert await stores.proofs.consume(PASSWORD_RESET, link) is None
    assert "cannot be read" in caplog.text
    assert link not in caplog.text
    assert raw.dbsize() == 0


@pytest.mark.parametrize("value", ["", "{", '{"encryptedSecret":"s","encryptedPlainCodes":"c"}', b"\xff"])
async def test_an_enrolment_that_cannot_be_read_is_gone_and_leaves_a_word(
    stores: RedisStores, raw: Redis, caplog: pytest.LogCaptureFixture, value: str | bytes
) -> None:
    """Somebody would scan code after code, with nothing to say why none is accepted."""
    raw.set(f"auth:mfa_setup:{OWNER.hash}", value, ex=60)
    assert await stores.mfa.read_setup(OWNER) is None
    assert raw.dbsize() == 1
    with caplog.at_level(logging.WARNING, "bymax_auth"):
        assert await stores.mfa.take_setup(OWNER) is None
    assert "A pending enrolment that cannot be read was deleted." in caplog.messages
    assert OWNER.hash not in caplog.text
    assert raw.dbsize() == 0


async def test_a_second_factor_of_another_type_lets_nobody_in(stores: RedisStores, raw: Redis) -> None:
    """A code or a lock that another program wrote would be taken for one that is unused."""
    code, temp = token("code").hash, token("temp").hash
    await stores.mfa.put_temp(OWNER, temp, MINUTE)
    for key in (
        f"tu:{code}",
        f"rcu:{code}",
        f"mfalock:{OWNER.hash}",
        f"mfa:{code}",
        f"mfa_setup:{OWNER.hash}",
    ):
        raw.rpush(f"auth:{key}", "x")
        raw.expire(f"auth:{key}", 60)
    assert not await stores.mfa.consume_challenge(OWNER, code, temp, MINUTE)
    assert not await stores.mfa.mark_totp_used(OWNER, code, MINUTE)
    assert not await stores.mfa.claim_recovery_code(OWNER, code, MINUTE)
    assert not await stores.mfa.acquire_lock(OWNER, "nonce", MINUTE)
    assert not await stores.mfa.release_lock(OWNER, "nonce")
    assert (await stores.mfa.temp_state(OWNER, code)).user_id is None
    for reading in (stores.mfa.read_setup(OWNER), stores.mfa.take_setup(OWNER)):
        with pytest.raises(StoreError):
            await reading
    assert (await stores.mfa.temp_state(OWNER, temp)).user_id == OWNER.user_id


@pytest.mark.parametrize("epoch", ["", "x", "-1", "nan"])
async def test_an_epoch_that_is_no_number_ends_a_second_step(
    stores: RedisStores, raw: Redis, epoch: str
) -> None:
    """Read as zero, it would let a token of before the last revocation go on."""
    raw.set(f"auth:ep:{OWNER.hash}", epoch, ex=60)
    await stores.mfa.put_temp(OWNER, token("temp").hash, MINUTE)
    with pytest.raises(StoreCorrupt):
        await stores.mfa.temp_state(OWNER, token("temp").hash)


def test_a_challenge_that_was_sent_twice_passes_once(raw: Redis) -> None:
    """A driver that repeats a call whose reply was lost would refuse the person who sent it once."""
    asked: Any = raw
    for marker in ("temp", "other"):
        raw.set(marker, OWNER.user_id, ex=60)
    for _ in range(2):
        assert asked.eval(MFA_CHALLENGE.source, 2, "code", "temp", 60_000, "of one call") == ["OK"]
    assert asked.eval(MFA_CHALLENGE.source, 2, "code", "other", 60_000, "of another") == ["USED"]
    assert (raw.exists("temp"), raw.exists("other")) == (0, 1)


async def test_a_proof_of_another_type_proves_nothing(stores: RedisStores, raw: Redis) -> None:
    """A password would be reset with what no link stands for."""
    link = token("link").hash
    raw.rpush(f"auth:pw_reset:{link}", RESET % "")
    with pytest.raises(StoreError):
        await stores.proofs.consume(PASSWORD_RESET, link)
    await stores.proofs.delete(PASSWORD_RESET, link)
    assert await stores.proofs.consume(PASSWORD_RESET, link) is None


@pytest.mark.parametrize("value", ["", "0", "x", b"\xff"])
async def test_a_blacklist_entry_refuses_whatever_it_says(
    stores: RedisStores, raw: Redis, value: str | bytes
) -> None:
    """A token that was signed out would work again."""
    raw.set("auth:rv:jti", value, ex=60)
    assert (await stores.revocation.token_state(OWNER, "jti")).blacklisted


INVITATION_INDEX = f"auth:invidx:tenant-a:{invitee().email_hash}"


@pytest.mark.parametrize("value", ["", "{", "[]", '{"email":"a","role":"R","tenantId":"t"}', b"\xff"])
async def test_an_invitation_that_cannot_be_read_is_gone_and_leaves_a_word(
    stores: RedisStores, raw: Redis, caplog: pytest.LogCaptureFixture, value: str | bytes
) -> None:
    """It would hold its address for two days, with nothing to say why."""
    store, link = stores.invitations, token("link").hash
    raw.set(f"auth:inv:{link}", value, ex=60)
    raw.set(INVITATION_INDEX, link, ex=60)
    assert await store.read_pending(invitee()) == PendingInvitation(link, None)
    with caplog.at_level(logging.WARNING, "bymax_auth"):
        assert await store.take(invitation_token("link")) is None
    assert "cannot be read" in caplog.text
    assert link not in caplog.text
    assert await store.put(invitee(), invitation_token("next"), invitation(), MINUTE, seen=link)
    assert await store.take(invitation_token("next")) == invitation()


async def test_an_index_of_another_type_changes_nothing(stores: RedisStores, raw: Redis) -> None:
    """An invitation that nobody can revoke would be stored behind it."""
    store = stores.invitations
    raw.rpush(INVITATION_INDEX, "x")
    for step in (
        store.read_pending(invitee()),
        store.put(invitee(), invitation_token("link"), invitation(), MINUTE, seen=None),
        store.revoke(invitee(), token("link").hash),
    ):
        with pytest.raises(StoreCorrupt):
            await step
    assert raw.dbsize() == 1
    raw.delete(INVITATION_INDEX)
    raw.rpush(f"auth:inv:{token('link').hash}", "x")
    with pytest.raises(StoreCorrupt):
        await store.take(invitation_token("link"))
