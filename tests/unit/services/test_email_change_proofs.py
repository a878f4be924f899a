"""Tokens that stand for one account, one password and one new address."""

import asyncio
from datetime import timedelta

import pytest

from bymax_auth.ports.one_time import EMAIL_CHANGE, EmailChangeContext
from bymax_auth.services.email_change_proofs import EmailChangeProofs
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.proof_bindings import ProofBindings
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from tests.unit.services.parts import user

NEW_EMAIL = "ana@new.example"
HOUR = timedelta(hours=1)


@pytest.fixture
def proofs(stores: EmbeddedStores, identifiers: Identifiers) -> EmailChangeProofs:
    return EmailChangeProofs(stores.proofs, ProofBindings(stores.proofs, identifiers, longest=HOUR), HOUR)


async def redeemed(proofs: EmailChangeProofs, token: str) -> EmailChangeContext:
    context = await proofs.redeem(token)
    assert context is not None
    return context


async def test_a_token_stands_for_its_account_and_address_once(proofs: EmailChangeProofs) -> None:
    """A link in an old mail must not work again."""
    token = await proofs.mint(user(), NEW_EMAIL)
    context = await redeemed(proofs, token)
    assert (context.user_id, context.new_email, context.tenant_id) == ("u1", NEW_EMAIL, "acme")
    assert await proofs.redeem(token) is None


async def test_of_two_clicks_at_once_one_counts(proofs: EmailChangeProofs) -> None:
    """An account must not be moved twice with one link."""
    token = await proofs.mint(user(), NEW_EMAIL)
    contexts = await asyncio.gather(*(proofs.redeem(token) for _ in range(5)))
    assert sum(context is not None for context in contexts) == 1


@pytest.mark.parametrize("token", ["", "f" * 63, "F" * 64, "f" * 64 + "\n", "\ud800" * 64])
async def test_what_cannot_be_a_token_is_not_looked_up(proofs: EmailChangeProofs, token: str) -> None:
    """Hashing whatever somebody sends would let them choose how long it takes."""
    assert await proofs.redeem(token) is None


async def test_a_token_lives_as_long_as_is_configured(proofs: EmailChangeProofs, clock: FakeClock) -> None:
    """A mailbox that is read years later must open nothing."""
    early, late = await proofs.mint(user(), NEW_EMAIL), await proofs.mint(user(), NEW_EMAIL)
    clock.advance(HOUR - timedelta(milliseconds=1))
    assert await proofs.redeem(early) is not None
    clock.advance(timedelta(milliseconds=1))
    assert await proofs.redeem(late) is None


async def test_a_forgotten_token_is_gone(proofs: EmailChangeProofs) -> None:
    """A token whose mail was never sent must not stay valid."""
    token = await proofs.mint(user(), NEW_EMAIL)
    for _ in range(2):
        await proofs.forget(token)
    assert await proofs.redeem(token) is None


async def test_a_proof_fits_the_password_of_its_time(proofs: EmailChangeProofs) -> None:
    """A thief's link must end with the password that the thief knew."""
    context = await redeemed(proofs, await proofs.mint(user(), NEW_EMAIL))
    assert await proofs.fits(context, user())
    assert await proofs.fits(context, user(email="another@example.com"))
    assert not await proofs.fits(context, user(password_hash="$scrypt$other"))
    assert not await proofs.fits(context, user(password_hash=None))


async def test_a_proof_of_an_account_without_a_password_fits_no_password(proofs: EmailChangeProofs) -> None:
    """Whoever sets a first password must be rid of what was asked for without one."""
    context = await redeemed(proofs, await proofs.mint(user(password_hash=None), NEW_EMAIL))
    assert context.password_fingerprint == ""
    assert await proofs.fits(context, user(password_hash=None))
    assert not await proofs.fits(context, user())


async def test_a_proof_without_a_binding_fits_any_password(
    proofs: EmailChangeProofs, stores: EmbeddedStores
) -> None:
    """A link of an implementation that records no password must work."""
    unbound = EmailChangeContext(
        user_id="u1", new_email=NEW_EMAIL, tenant_id="acme", password_fingerprint=None
    )
    await stores.proofs.put(EMAIL_CHANGE, "a" * 64, unbound, HOUR)
    assert await proofs.fits(unbound, user())


async def test_ending_the_proofs_of_one_account_spares_every_other(proofs: EmailChangeProofs) -> None:
    """One person's change of address would end the links of strangers."""
    ours = await proofs.mint(user(), NEW_EMAIL)
    of_another = await proofs.mint(user(id="u2"), NEW_EMAIL)
    of_another_tenant = await proofs.mint(user(tenant_id="globex"), NEW_EMAIL)
    await proofs.end_all(user())
    after = await proofs.mint(user(), NEW_EMAIL)
    assert not await proofs.fits(await redeemed(proofs, ours), user())
    assert await proofs.fits(await redeemed(proofs, of_another), user(id="u2"))
    assert await proofs.fits(await redeemed(proofs, of_another_tenant), user(tenant_id="globex"))
    assert await proofs.fits(await redeemed(proofs, after), user())


async def test_a_second_end_reaches_what_was_issued_after_the_first(proofs: EmailChangeProofs) -> None:
    """A generation that did not change would leave the links in between alive."""
    await proofs.end_all(user())
    between = await proofs.mint(user(), NEW_EMAIL)
    await proofs.end_all(user())
    assert not await proofs.fits(await redeemed(proofs, between), user())
