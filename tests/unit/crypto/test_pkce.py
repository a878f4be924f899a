"""The secret of a sign-in with a provider, and what is derived from it."""

import re

import pytest

from bymax_auth.crypto.pkce import challenge_of, new_verifier, nonce_of


@pytest.mark.parametrize(
    ("verifier", "challenge"),
    [
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "6oZqdX5MOLq_qBJ8vppAnT4fk6AP8UiP9zX8-Rev_9A"),
    ],
)
def test_a_challenge_is_the_digest_of_its_verifier(verifier: str, challenge: str) -> None:
    """The provider would refuse every code.  The first vector is that of RFC 7636, appendix B."""
    assert challenge_of(verifier) == challenge


def test_a_verifier_is_as_long_as_it_must_be_and_never_the_same() -> None:
    """A provider refuses fewer than 43 characters, and whoever can guess one can use a stolen code."""
    made = {new_verifier() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", verifier) for verifier in made)


def test_a_nonce_belongs_to_its_verifier_and_is_neither_it_nor_its_challenge() -> None:
    """A token that was issued for another sign-in would be good, or the nonce would give the secret away."""
    verifier = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    nonce = nonce_of(verifier)
    assert nonce == "Is5Gi8wKEWntmfQfBEduvvtEq630Lcr4pf5V3Mn0-J4"
    assert len({nonce, nonce_of(verifier[::-1]), verifier, challenge_of(verifier)}) == 4
