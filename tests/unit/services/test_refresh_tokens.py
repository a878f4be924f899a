"""Refresh tokens and their names."""

import pytest

from bymax_auth.crypto.tokens import is_opaque_token
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.refresh_tokens import mint, ref_of
from bymax_auth.types.identity import KeyLayout, Realm


@pytest.mark.parametrize("layout", KeyLayout)
def test_a_token_is_found_again_by_its_text(identifiers: Identifiers, layout: KeyLayout) -> None:
    """Its session would otherwise be unreachable from the moment of its birth."""
    subject = identifiers.subject(Realm.DASHBOARD, "u1", "acme")
    token, ref = mint(layout, subject)

    assert is_opaque_token(token)
    assert ref_of(token, layout) == ref
    assert token not in repr(ref)
    assert mint(layout, subject)[0] != token


def test_a_tagged_token_leads_to_its_accounts_slot(identifiers: Identifiers) -> None:
    """A cluster finds the session only where the account's other keys are."""
    subject = identifiers.subject(Realm.DASHBOARD, "u1", "acme")
    token, ref = mint(KeyLayout.TAGGED, subject)

    assert token.startswith(subject.route)
    assert ref.route == subject.route
    assert mint(KeyLayout.SHARED, subject)[1].route is None


@pytest.mark.parametrize("raw", ["", "0" * 63, "0" * 65, "A" * 64, "0" * 63 + "\n", "é" * 64])
def test_what_cannot_be_a_token_has_no_name(raw: str) -> None:
    """Hashing whatever an attacker sends would let them choose how long it takes."""
    assert ref_of(raw, KeyLayout.SHARED) is None
