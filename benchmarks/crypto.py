"""
What each primitive costs through this library's own functions.

    python -m benchmarks.crypto

Medians of the CPU time of one call, with the median deviation from them.  The inputs are fixed, so that
figures of other implementations of the same library can stand beside these.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from bymax_auth.crypto import totp
from bymax_auth.crypto.aead import AesGcmBox
from bymax_auth.crypto.digest import KeyedDigest, sha256_hex
from bymax_auth.crypto.password import Argon2Parameters, PasswordHasher, ScryptParameters
from bymax_auth.crypto.tokens import secure_token

__all__ = ["Measurement", "main", "run"]

IDENTIFIER = "tenant-42:user@example.com"
TOTP_SECRET = b"12345678901234567890"
PASSWORD = "correct horse"
WARM_UPS = 20
SAMPLES, SLOW_SAMPLES = 25, 5
SAMPLE_SECONDS = 0.004


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row: the median CPU time of a call and the median deviation from it, in seconds."""

    operation: str
    median: float
    deviation: float


def main() -> None:
    for row in run():
        print(f"{row.operation:<36} {row.median * 1e6:12.2f} µs  ± {row.deviation * 1e6:.2f}")


def run(slow_samples: int = SLOW_SAMPLES) -> list[Measurement]:
    """Return a row for each primitive, the password hashes last."""
    quick = [measured(name, call) for name, call in primitives().items()]
    return quick + [slowly_measured(name, call, slow_samples) for name, call in password_hashes().items()]


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
    costs = {
        "scrypt 2^15": ScryptParameters(log2_n=15, block_size=8, parallelization=1),
        "scrypt 2^17": ScryptParameters(log2_n=17, block_size=8, parallelization=1),
        "Argon2id 19 MiB": Argon2Parameters(memory_kib=19456, iterations=2, parallelism=1),
    }
    calls: dict[str, Callable[[], object]] = {}
    for name, cost in costs.items():
        hasher = PasswordHasher(cost)
        stored = hasher.hash(PASSWORD)
        calls[f"{name} hash"] = lambda hasher=hasher: hasher.hash(PASSWORD)
        calls[f"{name} verify"] = lambda hasher=hasher, stored=stored: hasher.verify(PASSWORD, stored)
    return calls


def measured(operation: str, call: Callable[[], object]) -> Measurement:
    for _ in range(WARM_UPS):
        call()
    calls = max(1, round(SAMPLE_SECONDS / timed(call, 100)))
    return summed_up(operation, [timed(call, calls) for _ in range(SAMPLES)])


def slowly_measured(operation: str, call: Callable[[], object], samples: int) -> Measurement:
    call()
    return summed_up(operation, [timed(call, 1) for _ in range(samples)])


def summed_up(operation: str, samples: list[float]) -> Measurement:
    median = statistics.median(samples)
    deviation = statistics.median(abs(sample - median) for sample in samples)
    return Measurement(operation, median, deviation)


def timed(call: Callable[[], object], calls: int) -> float:
    started = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - started) / calls


if __name__ == "__main__":
    main()
