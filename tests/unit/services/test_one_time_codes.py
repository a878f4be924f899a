"""One-time codes."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest

from bymax_auth.errors import OtpExpired, OtpInvalid, OtpMaxAttempts, StoreUnavailable
from bymax_auth.ports.one_time import OtpId, OtpPurpose, OtpStore, OtpVerdict
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.one_time_codes import OneTimeCodes
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock

VERIFICATION = OtpPurpose.EMAIL_VERIFICATION
RESET = OtpPurpose.PASSWORD_RESET
TEN_MINUTES = timedelta(minutes=10)
ANA = ("acme", "ana@example.com")


class Unavailable:
    """A store that is down."""

    def __init__(self, store: OtpStore) -> None:
        self.put = store.put
        self.try_begin_resend = store.try_begin_resend

    async def verify(self, otp: OtpId, fingerprint: str, max_attempts: int) -> OtpVerdict:
        raise StoreUnavailable


@pytest.fixture
def codes(stores: EmbeddedStores, identifiers: Identifiers, clock: FakeClock) -> OneTimeCodes:
    return OneTimeCodes(stores.otps, identifiers, clock)


async def issued(codes: OneTimeCodes, purpose: OtpPurpose = VERIFICATION, length: int = 6) -> str:
    return await codes.issue(purpose, *ANA, length=length, ttl=TEN_MINUTES)


def other_than(code: str) -> str:
    return ("1" if code[0] == "0" else "0") + code[1:]


@pytest.mark.parametrize("length", [4, 6, 8])
async def test_a_code_has_the_digits_that_were_asked_for(codes: OneTimeCodes, length: int) -> None:
    """A form with six boxes needs six digits."""
    assert re.fullmatch(f"[0-9]{{{length}}}", await issued(codes, length=length))


async def test_a_right_code_works_once(codes: OneTimeCodes) -> None:
    """A mail that is read by somebody else later must be worthless."""
    code = await issued(codes)
    await codes.verify(VERIFICATION, *ANA, code)

    with pytest.raises(OtpExpired):
        await codes.verify(VERIFICATION, *ANA, code)


@pytest.mark.parametrize(
    ("purpose", "tenant_id", "email"),
    [
        (RESET, "acme", "ana@example.com"),
        (VERIFICATION, "other", "ana@example.com"),
        (VERIFICATION, "acme", "ben@example.com"),
    ],
)
async def test_a_code_is_good_for_its_purpose_and_address_only(
    codes: OneTimeCodes, purpose: OtpPurpose, tenant_id: str, email: str
) -> None:
    """A verification code must not reset a password, nor somebody else's."""
    code = await issued(codes)

    with pytest.raises(OtpExpired):
        await codes.verify(purpose, tenant_id, email, code)


async def test_a_new_code_replaces_the_old_one(codes: OneTimeCodes) -> None:
    """Of two mails the newer one counts."""
    old = await issued(codes)
    new = await issued(codes)
    if new != old:
        with pytest.raises(OtpInvalid):
            await codes.verify(VERIFICATION, *ANA, old)

    await codes.verify(VERIFICATION, *ANA, new)


async def test_the_sixth_guess_fails_even_when_it_is_right(codes: OneTimeCodes) -> None:
    """Six digits are few; five tries are all that anybody gets."""
    code = await issued(codes)
    for _ in range(5):
        with pytest.raises(OtpInvalid):
            await codes.verify(VERIFICATION, *ANA, other_than(code))

    with pytest.raises(OtpMaxAttempts):
        await codes.verify(VERIFICATION, *ANA, code)


async def test_a_code_that_is_over_is_refused(codes: OneTimeCodes, clock: FakeClock) -> None:
    """An old mail is no proof."""
    code = await issued(codes)
    clock.advance(TEN_MINUTES)

    with pytest.raises(OtpExpired):
        await codes.verify(VERIFICATION, *ANA, code)


@pytest.mark.parametrize("outcome", ["right", "wrong", "none", "outage"])
async def test_every_outcome_takes_its_time(
    outcome: str, codes: OneTimeCodes, clock: FakeClock, stores: EmbeddedStores, identifiers: Identifiers
) -> None:
    """How fast a refusal comes would tell whether a code is waiting."""
    code = "000000" if outcome == "none" else await issued(codes)
    judged = OneTimeCodes(Unavailable(stores.otps), identifiers, clock) if outcome == "outage" else codes
    started = clock.monotonic()
    with suppress(OtpInvalid, StoreUnavailable):
        await judged.verify(VERIFICATION, *ANA, other_than(code) if outcome == "wrong" else code)

    assert clock.monotonic() - started == pytest.approx(0.1)


async def test_codes_are_sent_once_a_minute(codes: OneTimeCodes, clock: FakeClock) -> None:
    """Each new code brings five new guesses, so somebody could otherwise guess without end."""
    assert await codes.claim_resend(RESET, *ANA)
    assert not await codes.claim_resend(RESET, *ANA)
    assert await codes.claim_resend(VERIFICATION, *ANA)
    clock.advance(timedelta(seconds=60))
    assert await codes.claim_resend(RESET, *ANA)
