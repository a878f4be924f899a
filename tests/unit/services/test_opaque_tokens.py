"""Random text that stores know by its digest."""

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.services.opaque_tokens import mint_opaque_token, opaque_token_ref
from bymax_auth.types.identity import KeyLayout


@pytest.mark.parametrize("layout", list(KeyLayout))
def test_a_token_leads_back_to_its_record(layout: KeyLayout) -> None:
    """A link in a mail would find nothing."""
    token, ref = mint_opaque_token(layout, "12ab")
    assert opaque_token_ref(token, layout) == ref
    assert (len(token), ref.hash) == (64, sha256_hex(token))
    assert mint_opaque_token(layout, "12ab")[0] != token


def test_only_a_tagged_layout_puts_the_route_into_the_text() -> None:
    """It would cost 16 random bits where nothing needs it."""
    token, ref = mint_opaque_token(KeyLayout.TAGGED, "12ab")
    assert (token[:4], ref.route) == ("12ab", "12ab")
    assert mint_opaque_token(KeyLayout.SHARED, "12ab")[1].route is None


@pytest.mark.parametrize("raw", ["", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 63 + "\n"])
def test_what_has_no_tokens_form_is_none(raw: str) -> None:
    """A store would be asked for whatever somebody types."""
    assert opaque_token_ref(raw, KeyLayout.SHARED) is None
