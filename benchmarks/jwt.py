"""
What verifying and signing an access token costs, beside two common libraries.

Every library gets the same token, secret and clock, checks signature, issue time and expiry, and is handed
its key ready-made where it takes one.  Only ours also checks the type and form of every claim, refuses
duplicate members and builds a typed model.  A client presents one token until it expires, so ours keeps
what it read of the latest payloads; the row of tokens seen once shows the price without that.
"""

import time
from collections.abc import Callable, Mapping
from itertools import cycle
from uuid import uuid4

import joserfc.jwk
import joserfc.jwt
import jwt as pyjwt

from benchmarks.measure import Plan, cpu_turn, interleaved, pinned, ratio
from benchmarks.report import Table
from bymax_auth.jwt import KeyRing, Verification, sign, verify
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.secret import Secret

__all__ = ["run"]

SECRET = "0123456789abcdef0123456789abcdef"
OURS = "bymax-auth"
FIRST_SIGHT = "bymax-auth, every token once"
TOKENS = 4_000  # more than the verifier keeps
NOTE = "processor time; only ours also checks the form of every claim and builds a typed model"


def run(*, quick: bool) -> list[Table]:
    """Measure verifying and signing."""
    now = int(time.time())
    claims = DashboardClaims(
        sub="u1",
        jti="3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f",
        tenant_id="tenant-a",
        role="MEMBER",
        type="dashboard",
        status="ACTIVE",
        mfa_enabled=False,
        mfa_verified=False,
        iat=now - 10,
        exp=now + 86_400,
    )
    plan = Plan.of(quick=quick)
    return [
        _table("jwt.verify", "Verify an access token", verifiers(claims, now), plan),
        _table("jwt.sign", "Sign an access token", signers(claims), plan),
    ]


def verifiers(claims: DashboardClaims, now: int) -> dict[str, Callable[[], object]]:
    keys, rules = KeyRing(Secret(SECRET)), Verification(expected_type="dashboard")
    token = sign(claims, keys)
    key = joserfc.jwk.OctKey.import_key(SECRET)
    registry = joserfc.jwt.JWTClaimsRegistry(now=now)

    def with_joserfc() -> object:
        decoded = joserfc.jwt.decode(token, key, algorithms=["HS256"])
        registry.validate(decoded.claims)
        return decoded.claims

    fresh = cycle([sign(claims.model_copy(update={"jti": str(uuid4())}), keys) for _ in range(TOKENS)])

    return {
        OURS: lambda: verify(token, rules, keys, now),
        FIRST_SIGHT: lambda: verify(next(fresh), rules, keys, now),
        "PyJWT": lambda: pyjwt.decode(token, SECRET, algorithms=["HS256"]),
        "joserfc": with_joserfc,
    }


def signers(claims: DashboardClaims) -> dict[str, Callable[[], object]]:
    keys, payload = KeyRing(Secret(SECRET)), claims.model_dump(by_alias=True, exclude_none=True)
    key = joserfc.jwk.OctKey.import_key(SECRET)
    return {
        OURS: lambda: sign(claims, keys),
        "PyJWT": lambda: pyjwt.encode(payload, SECRET, algorithm="HS256"),
        "joserfc": lambda: joserfc.jwt.encode({"alg": "HS256"}, payload, key),
    }


def _table(key: str, title: str, calls: Mapping[str, Callable[[], object]], plan: Plan) -> Table:
    with pinned():
        found = interleaved({name: cpu_turn(call) for name, call in calls.items()}, plan)
    rows = tuple(
        (name, one.median / 1e3, one.spread / 1e3, ratio(one, found[OURS]), len(one.samples))
        for name, one in found.items()
    )
    return Table(key, title, ("library", "CPU µs", "± µs", "× ours", "samples"), rows, (NOTE,))
