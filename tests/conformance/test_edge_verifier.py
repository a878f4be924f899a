"""The verifier of the npm package judges as the codec does, and leaves nothing behind."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.jwt import KeyRing, sign
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.extra_claims import freeze_extra_claims
from bymax_auth.types.secret import Secret
from tests.conformance.compare_verifiers import disagreements
from tests.conformance.edge_verifier import MODULE, REASONS, Case, Edge, record_of
from tests.conformance.test_jwt_vectors import judge

CONFORMANCE = Path(__file__).parents[2] / "conformance"
VECTORS: list[dict[str, Any]] = json.loads((CONFORMANCE / "jwt-vectors.json").read_text(encoding="utf-8"))
STATUSES: list[dict[str, Any]] = json.loads((CONFORMANCE / "edge-vectors.json").read_text(encoding="utf-8"))
NOW = 1_767_323_055
SECRET = "0123456789abcdef0123456789abcdef"
CLAIMS = DashboardClaims(
    sub="u1",
    jti="3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f",
    tenant_id="tenant-a",
    role="MEMBER",
    type="dashboard",
    status="ACTIVE",
    mfa_enabled=True,
    mfa_verified=False,
    iat=NOW - 10,
    exp=NOW + 900,
    epoch=3,
    ext=freeze_extra_claims({"plan": "pró", "seats": 0.5}),
)
TOKEN = sign(CLAIMS, KeyRing(Secret(SECRET)))
CASE = Case(token=TOKEN, secrets=(SECRET,), now=NOW)
HEADER, PAYLOAD, SIGNATURE = TOKEN.split(".")


@pytest.fixture(scope="module")
def edge() -> Edge:
    return Edge()


def case_of(vector: dict[str, Any]) -> Case:
    return Case(
        token=vector["token"],
        secrets=(vector["secret"], *vector["previousSecrets"]),
        now=vector["now"],
        exp_leeway=vector["expLeeway"],
        iat_leeway=vector["iatLeeway"],
        token_type=vector["expectedType"],
        issuer=vector["issuer"],
        audience=vector["audience"],
    )


def test_every_vector_is_judged_as_everywhere(edge: Edge) -> None:
    """A token that one verifier refuses and another lets pass is a way around the stricter one."""
    judged = [REASONS[status] for status in edge.statuses([case_of(vector) for vector in VECTORS])]
    expected = ["malformed" if v["reason"] == "decode" else v["reason"] or "valid" for v in VECTORS]
    wrong = [v["name"] for v, is_, should in zip(VECTORS, judged, expected, strict=True) if is_ != should]
    assert wrong == []


@pytest.mark.parametrize("vector", [pytest.param(vector, id=vector["name"]) for vector in STATUSES])
def test_a_token_has_its_status_at_the_edge_and_its_reason_here(edge: Edge, vector: dict[str, Any]) -> None:
    """Another build of the module would refuse what this one admits, or say another reason."""
    secrets = (vector["secret"], *vector["previousSecrets"])
    statuses = [edge.status(replace(case_of(vector), secrets=(secret,))) for secret in secrets]
    assert next((status for status in statuses if status != 18), 18) == vector["status"]
    kind = "mfa_challenge" if vector["name"].startswith("second factor") else vector["name"]
    usual = kind if kind in {"platform", "mfa_challenge"} else "dashboard"
    verdict, reason = judge({**vector, "expectedType": vector["expectedType"] or usual})
    alike = {"malformed": "decode"}
    assert alike.get(reason or verdict, reason or verdict) == alike.get(vector["reason"], vector["reason"])


@pytest.mark.untraced
@pytest.mark.slow
def test_fifty_thousand_generated_tokens_are_judged_alike() -> None:
    """What no vector foresees would be let in at the edge, or turned away there for no reason."""
    seen: Counter[str] = Counter()
    assert list(disagreements(50_000, 20_261, seen)) == []
    # A generator of tokens that all fail alike would prove nothing.
    assert min(seen[reason] for reason in set(REASONS.values())) > 400, seen


def test_a_token_of_the_server_is_valid_at_the_edge_with_every_claim(edge: Edge) -> None:
    """A page in front of the API would ask everybody to sign in again."""
    assert edge.status(CASE) == 0
    assert json.loads(edge.output()) == CLAIMS.model_dump(by_alias=True, exclude_none=True, mode="json")


def refusals() -> Iterator[tuple[int, Case]]:
    """A case for each status."""
    yield 0, CASE
    yield 1, replace(CASE, now=NOW + 900)
    yield 2, replace(CASE, now=NOW - 71)
    yield 3, replace(CASE, issuer="x")
    yield 4, replace(CASE, token_type="platform")
    yield 16, replace(CASE, token=f"{TOKEN}=")
    yield 17, replace(CASE, token=f"eyJhbGciOiJub25lIn0.{PAYLOAD}.")
    yield 18, replace(CASE, token=f"{HEADER}.{PAYLOAD}.{'A' * 43}")
    without_exp = next(vector for vector in VECTORS if vector["name"] == "claim exp missing")
    yield 19, replace(CASE, token=without_exp["token"])
    of_no_type = next(vector for vector in VECTORS if vector["name"] == "claim type missing")
    yield 20, replace(CASE, token=of_no_type["token"])
    yield 21, replace(CASE, token="A" * 4097)
    yield 21, replace(CASE, secrets=("s" * 4097,))
    yield 22, replace(CASE, secrets=("",))


@pytest.mark.parametrize(("status", "case"), [pytest.param(*row, id=str(row[0])) for row in refusals()])
@pytest.mark.parametrize("secret", [SECRET, "k" * 65], ids=["short secret", "hashed secret"])
def test_nothing_of_token_and_secret_stays_in_memory(
    edge: Edge, status: int, case: Case, secret: str
) -> None:
    """Whatever reads the memory of the edge later would find the key that signs everybody in."""
    if case.secrets == (SECRET,) and secret != SECRET:
        status, case = 18 if status in {0, 1, 2, 3, 4, 19, 20} else status, replace(case, secrets=(secret,))
    assert edge.status(case) == status
    memory = bytes(edge.memory.read(edge.store, 0, edge.memory.data_len(edge.store)))
    assert not any(memory[edge.input : edge.input + edge.number("in_cap")])
    for kept in key_material(case.secrets[0]):
        assert kept not in memory
    assert SIGNATURE.encode() not in memory
    assert (edge.number("out_len") > 0) is (status in {0, 1})


def key_material(secret: str) -> Iterator[bytes]:
    """The key, and what HMAC makes of it (RFC 2104 §2), in pieces that no chance would repeat."""
    key = secret.encode()
    if not key:
        return
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    for pad in (0, 0x36, 0x5C):
        padded = bytes(byte ^ pad for byte in block[:32])
        yield padded
        yield b"".join(padded[at : at + 4][::-1] for at in range(0, 32, 4))  # as words of the hash


@pytest.mark.parametrize("length", [16_385, 2**31 - 1])
@pytest.mark.parametrize("part", range(5))
def test_lengths_beyond_the_input_are_refused(edge: Edge, length: int, part: int) -> None:
    """A caller's mistake would let the module read what lies behind its input."""
    edge.memory.write(edge.store, b"x" * 16_384, edge.input)
    lengths = [1] * 5
    lengths[part] = length
    assert edge.verify(edge.store, *lengths, float(NOW), 0, 60) == 21
    assert not any(edge.memory.read(edge.store, edge.input, edge.input + 16_384))


@pytest.mark.parametrize("now", [float("nan"), float("inf"), -float("inf"), 2.0**60])
def test_without_a_clock_nobody_is_let_in(edge: Edge, now: float) -> None:
    """Every comparison with what is not a number is false, so that no token would ever expire."""
    record = record_of(CASE, SECRET)
    edge.memory.write(edge.store, record[40:], edge.input)
    assert edge.verify(edge.store, len(TOKEN), len(SECRET), -1, -1, -1, now, 0, 60) == 16


def test_a_fraction_of_a_second_does_not_expire_a_token_early(edge: Edge) -> None:
    """The server compares whole seconds, and would still let this one in."""
    edge.memory.write(edge.store, record_of(CASE, SECRET)[40:], edge.input)
    assert edge.verify(edge.store, len(TOKEN), len(SECRET), -1, -1, -1, CLAIMS.exp - 0.25, 0, 60) == 0


def test_the_module_asks_for_nothing_and_stays_small(edge: Edge) -> None:
    """A runtime that has no file system, no start function and little room can still load it."""
    assert list(edge.module.imports) == []
    exported = ["abi_version", "in_cap", "in_ptr", "memory", "out_len", "out_ptr", "verify"]
    assert sorted(export.name for export in edge.module.exports) == exported
    limits = edge.memory.type(edge.store).limits
    assert limits.min == limits.max
    content = MODULE.read_bytes()
    assert len(content) <= 65_536
    assert len(gzip.compress(content, 9)) <= 24_576
