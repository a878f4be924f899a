"""Things that work once: `OtpStore` and `ProofStore`."""

import asyncio
import time
from datetime import timedelta

import pytest

from bymax_auth.ports.one_time import (
    EMAIL_CHANGE,
    OAUTH_FORM_USER,
    OAUTH_LINK,
    OAUTH_STATE,
    PASSWORD_RESET,
    PROOF_GENERATION,
    RESET_CODE,
    VERIFIED_RESET,
    EmailChangeContext,
    OAuthFormUser,
    OAuthLinkState,
    OAuthState,
    OtpPurpose,
    OtpVerdict,
    ProofGeneration,
    ProofKind,
    ProofStore,
    ResetContext,
)
from bymax_auth.ports.stores import AuthStores
from bymax_auth.testing import FakeClock
from tests.contract.samples import IDENTIFIERS, MARGIN, otp, token

TTL = timedelta(hours=2)
RIGHT, WRONG = "a" * 64, "b" * 64
EMAIL_CODE = otp(OtpPurpose.EMAIL_VERIFICATION)
KINDS = (PASSWORD_RESET, RESET_CODE, VERIFIED_RESET)


@pytest.fixture(params=tuple(OtpPurpose))
def purpose(request: pytest.FixtureRequest) -> OtpPurpose:
    """Both things a code is for."""
    return OtpPurpose(request.param)


async def test_the_right_code_works_once(stores: AuthStores, purpose: OtpPurpose) -> None:
    """A code read over somebody's shoulder must be worth nothing after its use."""
    await stores.otps.put(otp(purpose), RIGHT, TTL)
    assert await stores.otps.verify(otp(purpose), RIGHT, 5) is OtpVerdict.OK
    assert await stores.otps.verify(otp(purpose), RIGHT, 5) is OtpVerdict.EXPIRED


async def test_a_wrong_code_leaves_the_right_one_usable_until_it_expires(
    stores: AuthStores, clock: FakeClock
) -> None:
    """A typing error must not cost a new mail, nor buy more time."""
    await stores.otps.put(otp(), RIGHT, TTL)
    clock.advance(TTL - MARGIN)
    assert await stores.otps.verify(otp(), WRONG, 5) is OtpVerdict.WRONG
    assert await stores.otps.verify(otp(), "ä", 5) is OtpVerdict.WRONG
    clock.advance(MARGIN)
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.EXPIRED


async def test_wrong_codes_are_answered_up_to_the_limit_then_the_code_is_destroyed(
    stores: AuthStores,
) -> None:
    """Six digits are few; a sixth guess must fail even when it is right."""
    await stores.otps.put(otp(), RIGHT, TTL)
    verdicts = [await stores.otps.verify(otp(), WRONG, 5) for _ in range(5)]
    assert verdicts == [OtpVerdict.WRONG] * 5
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.MAX
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.EXPIRED


async def test_more_wrong_codes_than_a_lowered_limit_destroy_the_code(stores: AuthStores) -> None:
    """A deployment that lowers the limit would let guesses at every code of before go on."""
    await stores.otps.put(otp(), RIGHT, TTL)
    for _ in range(3):
        assert await stores.otps.verify(otp(), WRONG, 5) is OtpVerdict.WRONG
    assert await stores.otps.verify(otp(), RIGHT, 2) is OtpVerdict.MAX


async def test_a_new_code_replaces_the_old_one_and_its_attempts(stores: AuthStores) -> None:
    """The code in the newest mail is the one that counts."""
    await stores.otps.put(otp(), WRONG, TTL)
    for _ in range(5):
        await stores.otps.verify(otp(), "c" * 64, 5)
    await stores.otps.put(otp(), RIGHT, TTL)
    assert await stores.otps.verify(otp(), WRONG, 5) is OtpVerdict.WRONG
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.OK


async def test_fifty_wrong_codes_a_day_end_the_guessing_across_new_codes(
    stores: AuthStores, clock: FakeClock
) -> None:
    """Asking for a new code every minute would buy five guesses each time, for ever."""
    for _ in range(10):
        await stores.otps.put(otp(), RIGHT, TTL)
        for _ in range(5):
            assert await stores.otps.verify(otp(), WRONG, 5) is OtpVerdict.WRONG
    await stores.otps.put(otp(), RIGHT, timedelta(days=2))
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.MAX
    clock.advance(timedelta(days=1) - MARGIN)
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.MAX
    clock.advance(MARGIN)
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.OK


async def test_the_wrong_codes_of_a_day_are_counted_where_an_operator_clears_them(stores: AuthStores) -> None:
    """Support could not help somebody whose codes a stranger has used up."""
    guesses = IDENTIFIERS.wrong_codes(otp())
    for given in range(50):
        assert (await stores.attempts.failures(guesses)).count == given
        if given % 5 == 0:
            await stores.otps.put(otp(), RIGHT, TTL)
        assert await stores.otps.verify(otp(), WRONG, 5) is OtpVerdict.WRONG
    await stores.otps.put(otp(), RIGHT, TTL)
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.MAX
    await stores.attempts.clear(guesses)
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.OK


async def test_codes_are_kept_apart_by_purpose_and_address(stores: AuthStores) -> None:
    """A code that proves an address must not reset a password, nor anybody else's."""
    await stores.otps.put(EMAIL_CODE, RIGHT, TTL)
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.EXPIRED
    elsewhere = otp(OtpPurpose.EMAIL_VERIFICATION, "bob@example.com")
    assert await stores.otps.verify(elsewhere, RIGHT, 5) is OtpVerdict.EXPIRED
    assert await stores.otps.verify(EMAIL_CODE, RIGHT, 5) is OtpVerdict.OK


async def test_a_resend_is_claimed_once_until_it_cools_down(stores: AuthStores, clock: FakeClock) -> None:
    """A form that is submitted in a loop would flood somebody's mailbox."""
    cooldown = timedelta(hours=1)
    assert await stores.otps.try_begin_resend(otp(), cooldown)
    clock.advance(cooldown - MARGIN)
    assert not await stores.otps.try_begin_resend(otp(), cooldown)
    assert await stores.otps.try_begin_resend(EMAIL_CODE, cooldown)
    clock.advance(MARGIN)
    assert await stores.otps.try_begin_resend(otp(), cooldown)
    assert not await stores.otps.try_begin_resend(otp(), cooldown)


async def test_what_has_ended_is_gone_however_soon_it_ends(stores: AuthStores, clock: FakeClock) -> None:
    """What has ended must not count, whether or not it has been removed."""
    half = timedelta(milliseconds=500)
    proofs = proofs_of(stores)
    for _ in range(3):
        began = time.monotonic()
        assert await stores.otps.try_begin_resend(otp(), half)
        again = await stores.otps.try_begin_resend(otp(), half)
        assert not again or time.monotonic() - began >= half.total_seconds(), "it ended early"
        await stores.otps.put(otp(), RIGHT, half)
        await proofs.put(PASSWORD_RESET, token("link").hash, context(), half)
        clock.advance(half)
        assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.EXPIRED
        assert await proofs.consume(PASSWORD_RESET, token("link").hash) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fingerprint", [None, "", "f" * 64])
async def test_a_proof_stands_for_what_it_was_given_once(
    stores: AuthStores, kind: ProofKind[ResetContext], fingerprint: str | None
) -> None:
    """A reset link must work for the account it was sent to, once, and know which password it saw."""
    proofs, payload = proofs_of(stores), context(fingerprint)
    await proofs.put(kind, token("link").hash, payload, TTL)
    assert await proofs.consume(kind, token("link").hash) == payload
    assert await proofs.consume(kind, token("link").hash) is None


@pytest.mark.parametrize("fingerprint", [None, "", "f" * 64])
async def test_a_new_address_is_kept_under_its_token_once(
    stores: AuthStores, fingerprint: str | None
) -> None:
    """A link must move the account that asked for it, to the mailbox that received it, and only once."""
    proofs = proofs_of(stores)
    payload = EmailChangeContext(
        user_id="u1", new_email="ádá@new.example", tenant_id="tenant-a", password_fingerprint=fingerprint
    )
    await proofs.put(EMAIL_CHANGE, token("link").hash, payload, TTL)
    assert await proofs.consume(PASSWORD_RESET, token("link").hash) is None
    assert await proofs.consume(EMAIL_CHANGE, token("link").hash) == payload
    assert await proofs.consume(EMAIL_CHANGE, token("link").hash) is None


async def test_the_state_of_a_sign_in_is_good_once_until_it_ends(
    stores: AuthStores, clock: FakeClock
) -> None:
    """An address that returned from a provider stays in the browser's history."""
    proofs, said = proofs_of(stores), OAuthFormUser('{"name":"Ádá"}')
    state = OAuthState(provider="google", tenant_id="tenant-a", code_verifier="v" * 43)
    for name in ("early", "late"):
        await proofs.put(OAUTH_STATE, token(name).hash, state, TTL)
        await proofs.put(OAUTH_FORM_USER, token(name).hash, said, TTL)
    clock.advance(TTL - MARGIN)
    for _ in range(2):
        assert await proofs.read(OAUTH_STATE, token("early").hash) == state
    assert await proofs.consume(OAUTH_FORM_USER, token("early").hash) == said
    assert await proofs.consume(OAUTH_FORM_USER, token("early").hash) is None
    assert await proofs.consume(OAUTH_STATE, token("early").hash) == state
    assert await proofs.consume(OAUTH_STATE, token("early").hash) is None
    clock.advance(MARGIN)
    assert await proofs.consume(OAUTH_STATE, token("late").hash) is None
    assert await proofs.consume(OAUTH_FORM_USER, token("late").hash) is None


async def test_of_concurrent_uses_of_a_state_one_gets_it(stores: AuthStores) -> None:
    """A double click on the way back would sign somebody in twice, with one code."""
    proofs = proofs_of(stores)
    state = OAuthState(provider="google", tenant_id="tenant-a", code_verifier="v" * 43)
    await proofs.put(OAUTH_STATE, token("state").hash, state, TTL)
    got = await asyncio.gather(*(proofs.consume(OAUTH_STATE, token("state").hash) for _ in range(8)))
    assert [one for one in got if one is not None] == [state]


async def test_the_state_of_a_link_is_used_once_and_is_none_of_a_sign_in(
    stores: AuthStores, clock: FakeClock
) -> None:
    """An implementation that shares the store would open a session with it."""
    proofs, link = (
        proofs_of(stores),
        OAuthLinkState(
            provider="google",
            tenant_id="tenant-a",
            code_verifier="v" * 43,
            user_id="u1",
            login="family",
            epoch=3,
            password_fingerprint="",
        ),
    )
    for name in ("early", "late"):
        await proofs.put(OAUTH_LINK, token(name).hash, link, TTL)
    assert await proofs.consume(OAUTH_STATE, token("early").hash) is None
    assert await proofs.read(OAUTH_LINK, token("early").hash) == link
    got = await asyncio.gather(*(proofs.consume(OAUTH_LINK, token("early").hash) for _ in range(8)))
    assert [one for one in got if one is not None] == [link]
    clock.advance(TTL)
    assert await proofs.consume(OAUTH_LINK, token("late").hash) is None


async def test_a_proof_ends_with_its_time(stores: AuthStores, clock: FakeClock) -> None:
    """A link found in an old mailbox must not reset anything."""
    proofs = proofs_of(stores)
    for name in ("early", "late"):
        await proofs.put(PASSWORD_RESET, token(name).hash, context(), TTL)
    clock.advance(TTL - MARGIN)
    assert await proofs.consume(PASSWORD_RESET, token("early").hash) == context()
    clock.advance(MARGIN)
    assert await proofs.consume(PASSWORD_RESET, token("late").hash) is None


async def test_a_proof_is_of_one_kind(stores: AuthStores) -> None:
    """A token from one step must not pass for the token of another."""
    proofs = proofs_of(stores)
    await proofs.put(PASSWORD_RESET, token("link").hash, context(), TTL)
    assert await proofs.read(VERIFIED_RESET, token("link").hash) is None
    assert await proofs.consume(VERIFIED_RESET, token("link").hash) is None
    assert await proofs.consume(PASSWORD_RESET, token("link").hash) == context()


async def test_a_deleted_proof_is_gone(stores: AuthStores) -> None:
    """A link whose mail bounced must not linger."""
    proofs = proofs_of(stores)
    await proofs.put(PASSWORD_RESET, token("link").hash, context(), TTL)
    for _ in range(2):
        await proofs.delete(PASSWORD_RESET, token("link").hash)
    assert await proofs.consume(PASSWORD_RESET, token("link").hash) is None


async def test_a_record_can_be_read_and_stays_until_it_ends(stores: AuthStores, clock: FakeClock) -> None:
    """The end of an account's proofs must be seen by every proof, and not by the first alone."""
    proofs, generation = proofs_of(stores), ProofGeneration("g" * 64)
    assert await proofs.read(PROOF_GENERATION, token("account").hash) is None
    await proofs.put(PROOF_GENERATION, token("account").hash, generation, TTL)
    for _ in range(2):
        assert await proofs.read(PROOF_GENERATION, token("account").hash) == generation
    clock.advance(TTL)
    assert await proofs.read(PROOF_GENERATION, token("account").hash) is None


def context(fingerprint: str | None = "f" * 64) -> ResetContext:
    """What a reset link stands for."""
    return ResetContext(
        user_id="u1", email="ada@example.com", tenant_id="tenant-a", password_fingerprint=fingerprint
    )


def proofs_of(stores: AuthStores) -> ProofStore:
    """The bundle's proofs; every bundle under contract has them."""
    assert stores.proofs is not None
    return stores.proofs
