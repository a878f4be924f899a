"""Which payloads have the claims of a type."""

from typing import Any

import pytest

from bymax_auth.jwt.claims import TokenType, read

JTI = "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f"
TIMES = {"sub": "u1", "jti": JTI, "iat": 1, "exp": 2}
DASHBOARD: dict[str, Any] = TIMES | {
    "type": "dashboard",
    "tenantId": "acme",
    "role": "USER",
    "status": "ACTIVE",
    "mfaEnabled": False,
    "mfaVerified": False,
}
CHALLENGE: dict[str, Any] = TIMES | {"type": "mfa_challenge", "context": "platform"}


@pytest.mark.parametrize(
    ("payload", "expected"), [(DASHBOARD, "dashboard"), (CHALLENGE, "mfa_challenge")], ids=["session", "mfa"]
)
def test_a_payload_with_every_claim_is_read(payload: dict[str, Any], expected: TokenType) -> None:
    """Nobody could sign in."""
    claims = read(payload, expected)
    assert claims is not None
    assert claims.type == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (CHALLENGE | {"context": "other"}, "mfa_challenge"),
        (CHALLENGE | {"tenantId": "acme"}, "mfa_challenge"),
        (DASHBOARD | {"ext": {"n": 2**53}}, "dashboard"),
        (DASHBOARD | {"ext": "text"}, "dashboard"),
        (DASHBOARD | {"type": "platform"}, "dashboard"),
    ],
    ids=["realm", "tenant", "inexact", "no object", "type"],
)
def test_a_payload_of_another_form_is_none(payload: dict[str, Any], expected: TokenType) -> None:
    """What an exception says about a claim would reach whoever sent the token."""
    assert read(payload, expected) is None
