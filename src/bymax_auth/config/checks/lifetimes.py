"""Rules about the lifetimes of sessions, tokens and stored records."""

from collections.abc import Iterator
from datetime import timedelta

from bymax_auth.config.checks.context import CheckContext
from bymax_auth.config.constants import MAX_REFRESH_GRACE, TOKEN_EPOCH_RETENTION
from bymax_auth.config.field_types import duration_fault
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigProblem, problem

__all__ = [
    "access_within_epoch_retention",
    "attempt_window",
    "attempts_in_range",
    "durations",
    "grace_below_lifetime",
    "grace_limit",
    "refresh_lifetime",
]


def refresh_lifetime(context: CheckContext) -> Iterator[ConfigProblem]:
    """A session lasts at least one day."""
    days = context.config.jwt.refresh_expires_in_days
    if days < 1:
        message, hint = f"is {days}; a session lasts at least one day", "Set {env} to 1 or more."
        yield problem("refresh_lifetime_invalid", "jwt.refresh_expires_in_days", message, hint, got=days)


def grace_below_lifetime(context: CheckContext) -> Iterator[ConfigProblem]:
    """The grace window is shorter than the session."""
    jwt = context.config.jwt
    if not context.not_reported("jwt.refresh_expires_in_days"):
        return
    grace, lifetime = _seconds(jwt.refresh_grace_window), jwt.refresh_expires_in_days * 86_400
    if grace >= lifetime:
        message = f"is {grace} s, which is not shorter than the session's {lifetime} s"
        yield problem(
            "refresh_grace_too_large",
            "jwt.refresh_grace_window",
            message,
            "Set {env} to a few seconds, such as 30.",
            grace=grace,
            lifetime=lifetime,
        )


def grace_limit(context: CheckContext) -> Iterator[ConfigProblem]:
    """The grace window of a rotated refresh token has an upper limit."""
    grace, most = _seconds(context.config.jwt.refresh_grace_window), _seconds(MAX_REFRESH_GRACE)
    if grace > most:
        message, hint = f"is {grace} s; at most {most} s are allowed", f"Set {{env}} to {most} or less."
        yield problem("refresh_grace_ceiling", "jwt.refresh_grace_window", message, hint, got=grace, max=most)


def attempt_window(context: CheckContext) -> Iterator[ConfigProblem]:
    """A lockout window of zero would delete the counter, and with it the lockout."""
    window = context.config.brute_force.window
    if window < timedelta(seconds=1):
        message = "is less than one second, which turns the lockout off"
        yield problem(
            "brute_force_window_invalid",
            "brute_force.window",
            message,
            "Set {env} to the seconds for which failures count, such as 900.",
        )


def attempts_in_range(context: CheckContext) -> Iterator[ConfigProblem]:
    """Zero attempts would lock out every account; a limit of hundreds would lock none."""
    attempts = context.config.brute_force.max_attempts
    if not 1 <= attempts <= 100:
        message, hint = (
            f"is {attempts}; 1 to 100 are allowed",
            "Set {env} to a number from 1 to 100, such as 5.",
        )
        yield problem("brute_force_attempts_range", "brute_force.max_attempts", message, hint, got=attempts)


def access_within_epoch_retention(context: CheckContext) -> Iterator[ConfigProblem]:
    """An access token expires before the epoch record that revokes it."""
    access, retention = _seconds(context.config.jwt.access_ttl), _seconds(TOKEN_EPOCH_RETENTION)
    if access > retention:
        message = f"is {access} s; a token longer than {retention} s could not be revoked"
        yield problem(
            "access_lifetime_exceeds_epoch_retention",
            "jwt.access_ttl",
            message,
            "Set {env} to minutes rather than days, such as 900.",
            access=access,
            retention=retention,
        )


def durations(context: CheckContext) -> Iterator[ConfigProblem]:
    """Every duration is whole seconds, and at least one where a store rejects zero."""
    for option, value, zero_allowed in _durations(context.config):
        fault = duration_fault(value, zero_allowed=zero_allowed)
        if fault:
            hint = "Set {env} to whole seconds, such as 900, or to ISO 8601, such as PT15M."
            yield problem("invalid_duration", option, fault, hint, path=option, got=str(value))


def _durations(config: AuthConfig) -> Iterator[tuple[str, timedelta, bool]]:
    yield "jwt.access_ttl", config.jwt.access_ttl, False
    yield "jwt.access_cookie_max_age", config.jwt.access_cookie_max_age, False
    yield "jwt.refresh_grace_window", config.jwt.refresh_grace_window, True
    yield "brute_force.window", config.brute_force.window, False
    yield "password_reset.token_ttl", config.password_reset.token_ttl, False
    yield "password_reset.otp_ttl", config.password_reset.otp_ttl, False
    yield "email_verification.otp_ttl", config.email_verification.otp_ttl, False
    yield "invitations.token_ttl", config.invitations.token_ttl, False
    yield "email_change.token_ttl", config.email_change.token_ttl, False
    yield "user_status_cache_ttl", config.user_status_cache_ttl, True
    yield "hook_timeout", config.hook_timeout, True
    yield "email_timeout", config.email_timeout, True


def _seconds(duration: timedelta) -> int:
    return duration // timedelta(seconds=1)
