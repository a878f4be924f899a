"""
The strict HS256 codec: one algorithm and one serialisation, neither negotiated by the token.

    token ─ framing ─ header ─ signature ─ payload ─ claims ─ issue time ─ binding ─ expiry ─▶ claims

Each step is a rule of `bymax_auth.jwt.hs256`; the first rule that a token violates determines the error.
"""

from bymax_auth.jwt.claims import Claims, TokenType
from bymax_auth.jwt.hs256 import Verification, sign, verify, verify_access, verify_mfa_temp
from bymax_auth.jwt.keys import KeyRing

__all__ = [
    "Claims",
    "KeyRing",
    "TokenType",
    "Verification",
    "sign",
    "verify",
    "verify_access",
    "verify_mfa_temp",
]
