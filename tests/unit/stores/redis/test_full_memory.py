"""A Redis whose memory is full, with ``maxmemory`` and ``noeviction``: what is refused, and what never is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis import Redis

from bymax_auth.errors import StoreUnavailable
from bymax_auth.ports.invitations import PendingInvitation
from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.ports.one_time import (
    PASSWORD_RESET,
    PROOF_GENERATION,
    VERIFIED_RESET,
    OtpVerdict,
    ProofGeneration,
    ResetContext,
)
from bymax_auth.ports.sessions import SuccessorDead
from bymax_auth.stores.redis import RedisStores
from tests.contract.samples import (
    account,
    counter,
    exchange,
    invitation,
    invitation_token,
    invitee,
    is_live,
    otp,
    sign_in,
    token,
)

MINUTE = timedelta(minutes=1)
DIGEST = "d" * 64
RESET = ResetContext(user_id="u1", email="ada@example.com", tenant_id="tenant-a", password_fingerprint="f")


@pytest.fixture
def full(raw: Redis) -> Iterator[Redis]:
    """A call of its ``config_set`` fills the memory; the test's end empties it again."""
    yield raw
    raw.config_set("maxmemory", 0)


def fill(full: Redis) -> None:
    full.config_set("maxmemory", 1)


async def test_nobody_signs_in(stores: RedisStores, full: Redis) -> None:
    """A session that is not stored cannot be revoked."""
    assert await stores.has_room()
    await stores.revocation.bump_epoch(account())
    fill(full)
    assert not await stores.has_room()
    for growing in (
        sign_in(stores, account(), "a"),
        stores.attempts.begin(counter(), 5),
        stores.otps.try_begin_resend(otp(), MINUTE),
        stores.rate_limits.hit("login", "a" * 64, 5, MINUTE),
    ):
        with pytest.raises(StoreUnavailable, match="OOM"):
            await growing


async def test_access_is_still_taken_away(stores: RedisStores, full: Redis) -> None:
    """Whoever fills the memory must not keep anybody from signing out, or an administrator from blocking."""
    owner = account()
    await sign_in(stores, owner, "a")
    await sign_in(stores, owner, "b")
    fill(full)
    await stores.revocation.blacklist(owner, "jti", MINUTE)
    await stores.revocation.blacklist(owner, "jti", MINUTE)
    assert (await stores.revocation.token_state(owner, "jti")).blacklisted
    assert await stores.revocation.bump_epoch(owner) == 1
    assert await stores.revocation.bump_epoch(owner) == 2
    revoked = await stores.sessions.revoke_all(owner)
    assert (revoked.removed, revoked.epoch) == (2, 3)
    assert not await is_live(stores, owner, "a")


async def test_the_first_revocation_of_an_account_needs_no_memory(stores: RedisStores, full: Redis) -> None:
    """Its epoch is a new key."""
    await sign_in(stores, account(), "a")
    fill(full)
    assert (await stores.sessions.revoke_all(account())).epoch == 1


async def test_proofs_are_still_ended_and_exchanged(stores: RedisStores, full: Redis) -> None:
    """An administrator who blocks a thief ends the mails of before, and a consumed code is not lost."""
    fill(full)
    with pytest.raises(StoreUnavailable, match="OOM"):
        await stores.proofs.put(PASSWORD_RESET, DIGEST, RESET, MINUTE)
    for _ in range(2):
        await stores.proofs.put(PROOF_GENERATION, DIGEST, ProofGeneration("g"), MINUTE)
    assert await stores.proofs.read(PROOF_GENERATION, DIGEST) == ProofGeneration("g")
    await stores.proofs.put(VERIFIED_RESET, DIGEST, RESET, MINUTE)
    assert await stores.proofs.consume(VERIFIED_RESET, DIGEST) == RESET


async def test_nothing_begins_with_the_second_factor_and_what_began_ends(
    stores: RedisStores, full: Redis
) -> None:
    """A code would be spent on a sign-in that finds no room, or a lock stay that its holder releases."""
    owner, other = account(), "e" * 64
    setup = MfaSetupRecord(encrypted_secret="s", recovery_codes=(), encrypted_codes="c")
    await stores.mfa.put_setup(owner, setup, MINUTE)
    await stores.mfa.put_temp(owner, DIGEST, MINUTE)
    await stores.mfa.acquire_lock(owner, "nonce", MINUTE)
    fill(full)
    for growing in (
        stores.mfa.put_setup(owner, setup, MINUTE),
        stores.mfa.put_temp(owner, other, MINUTE),
        stores.mfa.mark_totp_used(owner, other, MINUTE),
        stores.mfa.claim_recovery_code(owner, other, MINUTE),
        stores.mfa.consume_challenge(owner, other, DIGEST, MINUTE),
        stores.mfa.acquire_lock(owner, "nonce", MINUTE),
    ):
        with pytest.raises(StoreUnavailable, match="OOM"):
            await growing
    assert (await stores.mfa.temp_state(owner, DIGEST)).user_id == owner.user_id
    assert await stores.mfa.release_lock(owner, "nonce")
    assert await stores.mfa.take_setup(owner) == setup
    assert await stores.mfa.delete_temp(owner, DIGEST)


async def test_wrong_codes_are_still_counted(stores: RedisStores, full: Redis) -> None:
    """A code must not be open to any number of guesses while strangers fill the memory."""
    await stores.otps.put(otp(), "right", MINUTE)
    fill(full)
    guesses = [await stores.otps.verify(otp(), f"wrong {number}", 3) for number in range(3)]
    assert guesses == [OtpVerdict.WRONG] * 3
    assert await stores.otps.verify(otp(), "right", 3) is OtpVerdict.MAX


async def test_a_failure_is_still_counted(stores: RedisStores, full: Redis) -> None:
    """A password that was judged just before the memory was full is a guess like any other."""
    await stores.attempts.begin(counter(), 5)
    fill(full)
    assert (await stores.attempts.fail(counter(), MINUTE)).count == 1


async def test_a_revoked_login_is_still_noticed(stores: RedisStores, full: Redis) -> None:
    """A copied token must not become safe to present because strangers fill the memory."""
    owner = account()
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    await stores.sessions.revoke(owner, token("b").hash)
    fill(full)
    assert await stores.sessions.reissue(owner, token("a"), token("b")) == SuccessorDead()


async def test_refresh_tokens_are_still_exchanged(stores: RedisStores, full: Redis) -> None:
    """Nobody who is signed in may be signed out by somebody who is not."""
    await sign_in(stores, account(), "a")
    fill(full)
    await exchange(stores, account(), "a", "b")
    assert await is_live(stores, account(), "b")
    assert not await is_live(stores, account(), "a")


async def test_a_client_that_is_counted_goes_on_being_counted(stores: RedisStores, full: Redis) -> None:
    """Otherwise a limit would end where it is needed, or refuse whoever is signed in."""
    bucket = "a" * 64
    await stores.rate_limits.hit("refresh", bucket, 2, MINUTE)
    fill(full)
    assert (await stores.rate_limits.hit("refresh", bucket, 2, MINUTE)).allowed
    assert not (await stores.rate_limits.hit("refresh", bucket, 2, MINUTE)).allowed


async def test_a_key_without_a_lifetime_keeps_none(stores: RedisStores, raw: Redis) -> None:
    """What another program wrote must not be deleted by making room."""
    counter_key = f"auth:rl:refresh:{'a' * 64}"
    raw.set(counter_key, 1)
    verdict = await stores.rate_limits.hit("refresh", "a" * 64, 2, MINUTE)
    assert (verdict.allowed, raw.get(counter_key)) == (True, "2")


async def test_another_failure_is_not_taken_for_want_of_room(stores: RedisStores) -> None:
    """A probe must not call a Redis ready that does not answer."""
    await stores.aclose()
    with pytest.raises(StoreUnavailable):
        await stores.has_room()


async def test_an_invitation_that_does_not_fit_leaves_the_pending_one(
    stores: RedisStores, full: Redis
) -> None:
    """Its link would be ended for nothing."""
    store, first = stores.invitations, invitation_token("first")
    assert await store.put(invitee(), first, invitation(), MINUTE, seen=None)
    fill(full)
    with pytest.raises(StoreUnavailable, match="OOM"):
        await store.put(invitee(), invitation_token("second"), invitation(), MINUTE, seen=first.hash)
    assert await store.read_pending(invitee()) == PendingInvitation(first.hash, invitation())
    assert await store.take(first) == invitation()
    assert not await store.revoke(invitee(), first.hash)
