"""Short codes, each for one account and one password."""

from datetime import timedelta

import pytest

from bymax_auth.config.constants import OTP_MAX_ATTEMPTS, OTP_MAX_WRONG_CODES
from bymax_auth.errors import OtpInvalid
from bymax_auth.ports.one_time import RESET_CODE, OtpPurpose
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.one_time_codes import OneTimeCodes
from bymax_auth.services.proof_bindings import ProofBindings
from bymax_auth.services.reset_codes import ResetCodes
from bymax_auth.services.reset_proofs import ResetProofs
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from tests.unit.services.parts import user

EMAIL = "ana@example.com"
TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def codes(stores: EmbeddedStores, identifiers: Identifiers, clock: FakeClock) -> ResetCodes:
    codes = OneTimeCodes(stores.otps, identifiers, clock)
    bindings = ProofBindings(stores.proofs, identifiers, TEN_MINUTES)
    return ResetCodes(codes, ResetProofs(stores.proofs, bindings), stores.attempts)


async def issued(codes: ResetCodes) -> str:
    return await codes.issue(user(), EMAIL, length=6, ttl=TEN_MINUTES)


async def test_a_code_stands_for_the_account_and_password_it_was_issued_for(codes: ResetCodes) -> None:
    """The password that its owner has chosen since must not be replaced with it."""
    proven = await codes.redeem("acme", EMAIL, await issued(codes))
    assert proven is not None
    assert (proven.user_id, proven.email, proven.tenant_id) == ("u1", EMAIL, "acme")
    assert await codes.proofs.fits(proven, user())
    assert not await codes.proofs.fits(proven, user(password_hash="$scrypt$other"))


async def test_a_code_of_the_last_moment_is_still_bound(codes: ResetCodes, clock: FakeClock) -> None:
    """A record that ended first would make a code good for any password."""
    code = await issued(codes)
    clock.advance(TEN_MINUTES - timedelta(milliseconds=1))
    assert await codes.redeem("acme", EMAIL, code) is not None


async def test_a_wrong_code_leaves_the_right_one_bound(codes: ResetCodes) -> None:
    """A typing mistake must not loosen what the next attempt proves."""
    code = await issued(codes)
    with pytest.raises(OtpInvalid):
        await codes.redeem("acme", EMAIL, "000000" if code != "000000" else "111111")
    assert await codes.redeem("acme", EMAIL, code) is not None


async def test_a_newer_code_is_bound_by_its_own_record(codes: ResetCodes) -> None:
    """The record of an older mail must not be read for a newer one."""
    older = await issued(codes)
    newer = await codes.issue(user(id="u2"), EMAIL, length=8, ttl=TEN_MINUTES)
    with pytest.raises(OtpInvalid):
        await codes.redeem("acme", EMAIL, older)
    proven = await codes.redeem("acme", EMAIL, newer)
    assert proven is not None
    assert proven.user_id == "u2"


async def test_a_record_outlives_its_code(codes: ResetCodes, clock: FakeClock) -> None:
    """A store that removes it a moment before the code would make the code good for any password."""
    code = await issued(codes)
    clock.advance(TEN_MINUTES)
    fingerprint = codes.codes.fingerprint(OtpPurpose.PASSWORD_RESET, "acme", EMAIL, code)
    assert await codes.proofs.take(RESET_CODE, fingerprint) is not None


async def test_no_code_is_sent_that_could_be_guessed_out(
    codes: ResetCodes, stores: EmbeddedStores, identifiers: Identifiers
) -> None:
    """Whoever guesses could refuse the owner the right code, by using its attempts up."""
    counter = identifiers.wrong_codes(identifiers.otp(OtpPurpose.PASSWORD_RESET, "acme", EMAIL))
    verdicts = []
    for _ in range(OTP_MAX_WRONG_CODES):
        verdicts.append(await codes.are_guessed_out("acme", EMAIL))
        await stores.attempts.fail(counter, timedelta(days=1))
    allowed = OTP_MAX_WRONG_CODES - OTP_MAX_ATTEMPTS + 1
    assert verdicts == [False] * allowed + [True] * (OTP_MAX_WRONG_CODES - allowed)
