"""Rules about the second factor and one-time codes."""

import base64
import binascii
import re
from collections.abc import Iterator

from bymax_auth.config.checks.context import CheckContext
from bymax_auth.config.problems import ConfigProblem, problem

__all__ = [
    "decoded_key",
    "key_is_base64",
    "key_is_long_enough",
    "mfa_issuer",
    "mfa_store",
    "mfa_toggle",
    "previous_keys",
    "recovery_codes",
    "reset_code_length",
    "totp_window",
]

_KEY_BYTES = 32
_KEY_HINT = "Set {env} to base64 of 32 random bytes; `bymax-auth keygen --mfa` prints one."


def decoded_key(text: str) -> bytes | None:
    """Decode base64 in either alphabet, padded or not; return ``None`` when it is not canonical."""
    if not re.fullmatch(r"(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}", text, re.ASCII):
        return None
    if "=" in text and len(text) % 4:
        return None
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        return None
    # Unused trailing bits must be zero, so that each key has one encoding.
    return decoded if base64.b64encode(decoded).decode().rstrip("=") == bare else None


def previous_keys(context: CheckContext) -> Iterator[ConfigProblem]:
    """A previous key decodes and differs from the current one and from the others."""
    if context.config.mfa is None:
        return
    seen = [decoded_key(context.config.mfa.encryption_key.reveal())]
    for index, secret in enumerate(context.config.mfa.previous_encryption_keys):
        option = f"mfa.previous_encryption_keys[{index}]"
        key = decoded_key(secret.reveal())
        if key is None:
            yield problem("mfa_key_invalid_base64", option, "is not base64", _KEY_HINT)
        elif len(key) != _KEY_BYTES:
            yield _wrong_length(option, key)
        elif key in seen:
            message = "repeats the current key or an earlier entry"
            yield problem(
                "previous_secret_repeated", option, message, "Remove the repeated entry from {env}."
            )
        seen.append(key)


def key_is_base64(context: CheckContext) -> Iterator[ConfigProblem]:
    """The encryption key is base64."""
    if context.config.mfa is not None and decoded_key(context.config.mfa.encryption_key.reveal()) is None:
        yield problem("mfa_key_invalid_base64", "mfa.encryption_key", "is not base64", _KEY_HINT)


def key_is_long_enough(context: CheckContext) -> Iterator[ConfigProblem]:
    """The encryption key has exactly 32 bytes."""
    if context.config.mfa is not None:
        key = decoded_key(context.config.mfa.encryption_key.reveal())
        if key is not None and len(key) != _KEY_BYTES:
            yield _wrong_length("mfa.encryption_key", key)


def mfa_issuer(context: CheckContext) -> Iterator[ConfigProblem]:
    """The issuer, which authenticator apps show, is not blank."""
    if context.config.mfa is not None and not context.config.mfa.issuer.strip():
        hint = "Set {env} to your product's name."
        yield problem("mfa_issuer_missing", "mfa.issuer", "is blank", hint)


def mfa_toggle(context: CheckContext) -> Iterator[ConfigProblem]:
    """The routes of the second factor need its configuration."""
    if context.config.controllers.mfa and context.config.mfa is None:
        message = "is on, and there is no mfa configuration"
        hint = "Set BYMAX_AUTH_MFA__ENCRYPTION_KEY and BYMAX_AUTH_MFA__ISSUER, or turn {env} off."
        yield problem("mfa_toggle_without_config", "controllers.mfa", message, hint)


def totp_window(context: CheckContext) -> Iterator[ConfigProblem]:
    """Only codes of a few time steps are accepted."""
    if context.config.mfa is not None and not 0 <= context.config.mfa.totp_window <= 2:
        got = context.config.mfa.totp_window
        valid = 2 * got + 1
        message = f"is {got}, which would accept {valid} codes at once; 0 to 2 are allowed"
        hint = "Set {env} to 1, and synchronise the clock if it is off by more."
        yield problem("totp_window_range", "mfa.totp_window", message, hint, got=got, valid=valid)


def recovery_codes(context: CheckContext) -> Iterator[ConfigProblem]:
    """The number of recovery codes is between 1 and 50."""
    if context.config.mfa is not None and not 1 <= context.config.mfa.recovery_code_count <= 50:
        got = context.config.mfa.recovery_code_count
        message, hint = f"is {got}; 1 to 50 are allowed", "Set {env} to a number from 1 to 50, such as 8."
        yield problem("recovery_code_count_range", "mfa.recovery_code_count", message, hint, got=got)


def reset_code_length(context: CheckContext) -> Iterator[ConfigProblem]:
    """A reset code is long enough against five guesses, and short enough to type."""
    got = context.config.password_reset.otp_length
    if not 4 <= got <= 8:
        message, hint = (
            f"is {got}; 4 to 8 digits are allowed",
            "Set {env} to a number from 4 to 8, such as 6.",
        )
        yield problem("otp_length_range", "password_reset.otp_length", message, hint, got=got)


def mfa_store(context: CheckContext) -> Iterator[ConfigProblem]:
    """A second factor requires a store for pending state."""
    if (
        context.config.mfa is not None
        and context.not_reported("stores")
        and not context.collaborators.has_mfa_store
    ):
        message = "is set, and the stores have none for the second factor"
        hint = "Pass stores=… with one, or remove the BYMAX_AUTH_MFA__… variables."
        yield problem("missing_mfa_store", "mfa", message, hint)


def _wrong_length(option: str, key: bytes) -> ConfigProblem:
    message = f"has {len(key)} bytes; exactly {_KEY_BYTES} are needed"
    return problem("mfa_key_length", option, message, _KEY_HINT, got=len(key))
