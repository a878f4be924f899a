"""The fast path of payloads: it reads what the strict reading reads, and knows what it reads."""

from itertools import product

import pytest

from bymax_auth.jwt.canonical import is_canonical, read_canonical, write_canonical
from bymax_auth.jwt.claims import TokenType, read
from bymax_auth.jwt.strict_json import read_object
from bymax_auth.types.claims import DashboardClaims

JTI = "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f"
TIMES = '"iat":1,"exp":2,"epoch":0'
FLAGS = list(product(("true", "false"), repeat=2))
KINDS: list[TokenType] = ["dashboard", "platform"]


def payload(kind: TokenType, enabled: str = "true", verified: str = "false", more: str = "") -> str:
    """An access token's payload as this library writes it."""
    tenant = '"tenantId":"t",' if kind == "dashboard" else ""
    status = '"status":"ACTIVE",' if kind == "dashboard" else ""
    flags = f'"mfaEnabled":{enabled},"mfaVerified":{verified}'
    return f'{{"sub":"u1","jti":"{JTI}",{tenant}"role":"R","type":"{kind}",{status}{flags},{TIMES}{more}}}'


@pytest.mark.parametrize(("enabled", "verified"), FLAGS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_flag_is_read_as_it_was_signed(kind: TokenType, enabled: str, verified: str) -> None:
    """Somebody without a second factor would pass for one who has shown it, or the other way round."""
    text = payload(kind, enabled, verified)
    claims = read_canonical(text, kind)
    assert claims is not None
    assert claims == read(read_object(text), kind)


@pytest.mark.parametrize(("enabled", "verified"), FLAGS)
def test_each_flag_is_written_as_it_is(enabled: str, verified: str) -> None:
    """Nobody with a second factor could sign in, or anybody could pass for one who has shown it."""
    text = payload("dashboard", enabled, verified)
    claims = read(read_object(text), "dashboard")
    assert isinstance(claims, DashboardClaims)
    assert write_canonical(claims) == text


@pytest.mark.parametrize("kind", KINDS)
def test_a_payload_in_the_librarys_form_is_known_without_parsing(kind: TokenType) -> None:
    """Every token would be parsed once more when it is signed."""
    assert is_canonical(payload(kind), kind)
    assert is_canonical(payload(kind, more=',"iss":"i","aud":"a"'), kind)


@pytest.mark.parametrize("expected", ["platform", "mfa_challenge"])
def test_a_payload_of_another_type_is_not_known(expected: TokenType) -> None:
    """A token would be signed that every verifier refuses."""
    assert not is_canonical(payload("dashboard"), expected)


def test_extra_claims_are_not_known_without_parsing() -> None:
    """A token would be signed whose extra claims every verifier refuses."""
    assert not is_canonical(payload("dashboard", more=',"ext":{"n":9007199254740993}'), "dashboard")
