"""Rules about secrets: long enough, varied enough, not repeated, not published."""

import math
from collections import Counter
from collections.abc import Iterator

from bymax_auth.config.checks.context import CheckContext
from bymax_auth.config.checks.published_secrets import is_published
from bymax_auth.config.constants import (
    MAX_SIGNING_SECRET_BYTES,
    SECRET_MIN_ENTROPY_BITS,
    SECRET_MIN_LENGTH,
)
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigProblem, problem
from bymax_auth.types.secret import Secret

__all__ = [
    "entropy_bits",
    "identifier_secret_required",
    "identifier_secrets",
    "previous_secrets",
    "secret_length",
    "secret_size",
    "secret_variety",
    "secrets_not_published",
]

_KEYGEN = "`bymax-auth keygen` prints a good one"


def entropy_bits(text: str) -> float:
    """Return the Shannon entropy of `text` in bits for each character, over its own frequencies."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts) + 0.0


def secret_length(context: CheckContext) -> Iterator[ConfigProblem]:
    """The signing secret has enough characters."""
    yield from _too_short("jwt.secret", context.config.jwt.secret, "jwt_secret")


def secret_size(context: CheckContext) -> Iterator[ConfigProblem]:
    """A signing secret is not longer than every verifier accepts."""
    for option, secret in _signing(context.config):
        size = len(secret.reveal().encode("utf-8", "surrogatepass"))
        if size > MAX_SIGNING_SECRET_BYTES:
            message = f"has {size} bytes; a verifier accepts at most {MAX_SIGNING_SECRET_BYTES}"
            hint = "Set {env} to a shorter secret; " + _KEYGEN + "."
            yield problem(
                "jwt_secret_too_long", option, message, hint, got=size, max=MAX_SIGNING_SECRET_BYTES
            )


def secret_variety(context: CheckContext) -> Iterator[ConfigProblem]:
    """The signing secret is not repetitive."""
    yield from _repetitive("jwt.secret", context.config.jwt.secret, "jwt_secret")


def previous_secrets(context: CheckContext) -> Iterator[ConfigProblem]:
    """A previous signing secret meets the same requirements and differs from the others."""
    jwt = context.config.jwt
    yield from _retired("jwt.previous_secrets", jwt.previous_secrets, jwt.secret, "jwt_secret")


def identifier_secret_required(context: CheckContext) -> Iterator[ConfigProblem]:
    """Rotating the signing secret must not change the stored identifiers."""
    if context.config.jwt.previous_secrets and context.config.identifier_secret is None:
        message = "must be set once jwt.previous_secrets is, or every stored session and revocation is lost"
        hint = "Set {env} to the secret that signed when the identifiers were stored."
        yield problem("identifier_secret_not_pinned", "identifier_secret", message, hint)


def identifier_secrets(context: CheckContext) -> Iterator[ConfigProblem]:
    """Identifier secrets meet the requirements of signing secrets."""
    current = context.config.identifier_secret
    if current is not None:
        yield from _weak("identifier_secret", current, "identifier_secret")
    yield from _retired(
        "previous_identifier_secrets",
        context.config.previous_identifier_secrets,
        context.resolved.identifier_secret,
        "identifier_secret",
    )


def secrets_not_published(context: CheckContext) -> Iterator[ConfigProblem]:
    """Production uses no secret that is printed in this project's documentation or tests."""
    if not context.production:
        return
    for option, secret in [*_signing(context.config), *_others(context.config)]:
        if is_published(secret.reveal()):
            message = "is printed in the library's documentation, tests or examples, so it is public"
            yield problem("jwt_secret_published", option, message, "Set {env} to your own; " + _KEYGEN + ".")


def _too_short(option: str, secret: Secret, family: str) -> Iterator[ConfigProblem]:
    length = len(secret.reveal())
    if length < SECRET_MIN_LENGTH:
        message = f"has {length} characters; at least {SECRET_MIN_LENGTH} are needed"
        hint = f"Set {{env}} to at least {SECRET_MIN_LENGTH} random characters; {_KEYGEN}."
        yield problem(f"{family}_too_short", option, message, hint, len=length)


def _repetitive(option: str, secret: Secret, family: str) -> Iterator[ConfigProblem]:
    entropy = round(entropy_bits(secret.reveal()), 9)
    if entropy < SECRET_MIN_ENTROPY_BITS:
        message = f"has {entropy:.2f} bits of entropy a character; {SECRET_MIN_ENTROPY_BITS} are needed"
        hint = f"Set {{env}} to random characters; {_KEYGEN}."
        yield problem(f"{family}_low_entropy", option, message, hint, entropy=entropy)


def _weak(option: str, secret: Secret, family: str) -> Iterator[ConfigProblem]:
    short = list(_too_short(option, secret, family))
    yield from short or _repetitive(option, secret, family)


def _retired(
    option: str, retired: tuple[Secret, ...], current: Secret, family: str
) -> Iterator[ConfigProblem]:
    for index, secret in enumerate(retired):
        entry = f"{option}[{index}]"
        weak = list(_weak(entry, secret, family))
        yield from weak
        if not weak and secret in (current, *retired[:index]):
            yield problem(
                "previous_secret_repeated",
                entry,
                "repeats the current secret or an earlier entry",
                "Remove the repeated entry from {env}.",
            )


def _signing(config: AuthConfig) -> Iterator[tuple[str, Secret]]:
    yield "jwt.secret", config.jwt.secret
    for index, secret in enumerate(config.jwt.previous_secrets):
        yield f"jwt.previous_secrets[{index}]", secret


def _others(config: AuthConfig) -> Iterator[tuple[str, Secret]]:
    if config.identifier_secret is not None:
        yield "identifier_secret", config.identifier_secret
    for index, secret in enumerate(config.previous_identifier_secrets):
        yield f"previous_identifier_secrets[{index}]", secret
    if config.mfa is not None:
        yield "mfa.encryption_key", config.mfa.encryption_key
        for index, secret in enumerate(config.mfa.previous_encryption_keys):
            yield f"mfa.previous_encryption_keys[{index}]", secret
