"""
What each primitive costs through this library's own functions.

The inputs are fixed, so that figures of other implementations of the same library can stand beside these.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from benchmarks.measure import Plan, cpu_turn, interleaved, pinned
from benchmarks.report import Table
from bymax_auth.crypto import totp
from bymax_auth.crypto.aead import AesGcmBox
from bymax_auth.crypto.digest import KeyedDigest, sha256_hex
from bymax_auth.crypto.password import Argon2Parameters, PasswordHasher, ScryptParameters
from bymax_auth.crypto.tokens import secure_token

__all__ = ["run"]

IDENTIFIER = "tenant-42:user@example.com"
TOTP_SECRET = b"12345678901234567890"
PASSWORD = "correct horse"
SLOW_SAMPLES = 7


class Unit(NamedTuple):
    """How a column is headed, and how many nanoseconds its unit has."""

    column: str
    nanoseconds: float


def run(*, quick: bool) -> list[Table]:
    """Measure every primitive, then the password hashes."""
    plan = Plan.of(quick=quick)
    if not quick:
        plan = replace(plan, sample_seconds=0.02)
    slow_plan = Plan(samples=1 if quick else SLOW_SAMPLES, sample_seconds=0.0, warm_ups=1)
    return [
        _table("primitives", Unit("CPU µs", 1e3), primitives(), plan),
        _table("password_hashes", Unit("CPU ms", 1e6), password_hashes(), slow_plan),
    ]


def primitives() -> dict[str, Callable[[], object]]:
    keyed, box = KeyedDigest(b"server-secret-key"), AesGcmBox(b"\x07" * 32)
    blob = box.seal("JBSWY3DPEHPK3PXP")
    return {
        "SHA-256": lambda: sha256_hex(IDENTIFIER),
        "HMAC-SHA-256, with key set-up": lambda: KeyedDigest(b"server-secret-key").hex(IDENTIFIER),
        "HMAC-SHA-256, key set up before": lambda: keyed.hex(IDENTIFIER),
        "secure token of 32 bytes": secure_token,
        "AES-256-GCM encrypt": lambda: AesGcmBox(b"\x07" * 32).seal("JBSWY3DPEHPK3PXP"),
        "AES-256-GCM decrypt": lambda: AesGcmBox(b"\x07" * 32).open(blob),
        "TOTP generate": lambda: totp.generate(TOTP_SECRET, 1_700_000_000),
        "TOTP verify, ±1 step": lambda: totp.verify(TOTP_SECRET, "287082", 59),
    }


def password_hashes() -> dict[str, Callable[[], object]]:
    costs: dict[str, ScryptParameters | Argon2Parameters] = {
        "scrypt 2^15": ScryptParameters(log2_n=15, block_size=8, parallelization=1),
        "scrypt 2^17": ScryptParameters(log2_n=17, block_size=8, parallelization=1),
        "Argon2id 19 MiB": Argon2Parameters(memory_kib=19_456, iterations=2, parallelism=1),
    }
    calls: dict[str, Callable[[], object]] = {}
    for name, cost in costs.items():
        hasher = PasswordHasher(cost)
        calls[f"{name} hash"] = partial(hasher.hash, PASSWORD)
        calls[f"{name} verify"] = partial(hasher.verify, PASSWORD, hasher.hash(PASSWORD))
    return calls


def _table(key: str, unit: Unit, calls: dict[str, Callable[[], object]], plan: Plan) -> Table:
    with pinned():
        found = interleaved({name: cpu_turn(call) for name, call in calls.items()}, plan)
    rows = tuple(
        (name, one.median / unit.nanoseconds, one.spread / unit.nanoseconds, len(one.samples))
        for name, one in found.items()
    )
    title = key.capitalize().replace("_", " ")
    return Table(f"crypto.{key}", title, ("operation", unit.column, "±", "samples"), rows)
