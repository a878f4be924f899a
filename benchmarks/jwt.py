"""
What verifying and signing an access token costs, beside two common libraries.

    python -m benchmarks.jwt

Every library gets the same token, secret and clock, checks signature, issue time and expiry, and is handed
its key ready-made where it takes one.  Rounds are interleaved, so that what the machine does meanwhile
falls on all of them; times are CPU time of this process.  Only ours also checks the type and form of every
claim, refuses duplicate members and builds a typed model.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import joserfc.jwk
import joserfc.jwt
import jwt as pyjwt

from bymax_auth.jwt import KeyRing, Verification, sign, verify
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.secret import Secret

__all__ = ["Comparison", "main", "run"]

SECRET = "0123456789abcdef0123456789abcdef"
OURS = "bymax-auth"
WARM_UPS = 20
CALLS_PER_ROUND = 500


@dataclass(frozen=True, slots=True)
class Comparison:
    """The median CPU time of one call by library, in seconds."""

    operation: str
    medians: Mapping[str, float]

    def ratio(self, library: str) -> float:
        """Return how many times ours the library takes."""
        return self.medians[library] / self.medians[OURS]


def main() -> None:
    for comparison in run():
        print(comparison.operation)
        for library, median in comparison.medians.items():
            print(f"  {library:<12} {median * 1e6:8.2f} µs  {comparison.ratio(library):6.2f}×")


def run(rounds: int = 60) -> list[Comparison]:
    """Return the medians over interleaved rounds, for verifying and for signing."""
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
    return [
        Comparison("verify", interleaved(verifiers(claims, now), rounds)),
        Comparison("sign", interleaved(signers(claims), rounds)),
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

    return {
        OURS: lambda: verify(token, rules, keys, now),
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


def interleaved(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return each call's median time, all of them taking turns in every round."""
    for call in calls.values():
        for _ in range(WARM_UPS):
            call()
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            samples[name].append(timed(call))
    return {name: statistics.median(measured) for name, measured in samples.items()}


def timed(call: Callable[[], object]) -> float:
    started = time.process_time()
    for _ in range(CALLS_PER_ROUND):
        call()
    return (time.process_time() - started) / CALLS_PER_ROUND


if __name__ == "__main__":
    main()
