"""
What verifying an access token costs in Node, beside jose, and what the verifier weighs.

All get the same token, secret and clock. Ours also checks type and form of every claim and refuses duplicate
members. jose is measured as its documentation has it, and with a key that was imported before, which ours
never keeps.
"""

import gzip
import json
import subprocess
import time
from pathlib import Path
from typing import Final

from benchmarks.jwt import SECRET
from benchmarks.measure import Figures, Plan, ratio
from benchmarks.node import Unavailable, find_node, install, is_installed
from benchmarks.report import Table
from bymax_auth.jwt import KeyRing, sign
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.secret import Secret

__all__ = ["run"]

FOLDER: Final = Path(__file__).parent / "edge"
MODULE: Final = Path(__file__).parents[1] / "packages" / "python-auth" / "wasm" / "verifier.wasm"
NODE: Final = 24
OURS: Final = "bymax-auth"


def run(*, quick: bool) -> list[Table]:
    """Measure verifying in Node, where there is one, and weigh the module."""
    return [_times(Plan.of(quick=quick)), _weights()]


def _times(plan: Plan) -> Table:
    key, title = "verifier.verify", "Verify an access token in Node"
    columns = ("library", "CPU µs", "± µs", "× ours", "clock µs", "samples")
    try:
        found = _measured(plan)
    except Unavailable as reason:
        return Table(key, title, columns, (), (f"not measured: {reason}",))
    rows = tuple(
        (
            name,
            cpu.median / 1e3,
            cpu.spread / 1e3,
            ratio(cpu, found[OURS][0]),
            clock.median / 1e3,
            len(cpu.samples),
        )
        for name, (cpu, clock) in found.items()
    )
    return Table(key, title, columns, rows, ("wanted: jose takes at least 5 times as long",))


def _measured(plan: Plan) -> dict[str, tuple[Figures, Figures]]:
    """Return the figures of processor and clock of each contestant."""
    node = find_node(NODE)
    if not is_installed(FOLDER, "package.json"):
        install(node, FOLDER, "install", "--no-package-lock")
    now = int(time.time())
    asked = {"token": _token(now), "secret": SECRET, "now": now}
    asked |= {"samples": plan.samples, "sampleSeconds": plan.sample_seconds}
    done = subprocess.run(
        [str(node), str(FOLDER / "verify.mjs"), json.dumps(asked)], check=True, capture_output=True, text=True
    )
    found: dict[str, list[tuple[float, float]]] = json.loads(done.stdout)
    return {
        name: (Figures(tuple(cpu for cpu, _ in samples)), Figures(tuple(clock for _, clock in samples)))
        for name, samples in found.items()
    }


def _token(now: int) -> str:
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
    return sign(claims, KeyRing(Secret(SECRET)))


def _weights() -> Table:
    content = MODULE.read_bytes()
    rows = (("as it is", len(content), 65_536), ("gzip -9", len(gzip.compress(content, 9)), 24_576))
    return Table("verifier.size", "The verifier's module", ("", "bytes", "at most"), rows)
