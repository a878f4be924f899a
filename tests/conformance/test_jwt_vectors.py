"""The tokens that every verifier of the contract judges alike."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.errors import (
    TokenAlgorithmRefused,
    TokenClaimsInvalid,
    TokenExpired,
    TokenInvalid,
    TokenMalformed,
    TokenSignatureInvalid,
)
from bymax_auth.jwt import KeyRing, Verification, sign, verify
from bymax_auth.jwt.canonical import read_canonical
from bymax_auth.jwt.claims import Claims, read
from bymax_auth.types.claims import DashboardClaims, MfaTempClaims, PlatformClaims
from bymax_auth.types.extra_claims import freeze_extra_claims
from bymax_auth.types.secret import Secret

ROOT = Path(__file__).parents[2]
VECTORS: list[dict[str, Any]] = json.loads(
    (ROOT / "conformance" / "jwt-vectors.json").read_text(encoding="utf-8")
)
SHAPES: dict[str, list[dict[str, Any]]] = json.loads(
    (ROOT / "conformance" / "claims.json").read_text(encoding="utf-8")
)
REASONS: dict[type[TokenInvalid], str] = {
    TokenMalformed: "malformed",
    TokenAlgorithmRefused: "unsupported_alg",
    TokenSignatureInvalid: "bad_signature",
    TokenClaimsInvalid: "decode",
    TokenExpired: "expired",
}
JSON_TYPES = {"string": str, "boolean": bool, "integer": int, "object": dict}
JTI = "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f"
EXAMPLES: dict[str, Claims] = {
    "dashboard": DashboardClaims(
        sub="u1",
        jti=JTI,
        tenant_id="tenant-a",
        role="MEMBER",
        type="dashboard",
        status="ACTIVE",
        mfa_enabled=True,
        mfa_verified=False,
        iat=1,
        exp=2,
        epoch=3,
        iss="i",
        aud="a",
        ext=freeze_extra_claims({"plan": "pro", "teams": ["açaí", 7, 0.5, None], "on": {"a": True}}),
    ),
    "platform": PlatformClaims(
        sub="p1",
        jti=JTI,
        role="SUPER_ADMIN",
        type="platform",
        mfa_enabled=True,
        mfa_verified=False,
        iat=1,
        exp=2,
        epoch=3,
        iss="i",
        aud="a",
    ),
    "mfa_challenge": MfaTempClaims(
        sub="u1",
        jti=JTI,
        type="mfa_challenge",
        context="dashboard",
        tenant_id="tenant-a",
        epoch=3,
        iat=1,
        exp=2,
        iss="i",
        aud="a",
    ),
}


def judge(vector: dict[str, Any]) -> tuple[str, str | None]:
    keys = KeyRing(Secret(vector["secret"]), tuple(map(Secret, vector["previousSecrets"])))
    rules = Verification(
        expected_type=vector["expectedType"],
        exp_leeway=vector["expLeeway"],
        iat_leeway=vector["iatLeeway"],
        issuer=vector["issuer"],
        audience=vector["audience"],
    )
    try:
        verify(vector["token"], rules, keys, vector["now"])
    except TokenInvalid as refusal:
        return "refused", REASONS[type(refusal)]
    return "valid", None


@pytest.mark.parametrize("vector", [pytest.param(vector, id=vector["name"]) for vector in VECTORS])
def test_a_token_is_judged_as_everywhere(vector: dict[str, Any]) -> None:
    """A token that one verifier refuses and another lets pass is a way around the stricter one."""
    assert judge(vector) == (vector["verdict"], vector["reason"])


def test_the_vectors_are_what_the_generator_writes() -> None:
    """An expectation edited by hand would be lost with the next run, or hide a mistake."""
    done = subprocess.run(
        [sys.executable, "tools/generate_jwt_vectors.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", SHAPES)
def test_the_payload_holds_the_claims_in_their_order(kind: str) -> None:
    """Another language would read a claim of another name or type than we write."""
    claims = EXAMPLES[kind]
    payload = claims.model_dump(by_alias=True)
    assert list(payload) == [member["name"] for member in SHAPES[kind]]
    for member in SHAPES[kind]:
        assert type(payload[member["name"]]) is JSON_TYPES[member["type"]], member


@pytest.mark.parametrize("kind", SHAPES)
def test_exactly_the_required_claims_are_required(kind: str) -> None:
    """A token without its tenant would be read as one of any tenant."""
    payload = EXAMPLES[kind].model_dump(by_alias=True)
    for member in SHAPES[kind]:
        rest = {name: value for name, value in payload.items() if name != member["name"]}
        # The tenant of a second factor is required by its context, and by no other claim.
        required = member["required"] or (kind == "mfa_challenge" and member["name"] == "tenantId")
        assert (read(rest, EXAMPLES[kind].type) is None) is required, member


@pytest.mark.parametrize("kind", ["dashboard", "platform"])
def test_an_access_token_is_signed_in_the_spelling_that_is_read_fast(kind: str) -> None:
    """Every request would pay for the slow reading."""
    claims = EXAMPLES[kind]
    payload = json.dumps(claims.model_dump(by_alias=True), separators=(",", ":"))
    assert read_canonical(payload, claims.type) == claims


@pytest.mark.parametrize("kind", SHAPES)
def test_what_is_signed_verifies_to_the_same_claims(kind: str) -> None:
    """Someone would be let in as somebody slightly else."""
    claims, keys = EXAMPLES[kind], KeyRing(Secret("k" * 32))
    rules = Verification(expected_type=claims.type, issuer="i", audience="a")
    assert verify(sign(claims, keys), rules, keys, now=1) == claims
