"""A stored hash cannot spend a server's memory or time (I-24)."""

import json
import subprocess
import sys
from textwrap import dedent

import pytest

from bymax_auth.config import ConfigError
from tests.integration.flows.world import build_world

SALT, KEY = "c29tZXNhbHRzb21lc2FsdA", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

HOSTILE = [
    *(f"$scrypt$ln={n},r={r},p={p}${SALT}${KEY}" for n, r, p in [
        (23, 8, 1), (22, 255, 1), (31, 8, 1), (63, 8, 1), (64, 8, 1), (9_999_999_999, 1, 1), (20, 8, 255),
        (20, 255, 1), (1, 255, 256), (17, 8, 255), (0, 8, 1), (14, 0, 1), (14, 8, 0), (21, 4, 16), (16, 1, 1),
        (14, 4_294_967_295, 1), (14, 8, 4_294_967_295),
    ]),
    *(f"$argon2id$v=19$m={m},t={t},p={p}${SALT}${KEY}" for m, t, p in [
        (4_194_304, 1, 1), (9_999_999_999, 1, 1), (65_536, 4_294_967_295, 1), (1_048_576, 10, 1),
        (8, 9_999, 1), (65_536, 3, 4_294_967_295), (65_536, 3, 16_777_216), (0, 1, 1), (8, 0, 1),
        (8, 1, 0), (7, 1, 1),
    ]),
    f"$argon2id$m=65536,t=3,p=1${SALT}${KEY}",
    f"$argon2i$v=19$m=65536,t=3,p=1${SALT}${KEY}",
    f"$argon2d$v=19$m=65536,t=3,p=1${SALT}${KEY}",
    f"$scrypt$ln=14,r=8,p=1$${KEY}",
    f"$scrypt$ln=14,r=8,p=1${SALT}$",
    f"$scrypt$ln=14,r=8,p=1${'A' * 100_000}${KEY}",
    f"$scrypt$ln=14,r=8,p=1${SALT}${'A' * 1_000_000}",
    f"$scrypt$ln={'9' * 100_000},r=8,p=1${SALT}${KEY}",
    f"$scrypt$ln=14,r=8,p=1,ln=23${SALT}${KEY}",
    f"$scrypt$ln=014,r=8,p=1${SALT}${KEY}",
    f"$scrypt$ln=-1,r=8,p=1${SALT}${KEY}",
    f"$scrypt$ln=1e9,r=8,p=1${SALT}${KEY}",
    "$" * 1_000_000,
    "$scrypt$" * 100_000,
    "$argon2id$" + "v=19$" * 100_000,
]  # fmt: skip

RUN = """
    import hashlib, json, resource, sys, time

    from bymax_auth.crypto.password.hasher import PasswordHasher
    from bymax_auth.crypto.password.scrypt import ScryptParameters

    hasher = PasswordHasher(ScryptParameters(log2_n=14, block_size=8, parallelization=1))
    hostile = json.load(sys.stdin)
    hasher.verify("x", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
    taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + 64 * 2**20,) * 2)
    report = []
    for stored in hostile:
        started = time.process_time()
        try:
            verdict = repr(hasher.verify("a password", stored))
            hasher.needs_rehash(stored)
        except BaseException as error:
            verdict = type(error).__name__
        report.append((verdict, time.process_time() - started))
    try:
        hashlib.scrypt(b"x", salt=b"x", n=2**17, r=8, p=1, maxmem=2**30)
        limited = False
    except (ValueError, MemoryError):
        limited = True
    print(json.dumps({"report": report, "limited": limited}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS and /proc")
@pytest.mark.processes
def test_a_hostile_hash_is_turned_away_before_it_costs_anything() -> None:
    """One row that a host imported, or an attacker wrote, could stop a server at each sign-in to it."""
    run = subprocess.run(
        [sys.executable, "-c", dedent(RUN)], input=json.dumps(HOSTILE), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    outcome = json.loads(run.stdout)
    assert outcome["limited"], "the limit on memory was not in force"
    named = [(stored[:60], verdict) for stored, (verdict, _) in zip(HOSTILE, outcome["report"], strict=True)]
    assert [found for found in named if found[1] != "False"] == []
    assert max(seconds for _, seconds in outcome["report"]) < 0.05


@pytest.mark.parametrize(
    "password",
    [
        {"scrypt": {"cost_factor": 2**23}},
        {"scrypt": {"cost_factor": 2**20, "block_size": 8}},
        {"active_algorithm": "argon2id", "argon2": {"memory_kib": 2**22}},
        {"active_algorithm": "argon2id", "argon2": {"iterations": 10_000}},
    ],
)
def test_a_cost_that_nobody_could_pay_is_refused_at_start(password: dict[str, object]) -> None:
    """A typing mistake in one option would stop every sign-in, or the machine."""
    with pytest.raises(ConfigError) as refused:
        build_world(password=password)
    assert all(problem.option.startswith("password.") for problem in refused.value.problems)
