"""Rules about password hashing: costs between the minimum and what the verifier accepts."""

from collections.abc import Iterator
from inspect import iscoroutinefunction
from typing import Final

from bymax_auth.config.checks.context import CheckContext
from bymax_auth.config.constants import KDF_MEMORY_BUDGET_MIB, PASSWORD_MAX_LENGTH
from bymax_auth.config.enums import PasswordAlgorithm
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigProblem, problem
from bymax_auth.crypto.password import (
    Argon2Parameters,
    HasherUnavailable,
    ScryptParameters,
    importers_of,
    self_test,
)

__all__ = [
    "argon2_minimum",
    "hasher_enabled",
    "importers_installed",
    "kdf_limits",
    "legacy_verifiers_synchronous",
    "min_length",
    "scrypt_minimum",
    "sentinel_hash_failed",
]

_MEMORY_BYTES: Final = KDF_MEMORY_BUDGET_MIB * 2**20
_SCRYPT_WORK: Final = 2**24
_ARGON2_WORK_KIB: Final = 2**23


def scrypt_minimum(context: CheckContext) -> Iterator[ConfigProblem]:
    """The cost of scrypt is at least the minimum against offline attacks."""
    cost = context.config.password.scrypt
    factor = cost.cost_factor
    if factor < 16_384 or factor & (factor - 1):
        message = f"is {factor}; a power of two of at least 16384 is needed"
        yield problem(
            "scrypt_cost_factor", "password.scrypt.cost_factor", message, "Set {env} to 131072.", got=factor
        )
    yield from _below("scrypt_block_size", "password.scrypt.block_size", cost.block_size, 8)
    yield from _below("scrypt_parallelization", "password.scrypt.parallelization", cost.parallelization, 1)


def argon2_minimum(context: CheckContext) -> Iterator[ConfigProblem]:
    """The cost of Argon2id is at least the minimum against offline attacks."""
    if "argon2" not in context.collaborators.importable:
        return
    cost = context.config.password.argon2
    yield from _below("argon2_memory", "password.argon2.memory_kib", cost.memory_kib, 19_456)
    yield from _below("argon2_iterations", "password.argon2.iterations", cost.iterations, 2)
    yield from _below("argon2_parallelism", "password.argon2.parallelism", cost.parallelism, 1)


def hasher_enabled(context: CheckContext) -> Iterator[ConfigProblem]:
    """The active algorithm is available and computes a known hash."""
    algorithm = context.config.password.active_algorithm
    option = "password.active_algorithm"
    if algorithm is PasswordAlgorithm.ARGON2ID and "argon2" not in context.collaborators.importable:
        message = "is argon2id, which needs the extra `argon2`"
        hint = 'Install it: pip install "bymax-auth[argon2]"; or set {env} to scrypt.'
        yield problem("hasher_not_enabled", option, message, hint, algorithm=algorithm.value, extra="argon2")
    elif not _works(algorithm):
        message = f"is {algorithm}, and this Python cannot compute it"
        hint = "Use a Python with a complete OpenSSL, or set {env} to the other algorithm."
        yield problem("hasher_not_enabled", option, message, hint, algorithm=algorithm.value, extra=None)


def importers_installed(context: CheckContext) -> Iterator[ConfigProblem]:
    """What an accepted format needs is installed; otherwise its accounts could not sign in."""
    option = "password.importers"
    for chosen in dict.fromkeys(context.config.password.importers):
        (importer,) = importers_of([chosen])
        if importer.extras and context.collaborators.importable.isdisjoint(importer.extras):
            message = f"has {chosen}, which needs the extra `importers`"
            hint = 'Install it: pip install "bymax-auth[importers]"; or take the format out of {env}.'
            yield problem("missing_extra", option, message, hint, extra="importers", option=option)


def legacy_verifiers_synchronous(context: CheckContext) -> Iterator[ConfigProblem]:
    """A verifier runs in a thread, where nobody awaits what it returns."""
    option = "password.legacy_verifiers"
    for verifier in context.config.password.legacy_verifiers:
        for method in (verifier.matches, verifier.verify):
            if iscoroutinefunction(method):
                name = method.__name__
                message = f"has a {type(verifier).__name__} whose `{name}` is a coroutine function"
                hint = f"In legacy_verifiers=… give `{name}` as an ordinary function: it runs in a thread."
                yield problem("legacy_verifier_async", option, message, hint, method=name)


def min_length(context: CheckContext) -> Iterator[ConfigProblem]:
    """The minimum length is between 8 and the maximum length."""
    got = context.config.password.min_length
    if not 8 <= got <= PASSWORD_MAX_LENGTH:
        message = f"is {got}; 8 to {PASSWORD_MAX_LENGTH} are allowed"
        hint = f"Set {{env}} to a number from 8 to {PASSWORD_MAX_LENGTH}, such as 15."
        yield problem("password_min_length_range", "password.min_length", message, hint, got=got)


def kdf_limits(context: CheckContext) -> Iterator[ConfigProblem]:
    """The verifier rejects costs above its limits, so no account could sign in with such a hash."""
    for option, got, exceeded in _above_ceiling(context.config, "argon2" in context.collaborators.importable):
        message = f"is {got}, and {exceeded}, above the limit for stored hashes"
        yield problem(
            "kdf_ceiling", option, message, "Set {env} to less.", parameter=option.rpartition(".")[2], got=got
        )


def sentinel_hash_failed(algorithm: PasswordAlgorithm) -> ConfigProblem:
    """Return the problem of an engine whose first hash could not be computed."""
    message = "the first hash could not be computed"
    hint = "Lower the cost in the BYMAX_AUTH_PASSWORD__… variables, or give the process more memory."
    return problem("sentinel_hash_failed", f"password.{_group(algorithm)}", message, hint)


def _below(code: str, option: str, got: int, least: int) -> Iterator[ConfigProblem]:
    if got < least:
        message, hint = f"is {got}; at least {least} is needed", f"Set {{env}} to {least} or more."
        yield problem(code, option, message, hint, got=got)


def _works(algorithm: PasswordAlgorithm) -> bool:
    cheapest: ScryptParameters | Argon2Parameters
    if algorithm is PasswordAlgorithm.ARGON2ID:
        cheapest = Argon2Parameters(memory_kib=8, iterations=1, parallelism=1)
    else:
        cheapest = ScryptParameters(log2_n=1, block_size=1, parallelization=1)
    try:
        self_test(cheapest)
    except HasherUnavailable:
        return False
    return True


def _group(algorithm: PasswordAlgorithm) -> str:
    return "argon2" if algorithm is PasswordAlgorithm.ARGON2ID else "scrypt"


def _above_ceiling(config: AuthConfig, argon2: bool) -> Iterator[tuple[str, int, str]]:
    yield from _scrypt_above_ceiling(config)
    if argon2:
        yield from _argon2_above_ceiling(config)


def _scrypt_above_ceiling(config: AuthConfig) -> Iterator[tuple[str, int, str]]:
    cost = config.password.scrypt
    if cost.block_size > 255:
        yield "password.scrypt.block_size", cost.block_size, "the most is 255"
    elif 128 * cost.cost_factor * cost.block_size > _MEMORY_BYTES:
        takes = f"128·N·r is over {KDF_MEMORY_BUDGET_MIB} MiB"
        yield "password.scrypt.cost_factor", cost.cost_factor, takes
    if cost.parallelization > 255:
        yield "password.scrypt.parallelization", cost.parallelization, "the most is 255"
    elif cost.cost_factor * cost.block_size * cost.parallelization > _SCRYPT_WORK:
        yield "password.scrypt.parallelization", cost.parallelization, "N·r·p is over 2^24"


def _argon2_above_ceiling(config: AuthConfig) -> Iterator[tuple[str, int, str]]:
    cost = config.password.argon2
    if cost.memory_kib * 1024 > _MEMORY_BYTES:
        yield "password.argon2.memory_kib", cost.memory_kib, f"the most is {KDF_MEMORY_BUDGET_MIB} MiB"
    if cost.iterations > 64:
        yield "password.argon2.iterations", cost.iterations, "the most is 64"
    elif cost.memory_kib * cost.iterations > _ARGON2_WORK_KIB:
        yield "password.argon2.iterations", cost.iterations, "memory times iterations is over 2^23"
    if cost.parallelism > 16:
        yield "password.argon2.parallelism", cost.parallelism, "the most is 16"
