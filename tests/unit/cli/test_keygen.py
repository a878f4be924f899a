"""Fresh secrets."""

import pytest

from bymax_auth.cli import keygen
from bymax_auth.cli.keygen import environment_lines, fresh_secret
from bymax_auth.config.checks import decoded_key


def test_a_secret_needs_no_quoting() -> None:
    """A secret with a `$` or a `#` in it arrives changed, and nobody can say why sign-in fails."""
    for line in environment_lines():
        name, _, secret = line.partition("=")
        assert name.startswith("BYMAX_AUTH_")
        assert len(secret) == 64
        assert all(character.isalnum() or character in "-_" for character in secret)


def test_a_repetitive_draw_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """By bad luck the product prints a secret that it then refuses."""
    draws = iter(["a" * 64, "vJ3pXn8rT1qLw6sYbE4zKc9uHd2mGf7oA0iQxR5"])
    monkeypatch.setattr(keygen.secrets, "token_urlsafe", lambda _bytes: next(draws))
    assert fresh_secret() == "vJ3pXn8rT1qLw6sYbE4zKc9uHd2mGf7oA0iQxR5"


def test_the_encryption_key_is_printed_on_demand() -> None:
    """Setting it enables second factors, which not every deployment wants."""
    name, _, key = environment_lines(mfa=True)[2].partition("=")
    assert name == "BYMAX_AUTH_MFA__ENCRYPTION_KEY"
    decoded = decoded_key(key)
    assert decoded is not None
    assert len(decoded) == 32
    assert all(character.isalnum() or character in "-_" for character in key)
    assert len(environment_lines()) == 2
