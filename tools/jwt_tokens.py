"""Builds tokens from the standard library alone, right ones and wrong ones, for the vectors."""

import base64
import hashlib
import hmac
import json

HEADER = '{"alg":"HS256","typ":"JWT"}'
SECRET = "0123456789abcdef0123456789abcdef"
NOW, ISSUED, EXPIRES = 1767323055, 1767323045, 1767323945
TOLERANCE = 60
Vector = dict[str, object]


def b64(raw: bytes | str) -> str:
    raw = raw.encode() if isinstance(raw, str) else raw
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def sign(payload: bytes | str, header: bytes | str = HEADER, secret: str = SECRET) -> str:
    return seal(f"{b64(header)}.{b64(payload)}", secret)


def seal(signing_input: str, secret: str = SECRET) -> str:
    return f"{signing_input}.{b64(hmac.digest(secret.encode(), signing_input.encode(), hashlib.sha256))}"


def vector(name: str, token: str, verdict: str, **changed: object) -> Vector:
    """`verdict` is ``valid``, or the reason of a refusal."""
    usual: Vector = {
        "name": name,
        "token": token,
        "secret": SECRET,
        "previousSecrets": [],
        "now": NOW,
        "expLeeway": 0,
        "iatLeeway": TOLERANCE,
        "expectedType": "dashboard",
        "issuer": None,
        "audience": None,
        "verdict": "valid" if verdict == "valid" else "refused",
        "reason": None if verdict == "valid" else verdict,
    }
    if not changed.keys() <= usual.keys():
        raise KeyError(changed)
    return usual | changed


def with_member(claims: dict[str, object], name: str, spelling: str) -> str:
    """The payload's text with one member spelled as given."""
    members = [
        f"{compact(key)}:{spelling if key == name else compact(value)}" for key, value in claims.items()
    ]
    if name not in claims:
        members.append(f"{compact(name)}:{spelling}")
    return "{" + ",".join(members) + "}"


def without(claims: dict[str, object], *names: str) -> str:
    return compact({key: value for key, value in claims.items() if key not in names})


JTI = "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f"
MFA_JTI = "c56a4180-65aa-42ec-a945-5fd21dec0538"
ISSUER, AUDIENCE = "https://api.example.com", "dashboard"
D: dict[str, object] = {
    "sub": "u1",
    "jti": JTI,
    "tenantId": "tenant-a",
    "role": "MEMBER",
    "type": "dashboard",
    "status": "ACTIVE",
    "mfaEnabled": False,
    "mfaVerified": False,
    "iat": ISSUED,
    "exp": EXPIRES,
    "epoch": 0,
}
P: dict[str, object] = {
    "sub": "p1",
    "jti": "9b2d7c64-1f0e-4a3b-8c5d-6e7f80912a3b",
    "role": "SUPER_ADMIN",
    "type": "platform",
    "mfaEnabled": True,
    "mfaVerified": True,
    "iat": ISSUED,
    "exp": EXPIRES,
    "epoch": 2,
}
M: dict[str, object] = {
    "sub": "u1",
    "jti": MFA_JTI,
    "type": "mfa_challenge",
    "context": "dashboard",
    "tenantId": "tenant-a",
    "epoch": 0,
    "iat": ISSUED,
    "exp": 1767323345,
}
MP: dict[str, object] = {
    "sub": "p1",
    "jti": MFA_JTI,
    "type": "mfa_challenge",
    "context": "platform",
    "epoch": 2,
    "iat": ISSUED,
    "exp": 1767323345,
}
BOUND = D | {"iss": ISSUER, "aud": AUDIENCE}
