"""
The verifier of the npm package, run beside the codec.

A call of the module from Python takes longer than the module itself, so that a second module, written here,
judges a whole batch with one call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import Final, cast

from wasmtime import Func, Instance, Memory, Module, Store, wat2wasm

__all__ = ["MODULE", "REASONS", "Case", "Edge"]

MODULE: Final = Path(__file__).parents[2] / "packages" / "python-auth" / "wasm" / "verifier.wasm"

REASONS: Final = {0: "valid", 1: "expired", 17: "unsupported_alg", 18: "bad_signature"} | dict.fromkeys(
    (2, 3, 4, 16, 19, 20, 21), "malformed"
)
"""What each status is called; the module tells faults of form apart by place, so that they count as one."""

BAD_SIGNATURE: Final = 18

_HEAD: Final = Struct("<8id")  # the lengths of the parts, the leeways, the length of all parts; the clock
_STATUS: Final = Struct("<i")
_PAGE: Final = 65_536
_PAGES: Final = 256

_BATCH: Final = f"""
(module
  (import "verifier" "memory" (memory $verifier 1))
  (import "verifier" "verify" (func $verify (param i32 i32 i32 i32 i32 f64 i32 i32) (result i32)))
  (memory $batch (export "memory") {_PAGES})
  (func (export "judge") (param $input i32) (param $count i32)
    (local $at i32) (local $length i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $length (i32.load $batch offset=28 (local.get $at)))
        (memory.copy $verifier $batch
          (local.get $input) (i32.add (local.get $at) (i32.const {_HEAD.size})) (local.get $length))
        (i32.store $batch (local.get $at)
          (call $verify
            (i32.load $batch (local.get $at))
            (i32.load $batch offset=4 (local.get $at))
            (i32.load $batch offset=8 (local.get $at))
            (i32.load $batch offset=12 (local.get $at))
            (i32.load $batch offset=16 (local.get $at))
            (f64.load $batch offset=32 (local.get $at))
            (i32.load $batch offset=20 (local.get $at))
            (i32.load $batch offset=24 (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.add (local.get $length) (i32.const {_HEAD.size}))))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A token, and how it is asked about; `token_type` of None accepts every type."""

    token: str
    secrets: tuple[str, ...]
    now: int
    exp_leeway: int = 0
    iat_leeway: int = 60
    token_type: str | None = None
    issuer: str | None = None
    audience: str | None = None


class Edge:
    """The module, instantiated as a runtime at the edge does it: with nothing to import."""

    def __init__(self) -> None:
        self.store = Store()
        self.module = Module.from_file(self.store.engine, str(MODULE))
        verifier = Instance(self.store, self.module, []).exports(self.store)
        self.memory = cast("Memory", verifier["memory"])
        self.verify = cast("Func", verifier["verify"])
        self._numbers = {
            name: cast("Func", verifier[name]) for name in ("in_ptr", "in_cap", "out_ptr", "out_len")
        }
        self.input = self.number("in_ptr")
        batch = Instance(self.store, Module(self.store.engine, wat2wasm(_BATCH)), [self.memory, self.verify])
        exports = batch.exports(self.store)
        self._batch = cast("Memory", exports["memory"])
        self._judge = cast("Func", exports["judge"])

    def number(self, name: str) -> int:
        """What the module says of its input or output."""
        return cast("int", self._numbers[name](self.store))

    def status(self, case: Case) -> int:
        """What the module says of one case, with nothing run afterwards."""
        [status] = self.statuses([case])
        return status

    def output(self) -> bytes:
        start = self.number("out_ptr")
        return bytes(self.memory.read(self.store, start, start + self.number("out_len")))

    def statuses(self, cases: Sequence[Case]) -> list[int]:
        """What the module says of each case; under several secrets, the first but of the signature."""
        records = [[record_of(case, secret) for secret in case.secrets] for case in cases]
        flat = [record for group in records for record in group]
        self._batch.write(self.store, b"".join(flat), 0)
        self._judge(self.store, self.input, len(flat))
        judged = self._batch.read(self.store, 0, sum(map(len, flat)))
        statuses, at = [], 0
        for group in records:
            found = BAD_SIGNATURE
            for record in group:
                status = _STATUS.unpack_from(judged, at)[0]
                found = status if found == BAD_SIGNATURE else found
                at += len(record)
            statuses.append(found)
        return statuses


def record_of(case: Case, secret: str) -> bytes:
    parts = (case.token, secret, case.issuer, case.audience, case.token_type)
    encoded = [None if part is None else part.encode("utf-8", "surrogatepass") for part in parts]
    lengths = [-1 if part is None else len(part) for part in encoded]
    whole = b"".join(part for part in encoded if part is not None)
    head = _HEAD.pack(*lengths, case.exp_leeway, case.iat_leeway, len(whole), float(case.now))
    return head + whole
