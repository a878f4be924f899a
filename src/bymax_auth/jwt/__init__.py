"""
The strict HS256 codec: one algorithm, one form of token, and no choice left to the token.

    token ─ framing ─ header ─ signature ─ payload ─ claims ─ issue time ─ binding ─ expiry ─▶ claims

Each step is a rule of `bymax_auth.jwt.hs256`; the first one that a token breaks decides its refusal.
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
