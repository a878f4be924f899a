"""Signing and verifying."""

import base64
import json
from dataclasses import replace

import jwt as pyjwt
import pytest

from bymax_auth.errors import (
    AuthErrorCode,
    TokenAlgorithmRefused,
    TokenClaimsInvalid,
    TokenExpired,
    TokenInvalid,
    TokenMalformed,
    TokenSignatureInvalid,
)
from bymax_auth.jwt import KeyRing, Verification, sign, verify, verify_access, verify_mfa_temp
from bymax_auth.jwt.hs256 import MAX_TOKEN_LENGTH
from bymax_auth.types.claims import DashboardClaims, MfaTempClaims, PlatformClaims
from bymax_auth.types.secret import Secret

SECRET = "0123456789abcdef0123456789abcdef"
KEYS = KeyRing(Secret(SECRET))
NOW = 1767323055
DASHBOARD = DashboardClaims(
    sub="u1",
    jti="3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f",
    tenant_id="açaí",
    role="MEMBER",
    type="dashboard",
    status="ACTIVE",
    mfa_enabled=False,
    mfa_verified=False,
    iat=NOW - 10,
    exp=NOW + 890,
)
PLATFORM = PlatformClaims(
    sub="p1",
    jti=DASHBOARD.jti,
    role="SUPER_ADMIN",
    type="platform",
    mfa_enabled=True,
    mfa_verified=True,
    iat=NOW - 10,
    exp=NOW + 890,
)
MFA_TEMP = MfaTempClaims(
    sub="p1", jti=DASHBOARD.jti, type="mfa_challenge", context="platform", iat=NOW - 10, exp=NOW + 290
)
RULES = Verification(expected_type="dashboard")


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


def test_an_access_token_verifies_to_what_was_signed() -> None:
    """A person would act with another role or tenant than they have."""
    assert verify_access(sign(DASHBOARD, KEYS), RULES, KEYS, NOW) == DASHBOARD
    platform = Verification(expected_type="platform")
    assert verify_access(sign(PLATFORM, KEYS), platform, KEYS, NOW) == PLATFORM


def test_a_second_factor_token_verifies_to_what_was_signed() -> None:
    """A sign-in with two factors could not be finished."""
    rules = Verification(expected_type="mfa_challenge")
    token = sign(MFA_TEMP, KEYS)
    assert verify_mfa_temp(token, rules, KEYS, NOW) == MFA_TEMP
    assert "tenantId" not in json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def test_a_claim_is_read_under_its_wire_name_only() -> None:
    """A token of an administrator would carry a tenant that no rule has looked at."""
    payload = json.loads(MFA_TEMP.model_dump_json(exclude_none=True)) | {"tenant_id": "acme"}
    signing_input = f"{segment({'alg': 'HS256', 'typ': 'JWT'})}.{segment(payload)}"
    tag = base64.urlsafe_b64encode(KEYS.tag(signing_input.encode())).rstrip(b"=").decode()
    rules = Verification(expected_type="mfa_challenge")
    assert verify_mfa_temp(f"{signing_input}.{tag}", rules, KEYS, NOW).tenant_id is None


def test_a_second_factor_token_opens_no_account() -> None:
    """A password alone would be enough, whatever the verifier was told to expect."""
    with pytest.raises(TokenClaimsInvalid):
        verify_access(sign(MFA_TEMP, KEYS), Verification(expected_type="mfa_challenge"), KEYS, NOW)
    for claims in (DASHBOARD, PLATFORM):
        with pytest.raises(TokenClaimsInvalid):
            verify_mfa_temp(sign(claims, KEYS), Verification(expected_type=claims.type), KEYS, NOW)


def test_signing_out_works_with_a_token_that_is_over() -> None:
    """Someone who comes back tomorrow could not end their session."""
    token, later = sign(DASHBOARD, KEYS), NOW + 10_000
    with pytest.raises(TokenExpired):
        verify(token, RULES, KEYS, later)
    assert verify(token, replace(RULES, verify_exp=False), KEYS, later) == DASHBOARD


@pytest.mark.parametrize(
    "changed",
    [
        {"sub": ""},
        {"sub": "u" * 257},
        {"jti": "x"},
        {"tenant_id": ""},
        {"tenant_id": "t" * 257},
        {"epoch": -1},
        {"exp": 2**53},
        {"role": "r" * 4000},
    ],
)
def test_a_token_that_would_not_verify_is_not_signed(changed: dict[str, object]) -> None:
    """A person would be signed in with a token that every later request refuses."""
    with pytest.raises(ValueError, match=r"claims out of bounds|at most 4096"):
        sign(DASHBOARD.model_copy(update=changed), KEYS)


def test_the_longest_token_is_signed_and_verifies() -> None:
    """What signs and what verifies would disagree by one character."""
    claims = DASHBOARD.model_copy(update={"role": ""})
    lengths = {}
    for size in range(2700, 2900):
        longer = claims.model_copy(update={"role": "r" * size})
        try:
            lengths[len(sign(longer, KEYS))] = longer
        except ValueError:
            break
    assert max(lengths) in {MAX_TOKEN_LENGTH, MAX_TOKEN_LENGTH - 1}
    assert verify(sign(lengths[max(lengths)], KEYS), RULES, KEYS, NOW) == lengths[max(lengths)]


@pytest.mark.parametrize("alg", ["none", "None", "RS256", "HS512", "hs256", None, 5, ["HS256"]])
def test_another_algorithm_is_refused_before_any_hmac(alg: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forger would choose the algorithm, and with it whether there is a signature at all."""

    def computed(*_: object) -> bool:
        raise AssertionError("a signature was computed")

    monkeypatch.setattr(KeyRing, "accepts", computed)
    _, payload, signature = sign(DASHBOARD, KEYS).split(".")
    with pytest.raises(TokenAlgorithmRefused):
        verify(f"{segment({'alg': alg})}.{payload}.{signature}", RULES, KEYS, NOW)


@pytest.mark.parametrize("size", [4097, 1_000_000])
def test_an_oversized_token_costs_nothing(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anonymous requests would make the server decode and hash megabytes."""

    def touched(*_: object) -> bytes:
        raise AssertionError("an oversized token was decoded")

    monkeypatch.setattr("bymax_auth.jwt.base64url.decode", touched)
    monkeypatch.setattr(KeyRing, "accepts", touched)
    with pytest.raises(TokenMalformed):
        verify("a" * (size - 2) + "..", RULES, KEYS, NOW)


@pytest.mark.parametrize("token", ["\ud800.a.b", "é.a.b", "٣.٣.٣"])
def test_letters_beyond_ascii_are_malformed(token: str) -> None:
    """A header with an accent would become a server error."""
    with pytest.raises(TokenMalformed):
        verify(token, RULES, KEYS, NOW)


def test_every_reason_looks_the_same_from_outside() -> None:
    """A forger would learn which part of the forgery to repair."""
    refusals = [
        TokenMalformed,
        TokenAlgorithmRefused,
        TokenSignatureInvalid,
        TokenClaimsInvalid,
        TokenExpired,
    ]
    assert {(refusal.code, refusal.status, refusal.message) for refusal in refusals} == {
        (AuthErrorCode.TOKEN_INVALID, TokenInvalid.status, TokenInvalid.message)
    }
    assert len({refusal.reason for refusal in refusals}) == len(refusals)


def test_a_refusal_carries_nothing_of_the_token() -> None:
    """A log of refusals would hold tokens that are still good."""
    token = sign(DASHBOARD, KEYS)
    with pytest.raises(TokenExpired) as caught:
        verify(token, RULES, KEYS, NOW + 10_000)
    assert token not in repr(caught.value) + str(caught.value)
    assert caught.value.__cause__ is None


def test_another_library_verifies_what_is_signed_here() -> None:
    """A service that reads our tokens with a common library would refuse every one."""
    token = sign(DASHBOARD.model_copy(update={"iss": "i", "aud": "a"}), KEYS)
    known = pyjwt.decode(
        token,
        SECRET,
        algorithms=["HS256"],
        issuer="i",
        audience="a",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert known["tenantId"] == "açaí"


def test_what_another_library_signs_is_judged_here_by_the_same_rules() -> None:
    """Our own spelling would be the only one we can read."""
    token = pyjwt.encode(DASHBOARD.model_dump(by_alias=True, exclude_none=True), SECRET, algorithm="HS256")
    assert verify(token, RULES, KEYS, NOW) == DASHBOARD


@pytest.mark.parametrize(("alg", "key"), [("none", None), ("HS512", SECRET * 2)])
def test_both_libraries_refuse_another_algorithm(alg: str, key: str | None) -> None:
    """Where one of two verifiers is laxer, the laxer one is the lock."""
    token = pyjwt.encode(DASHBOARD.model_dump(by_alias=True, exclude_none=True), key, algorithm=alg)
    with pytest.raises(pyjwt.InvalidAlgorithmError):
        pyjwt.decode(token, SECRET, algorithms=["HS256"])
    with pytest.raises(TokenAlgorithmRefused):
        verify(token, RULES, KEYS, NOW)


@pytest.mark.parametrize(("ahead", "refused"), [(60, False), (61, True)])
def test_a_token_is_issued_at_most_a_minute_ahead(ahead: int, refused: bool) -> None:
    """A host whose clock is a little behind must accept what its neighbour signs, and nothing from later."""
    token = sign(DASHBOARD.model_copy(update={"iat": NOW + ahead}), KEYS)
    if refused:
        with pytest.raises(TokenInvalid):
            verify_access(token, RULES, KEYS, NOW)
    else:
        assert verify_access(token, RULES, KEYS, NOW).iat == NOW + ahead


def test_a_second_factor_token_of_no_realm_is_refused() -> None:
    """A token that another system signs would begin a sign-in that is neither a user's nor an operator's."""
    header = {"alg": "HS256", "typ": "JWT"}
    claims = {"sub": "p1", "jti": DASHBOARD.jti, "type": "mfa_challenge", "iat": NOW - 10, "exp": NOW + 290}
    for context, refused in (("platform", False), ("other", True)):
        signed = pyjwt.encode(claims | {"context": context}, SECRET, headers=header)
        rules = Verification(expected_type="mfa_challenge")
        if refused:
            with pytest.raises(TokenClaimsInvalid):
                verify_mfa_temp(signed, rules, KEYS, NOW)
        else:
            assert verify_mfa_temp(signed, rules, KEYS, NOW).context == context
