"""Compares the codec with the verifier of the npm package on generated tokens."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from functools import lru_cache

from bymax_auth.errors import TokenAlgorithmRefused, TokenExpired, TokenInvalid, TokenSignatureInvalid
from bymax_auth.jwt import KeyRing, Verification, verify
from bymax_auth.jwt.claims import TokenType
from bymax_auth.types.secret import Secret
from tests.conformance.edge_verifier import REASONS, Case, Edge
from tests.conformance.token_mutations import Mutator

__all__ = ["disagreements", "reason_of"]

BATCH = 1_000
TYPES: tuple[TokenType, ...] = ("dashboard", "platform", "mfa_challenge")


def disagreements(count: int, seed: int, seen: Counter[str]) -> Iterator[str]:
    """Each generated case that the two judge differently, as JSON; `seen` counts the verdicts."""
    edge, mutator = Edge(), Mutator(seed)
    for start in range(0, count, BATCH):
        cases = [mutator.case() for _ in range(min(BATCH, count - start))]
        for case, status in zip(cases, edge.statuses(cases), strict=True):
            server, module = reason_of(case), REASONS[status]
            seen[server] += 1
            if server != module:
                yield json.dumps({"server": server, "module": f"{module} ({status})"} | asdict(case))


def reason_of(case: Case) -> str:
    """What the codec says; of a case for every type, what it says of the token's own."""
    said = "malformed"
    for token_type in TYPES if case.token_type is None else TYPES[TYPES.index(case.token_type) :][:1]:
        rules = Verification(
            expected_type=token_type,
            exp_leeway=case.exp_leeway,
            iat_leeway=case.iat_leeway,
            issuer=case.issuer,
            audience=case.audience,
        )
        said = reason_under(case, rules)
        if said != "malformed":
            break
    return said


def reason_under(case: Case, rules: Verification) -> str:
    try:
        verify(case.token, rules, keys_of(case.secrets), case.now)
    except TokenAlgorithmRefused:
        return "unsupported_alg"
    except TokenSignatureInvalid:
        return "bad_signature"
    except TokenExpired:
        return "expired"
    except TokenInvalid:
        return "malformed"
    return "valid"


@lru_cache
def keys_of(secrets: tuple[str, ...]) -> KeyRing:
    current, *previous = map(Secret, secrets)
    return KeyRing(current, tuple(previous))
