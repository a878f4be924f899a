"""A token whose signature was verified is recognised, and every other rule is applied each time."""

import pytest

from bymax_auth.errors import TokenExpired, TokenMalformed, TokenSignatureInvalid
from bymax_auth.jwt import KeyRing, Verification, sign, verify
from bymax_auth.jwt import keys as keys_module
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.secret import Secret

SECRET = Secret("an-example-secret-0123456789-abcdefgh")
OTHER = Secret("another-example-secret-0123456789-abc")
RULES = Verification(expected_type="dashboard")
NOW = 1_767_323_045


def claims(sub: str = "u1") -> DashboardClaims:
    return DashboardClaims(
        sub=sub,
        jti="2f1f8e0a-7c1d-4b7e-9a55-0d6f4f0c9b11",
        tenant_id="acme",
        role="MEMBER",
        type="dashboard",
        status="ACTIVE",
        mfa_enabled=False,
        mfa_verified=False,
        iat=NOW,
        exp=NOW + 900,
    )


class Counting(KeyRing):
    """Keys that count how often a signature is computed."""

    computed = 0

    def accepts(self, signing_input: bytes, tag: bytes) -> bool:
        self.computed += 1
        return super().accepts(signing_input, tag)


def test_a_signature_is_computed_once_for_a_token() -> None:
    """Every request of a client would pay for what its first one has shown."""
    keys = Counting(SECRET)
    token = sign(claims(), keys)
    for _ in range(3):
        assert verify(token, RULES, keys, NOW) == claims()
    assert keys.computed == 1


def test_a_token_that_was_verified_still_expires() -> None:
    """A token would be accepted for as long as the process runs."""
    keys = KeyRing(SECRET)
    token = sign(claims(), keys)
    verify(token, RULES, keys, NOW)
    with pytest.raises(TokenExpired):
        verify(token, RULES, keys, NOW + 900)
    with pytest.raises(TokenMalformed):
        verify(token, Verification(expected_type="dashboard", issuer="https://id.example"), keys, NOW)


@pytest.mark.parametrize("place", [0, 30, -1])
def test_a_token_that_differs_in_one_character_is_verified_itself(place: int) -> None:
    """A payload could be edited under the signature of a token that somebody has just presented."""
    keys = KeyRing(SECRET)
    token = sign(claims(), keys)
    verify(token, RULES, keys, NOW)
    index = place % len(token)
    forged = token[:index] + ("A" if token[index] != "A" else "B") + token[index + 1 :]
    with pytest.raises((TokenSignatureInvalid, TokenMalformed)):
        verify(forged, RULES, keys, NOW)


def test_other_keys_know_nothing_of_it() -> None:
    """A secret that was taken out of the configuration would go on signing people in."""
    token = sign(claims(), KeyRing(SECRET))
    verify(token, RULES, KeyRing(SECRET), NOW)
    with pytest.raises(TokenSignatureInvalid):
        verify(token, RULES, KeyRing(OTHER), NOW)


def test_a_refused_token_is_not_kept() -> None:
    """A stranger could fill the memory, or push out those who are signed in."""
    keys = KeyRing(SECRET)
    forged = sign(claims(), KeyRing(OTHER))
    for _ in range(2):
        with pytest.raises(TokenSignatureInvalid):
            verify(forged, RULES, keys, NOW)
    assert not keys.verified


def test_the_oldest_of_many_is_dropped_and_no_token_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server would fill its memory with tokens, and a dump of it would hold credentials that work."""
    monkeypatch.setattr(keys_module, "_TOKENS_KEPT", 2)
    keys = Counting(SECRET)
    tokens = [sign(claims(f"u{number}"), keys) for number in range(3)]
    for token in tokens:
        verify(token, RULES, keys, NOW)
    assert len(keys.verified) == 2
    assert {len(digest) for digest in keys.verified} == {32}
    verify(tokens[2], RULES, keys, NOW)
    assert keys.computed == 3
    verify(tokens[0], RULES, keys, NOW)
    assert keys.computed == 4
