"""Access tokens with times that a test chooses."""

import hmac
import json
import time
from uuid import uuid4

from bymax_auth.jwt.base64url import encode

__all__ = ["access_token"]

LIFETIME = 900


def access_token(
    secret: str, subject: str = "u_1", *, ahead: int = 0, lifetime: int = LIFETIME, role: str = "USER"
) -> str:
    """A token of the API as it would be if its clock were `ahead` by some seconds."""
    issued = int(time.time()) + ahead
    claims = {
        "sub": subject,
        "jti": str(uuid4()),
        "tenantId": "acme",
        "role": role,
        "type": "dashboard",
        "status": "active",
        "mfaEnabled": False,
        "mfaVerified": False,
        "iat": issued,
        "exp": issued + lifetime,
        "epoch": 0,
    }
    parts = [encode(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signed = ".".join(parts)
    return f"{signed}.{encode(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"
