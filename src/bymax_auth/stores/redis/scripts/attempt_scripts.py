"""
The scripts of attempts, requests, one-time codes and proofs, with their keys and arguments by name.

The order of a named tuple's fields is the order in which the script receives them; the header of the Lua file
repeats it, and nothing else does.  An optional key is the last one, and is not sent when it is ``None``.
"""

from typing import Final, NamedTuple

from bymax_auth.stores.redis.scripts.script import load_script

__all__ = [
    "ATTEMPT_BEGIN",
    "ATTEMPT_END",
    "ATTEMPT_FAIL",
    "ATTEMPT_READ",
    "OTP_PUT",
    "OTP_VERIFY",
    "PROOF_PUT",
    "WINDOW_INCR",
    "AttemptBeginArguments",
    "AttemptBeginKeys",
    "AttemptEndArguments",
    "AttemptEndKeys",
    "AttemptFailArguments",
    "AttemptFailKeys",
    "AttemptReadArguments",
    "AttemptReadKeys",
    "OtpPutArguments",
    "OtpPutKeys",
    "OtpVerifyArguments",
    "OtpVerifyKeys",
    "ProofPutArguments",
    "ProofPutKeys",
    "WindowIncrArguments",
    "WindowIncrKeys",
]


class AttemptBeginKeys(NamedTuple):
    """KEYS of `ATTEMPT_BEGIN`."""

    failures: str
    in_flight: str


class AttemptBeginArguments(NamedTuple):
    """ARGV of `ATTEMPT_BEGIN`."""

    limit: int
    in_flight_ms: int


ATTEMPT_BEGIN: Final = load_script("attempt_begin", AttemptBeginKeys, AttemptBeginArguments)
"""Runs the admission of an attempt."""


class AttemptFailKeys(NamedTuple):
    """KEYS of `ATTEMPT_FAIL`."""

    failures: str
    in_flight: str


class AttemptFailArguments(NamedTuple):
    """ARGV of `ATTEMPT_FAIL`."""

    window_ms: int


ATTEMPT_FAIL: Final = load_script("attempt_fail", AttemptFailKeys, AttemptFailArguments)
"""Runs a failed attempt."""


class AttemptEndKeys(NamedTuple):
    """KEYS of `ATTEMPT_END`."""

    in_flight: str
    failures: str | None = None


class AttemptEndArguments(NamedTuple):
    """`ATTEMPT_END` has no ARGV."""


ATTEMPT_END: Final = load_script("attempt_end", AttemptEndKeys, AttemptEndArguments)
"""Runs an attempt that succeeded or was abandoned."""


class AttemptReadKeys(NamedTuple):
    """KEYS of `ATTEMPT_READ`."""

    failures: str


class AttemptReadArguments(NamedTuple):
    """`ATTEMPT_READ` has no ARGV."""


ATTEMPT_READ: Final = load_script("attempt_read", AttemptReadKeys, AttemptReadArguments)
"""Runs the failures of a counter."""


class WindowIncrKeys(NamedTuple):
    """KEYS of `WINDOW_INCR`."""

    counter: str


class WindowIncrArguments(NamedTuple):
    """ARGV of `WINDOW_INCR`."""

    window_ms: int


WINDOW_INCR: Final = load_script("window_incr", WindowIncrKeys, WindowIncrArguments)
"""Runs one request in a rate-limit window."""


class OtpPutKeys(NamedTuple):
    """KEYS of `OTP_PUT`."""

    code: str


class OtpPutArguments(NamedTuple):
    """ARGV of `OTP_PUT`."""

    fingerprint: str
    lifetime_ms: int


OTP_PUT: Final = load_script("otp_put", OtpPutKeys, OtpPutArguments)
"""Runs a new one-time code."""


class OtpVerifyKeys(NamedTuple):
    """KEYS of `OTP_VERIFY`."""

    code: str
    wrong_codes: str


class OtpVerifyArguments(NamedTuple):
    """ARGV of `OTP_VERIFY`."""

    fingerprint: str
    max_attempts: int
    max_wrong_codes: int
    wrong_codes_window_ms: int


OTP_VERIFY: Final = load_script("otp_verify", OtpVerifyKeys, OtpVerifyArguments)
"""Runs the verification of a one-time code."""


class ProofPutKeys(NamedTuple):
    """KEYS of `PROOF_PUT`."""

    proof: str


class ProofPutArguments(NamedTuple):
    """ARGV of `PROOF_PUT`."""

    payload: str
    lifetime_ms: int


PROOF_PUT: Final = load_script("proof_put", ProofPutKeys, ProofPutArguments)
"""Runs the storing of a proof that is kept however full Redis is."""
