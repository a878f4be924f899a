"""Tokens that stand for one account and one password."""

import asyncio
from datetime import timedelta

import pytest

from bymax_auth.ports.one_time import PASSWORD_RESET, VERIFIED_RESET, ResetContext
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.proof_bindings import ProofBindings
from bymax_auth.services.reset_proofs import ResetProofs
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.account import AuthUser
from bymax_auth.types.identity import Realm, Subject
from tests.unit.services.parts import user

EMAIL = "ana@example.com"
TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def proofs(stores: EmbeddedStores, identifiers: Identifiers) -> ResetProofs:
    return ResetProofs(stores.proofs, ProofBindings(stores.proofs, identifiers, longest=TEN_MINUTES))


async def minted(proofs: ResetProofs, owner: AuthUser | None = None) -> str:
    return await proofs.mint(PASSWORD_RESET, owner or user(), EMAIL, TEN_MINUTES)


async def redeemed(proofs: ResetProofs, token: str) -> ResetContext:
    context = await proofs.redeem(PASSWORD_RESET, token)
    assert context is not None
    return context


async def test_a_token_stands_for_its_account_once(proofs: ResetProofs) -> None:
    """A link in an old mail must not work again."""
    token = await minted(proofs)
    context = await redeemed(proofs, token)

    assert (context.user_id, context.email, context.tenant_id) == ("u1", EMAIL, "acme")
    assert await proofs.redeem(PASSWORD_RESET, token) is None


async def test_of_two_clicks_at_once_one_counts(proofs: ResetProofs) -> None:
    """Two passwords must not be set with one link."""
    token = await minted(proofs)
    contexts = await asyncio.gather(*(proofs.redeem(PASSWORD_RESET, token) for _ in range(5)))

    assert sum(context is not None for context in contexts) == 1


async def test_a_token_is_good_for_its_kind_only(proofs: ResetProofs) -> None:
    """The two steps of a reset have a token each."""
    assert await proofs.redeem(VERIFIED_RESET, await minted(proofs)) is None


@pytest.mark.parametrize("token", ["", "f" * 63, "F" * 64, "f" * 64 + "\n", "\ud800" * 64])
async def test_what_cannot_be_a_token_is_not_looked_up(proofs: ResetProofs, token: str) -> None:
    """Hashing whatever somebody sends would let them choose how long it takes."""
    assert await proofs.redeem(PASSWORD_RESET, token) is None


async def test_a_token_that_is_over_stands_for_nothing(proofs: ResetProofs, clock: FakeClock) -> None:
    """A mailbox that is broken into next year must not open the account."""
    token = await minted(proofs)
    clock.advance(TEN_MINUTES)

    assert await proofs.redeem(PASSWORD_RESET, token) is None


async def test_a_token_can_be_taken_back(proofs: ResetProofs) -> None:
    """Its mail was never sent."""
    token = await minted(proofs)
    await proofs.forget(PASSWORD_RESET, token)
    await proofs.forget(PASSWORD_RESET, token)

    assert await proofs.redeem(PASSWORD_RESET, token) is None


@pytest.mark.parametrize("password_hash", ["$scrypt$stored", None])
async def test_a_token_fits_the_password_it_was_minted_for(
    proofs: ResetProofs, password_hash: str | None
) -> None:
    """Of two links the first one used changes the password, and must leave the other worthless."""
    owner = user(password_hash=password_hash)
    context = await redeemed(proofs, await minted(proofs, owner))

    assert await proofs.fits(context, owner)
    assert not await proofs.fits(context, user(password_hash="$scrypt$other"))


async def test_a_record_without_a_binding_fits(proofs: ResetProofs) -> None:
    """An older backend that shares the store does not write one."""
    unbound = ResetContext(user_id="u1", email=EMAIL, tenant_id="acme", password_fingerprint=None)

    assert await proofs.fits(unbound, user())
    assert await proofs.fits(unbound, user(email=f" {EMAIL.upper()} "))
    assert not await proofs.fits(unbound, user(email="other@example.com"))


def subject(identifiers: Identifiers, user_id: str = "u1") -> Subject:
    return identifiers.subject(Realm.DASHBOARD, user_id, "acme")


async def test_what_was_issued_before_the_end_is_over_and_nothing_else(
    proofs: ResetProofs, identifiers: Identifiers
) -> None:
    """An account that was blocked for a minute must not be open to the mail of before."""
    before, of_another = await minted(proofs), await minted(proofs, user(id="u2"))
    await proofs.bindings.end_all(subject(identifiers))
    after = await minted(proofs)
    assert not await proofs.fits(await redeemed(proofs, before), user())
    assert await proofs.fits(await redeemed(proofs, of_another), user(id="u2"))
    assert await proofs.fits(await redeemed(proofs, after), user())


async def test_a_second_end_ends_what_came_after_the_first(
    proofs: ResetProofs, identifiers: Identifiers
) -> None:
    """The same, when an account is blocked twice within minutes."""
    await proofs.bindings.end_all(subject(identifiers))
    between = await minted(proofs)
    await proofs.bindings.end_all(subject(identifiers))
    assert not await proofs.fits(await redeemed(proofs, between), user())


async def test_no_proof_outlives_the_record_of_its_end(
    proofs: ResetProofs, identifiers: Identifiers, clock: FakeClock
) -> None:
    """A token for which a code was exchanged in its last moment must stay over."""
    before = await redeemed(proofs, await minted(proofs))
    await proofs.bindings.end_all(subject(identifiers))
    clock.advance(TEN_MINUTES)
    renewed = await proofs.renew(VERIFIED_RESET, before, timedelta(minutes=5))
    clock.advance(timedelta(minutes=5) - timedelta(milliseconds=1))
    context = await proofs.redeem(VERIFIED_RESET, renewed)
    assert context is not None
    assert not await proofs.fits(context, user())


async def test_a_proof_of_a_generation_outlives_its_record(
    proofs: ResetProofs, identifiers: Identifiers, clock: FakeClock
) -> None:
    """A mail that was sent after an account was opened again must work to its end."""
    await proofs.bindings.end_all(subject(identifiers))
    clock.advance(timedelta(minutes=15))
    token = await minted(proofs)
    clock.advance(timedelta(minutes=5))
    assert await proofs.fits(await redeemed(proofs, token), user())
