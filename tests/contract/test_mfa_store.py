"""The state of the second factor between requests: `MfaStore`, in both realms."""

from datetime import timedelta

import pytest

from bymax_auth.ports.mfa import MfaSetupRecord, MfaStore, MfaTempState
from bymax_auth.ports.stores import AuthStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm, Subject
from tests.contract.samples import MARGIN, account, token

TTL = timedelta(hours=2)
SETUP = MfaSetupRecord(
    encrypted_secret="bm9uY2U=:dGFn:c2VjcmV0",
    recovery_codes=("0" * 64, "1" * 64),
    encrypted_codes="bm9uY2U=:dGFn:Y29kZXM=",
)
OTHER_SETUP = MfaSetupRecord(encrypted_secret="a:b:c", recovery_codes=(), encrypted_codes="d:e:ü")
CODE, OTHER_CODE, TEMP, OTHER_TEMP = (token(name).hash for name in ("287082", "081804", "jti", "other jti"))
NONCE, OTHER_NONCE = "a" * 32, "b" * 32


@pytest.fixture
def mfa(stores: AuthStores) -> MfaStore:
    """The bundle's state of the second factor; every bundle under contract keeps it."""
    assert stores.mfa is not None
    return stores.mfa


@pytest.fixture
def owner(realm: Realm) -> Subject:
    """An account of each realm."""
    return account(realm)


def others(owner: Subject) -> list[Subject]:
    """Accounts that share the id, the tenant or the realm of `owner`."""
    elsewhere = Realm.PLATFORM if owner.realm is Realm.DASHBOARD else Realm.DASHBOARD
    return [account(owner.realm, "u2"), account(elsewhere), account(Realm.DASHBOARD, "u1", "tenant-b")]


# ── pending enrolments ────────────────────────────────────────────────────────────────────────────────────


async def test_an_enrolment_is_kept_as_it_was_first_stored(mfa: MfaStore, owner: Subject) -> None:
    """The second of two tabs would replace the secret that the first one's QR code shows."""
    assert await mfa.put_setup(owner, SETUP, TTL)
    assert not await mfa.put_setup(owner, OTHER_SETUP, TTL)
    for _ in range(2):
        assert await mfa.read_setup(owner) == SETUP


async def test_an_enrolment_is_taken_once_and_another_can_begin(mfa: MfaStore, owner: Subject) -> None:
    """One code would enable the factor twice, and hand two sets of recovery codes out."""
    await mfa.put_setup(owner, SETUP, TTL)
    assert await mfa.take_setup(owner) == SETUP
    assert await mfa.take_setup(owner) is None
    assert await mfa.read_setup(owner) is None
    assert await mfa.put_setup(owner, OTHER_SETUP, TTL)
    assert await mfa.read_setup(owner) == OTHER_SETUP


async def test_an_enrolment_ends_with_its_time(mfa: MfaStore, owner: Subject, clock: FakeClock) -> None:
    """A QR code on a screen of yesterday would still become somebody's second factor."""
    await mfa.put_setup(owner, SETUP, TTL)
    clock.advance(TTL - MARGIN)
    assert await mfa.read_setup(owner) == SETUP
    clock.advance(MARGIN)
    assert await mfa.read_setup(owner) is None
    assert await mfa.take_setup(owner) is None
    assert await mfa.put_setup(owner, OTHER_SETUP, TTL)
    assert await mfa.take_setup(owner) == OTHER_SETUP


async def test_an_enrolment_belongs_to_one_account(mfa: MfaStore, owner: Subject) -> None:
    """A user would enrol with the secret of an administrator who has the same id."""
    await mfa.put_setup(owner, SETUP, TTL)
    for other in others(owner):
        assert await mfa.read_setup(other) is None
        assert await mfa.take_setup(other) is None
    assert await mfa.take_setup(owner) == SETUP


# ── temporary tokens ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_temporary_token_is_its_owners_until_it_is_used(
    mfa: MfaStore, stores: AuthStores, owner: Subject
) -> None:
    """Somebody who has proven the password alone would be let in twice, or not at all."""
    assert await mfa.temp_state(owner, TEMP) == MfaTempState(None, 0)
    await mfa.put_temp(owner, TEMP, TTL)
    for _ in range(2):
        assert await mfa.temp_state(owner, TEMP) == MfaTempState(owner.user_id, 0)
    assert await stores.revocation.bump_epoch(owner) == 1
    assert await mfa.temp_state(owner, TEMP) == MfaTempState(owner.user_id, 1)
    assert await mfa.delete_temp(owner, TEMP)
    assert not await mfa.delete_temp(owner, TEMP)
    assert await mfa.temp_state(owner, TEMP) == MfaTempState(None, 1)


async def test_a_temporary_token_ends_with_its_time(mfa: MfaStore, owner: Subject, clock: FakeClock) -> None:
    """A browser that was left at the second step would be let in by the next person at the desk."""
    await mfa.put_temp(owner, TEMP, TTL)
    clock.advance(TTL - MARGIN)
    assert (await mfa.temp_state(owner, TEMP)).user_id == owner.user_id
    clock.advance(MARGIN)
    assert (await mfa.temp_state(owner, TEMP)).user_id is None
    assert not await mfa.delete_temp(owner, TEMP)
    assert not await mfa.consume_challenge(owner, CODE, TEMP, TTL)


async def test_the_epoch_beside_a_temporary_token_is_its_accounts(
    mfa: MfaStore, stores: AuthStores, owner: Subject
) -> None:
    """Revoking one account would end the sign-in of another, or spare one that it should end."""
    await mfa.put_temp(owner, TEMP, TTL)
    for other in others(owner):
        await stores.revocation.bump_epoch(other)
    assert await mfa.temp_state(owner, TEMP) == MfaTempState(owner.user_id, 0)


# ── codes ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_totp_is_used_once_while_it_is_valid(mfa: MfaStore, owner: Subject, clock: FakeClock) -> None:
    """A code read over somebody's shoulder would work for whoever reads it."""
    assert await mfa.mark_totp_used(owner, CODE, TTL)
    assert not await mfa.mark_totp_used(owner, CODE, TTL)
    assert await mfa.mark_totp_used(owner, OTHER_CODE, TTL)
    clock.advance(TTL - MARGIN)
    assert not await mfa.mark_totp_used(owner, CODE, TTL)
    clock.advance(MARGIN)
    assert await mfa.mark_totp_used(owner, CODE, TTL)


async def test_a_recovery_code_is_claimed_once(mfa: MfaStore, owner: Subject, clock: FakeClock) -> None:
    """Two people would sign in with one slip of paper before its digest is removed."""
    assert await mfa.claim_recovery_code(owner, CODE, TTL)
    assert not await mfa.claim_recovery_code(owner, CODE, TTL)
    assert await mfa.claim_recovery_code(owner, OTHER_CODE, TTL)
    assert await mfa.mark_totp_used(owner, CODE, TTL)
    clock.advance(TTL - MARGIN)
    assert not await mfa.claim_recovery_code(owner, CODE, TTL)
    clock.advance(MARGIN)
    assert await mfa.claim_recovery_code(owner, CODE, TTL)


async def test_a_challenge_uses_the_code_and_the_token(mfa: MfaStore, owner: Subject) -> None:
    """A code or a token that has let somebody in would let somebody else in."""
    for temp in (TEMP, OTHER_TEMP):
        await mfa.put_temp(owner, temp, TTL)
    assert await mfa.consume_challenge(owner, CODE, TEMP, TTL)
    assert (await mfa.temp_state(owner, TEMP)).user_id is None
    assert not await mfa.mark_totp_used(owner, CODE, TTL)
    assert not await mfa.consume_challenge(owner, CODE, OTHER_TEMP, TTL)
    assert (await mfa.temp_state(owner, OTHER_TEMP)).user_id == owner.user_id
    assert await mfa.consume_challenge(owner, OTHER_CODE, OTHER_TEMP, TTL)


async def test_a_challenge_that_comes_second_gives_its_code_back(mfa: MfaStore, owner: Subject) -> None:
    """Whoever pressed the button twice would wait for the next code to sign in."""
    await mfa.put_temp(owner, TEMP, TTL)
    assert await mfa.consume_challenge(owner, CODE, TEMP, TTL)
    assert not await mfa.consume_challenge(owner, OTHER_CODE, TEMP, TTL)
    assert await mfa.mark_totp_used(owner, OTHER_CODE, TTL)


async def test_the_code_that_confirmed_an_enrolment_passes_no_challenge(
    mfa: MfaStore, owner: Subject
) -> None:
    """Whoever saw the code of the enrolment could sign in with it."""
    await mfa.put_temp(owner, TEMP, TTL)
    assert await mfa.mark_totp_used(owner, CODE, TTL)
    assert not await mfa.consume_challenge(owner, CODE, TEMP, TTL)
    assert (await mfa.temp_state(owner, TEMP)).user_id == owner.user_id


async def test_the_code_of_a_challenge_can_be_used_again_when_its_mark_ends(
    mfa: MfaStore, owner: Subject, clock: FakeClock
) -> None:
    """Six digits come again, and a code that is right by then must not be refused for ever."""
    for temp in (TEMP, OTHER_TEMP):
        await mfa.put_temp(owner, temp, 2 * TTL)
    assert await mfa.consume_challenge(owner, CODE, TEMP, TTL)
    clock.advance(TTL - MARGIN)
    assert not await mfa.consume_challenge(owner, CODE, OTHER_TEMP, TTL)
    clock.advance(MARGIN)
    assert await mfa.consume_challenge(owner, CODE, OTHER_TEMP, TTL)


# ── the lock of a change ──────────────────────────────────────────────────────────────────────────────────


async def test_a_lock_is_held_by_one_until_it_is_released(mfa: MfaStore, owner: Subject) -> None:
    """Two changes of one factor would each write over what the other has written."""
    assert await mfa.acquire_lock(owner, NONCE, TTL)
    assert not await mfa.acquire_lock(owner, OTHER_NONCE, TTL)
    assert not await mfa.acquire_lock(owner, NONCE, TTL)
    assert not await mfa.release_lock(owner, OTHER_NONCE)
    assert not await mfa.acquire_lock(owner, OTHER_NONCE, TTL)
    assert await mfa.release_lock(owner, NONCE)
    assert not await mfa.release_lock(owner, NONCE)
    assert await mfa.acquire_lock(owner, OTHER_NONCE, TTL)


async def test_a_former_holder_does_not_release_a_successors_lock(
    mfa: MfaStore, owner: Subject, clock: FakeClock
) -> None:
    """A change that was slow would let a third one in beside its successor."""
    assert await mfa.acquire_lock(owner, NONCE, TTL)
    clock.advance(TTL)
    assert not await mfa.release_lock(owner, NONCE)
    assert await mfa.acquire_lock(owner, OTHER_NONCE, TTL)
    assert not await mfa.release_lock(owner, NONCE)
    assert not await mfa.acquire_lock(owner, NONCE, TTL)
    assert await mfa.release_lock(owner, OTHER_NONCE)


async def test_a_lock_is_of_one_account(mfa: MfaStore, owner: Subject) -> None:
    """One person's change would refuse everybody else's."""
    assert await mfa.acquire_lock(owner, NONCE, TTL)
    for other in others(owner):
        assert await mfa.acquire_lock(other, OTHER_NONCE, TTL)
    assert not await mfa.release_lock(owner, OTHER_NONCE)
    assert await mfa.release_lock(owner, NONCE)
