"""A guard's refusal in FastAPI's own form."""

from datetime import timedelta

from bymax_auth.errors import AccountLocked, TokenExpired, TooManyRequests
from bymax_auth.fastapi import AuthHTTPException


def test_a_refusal_carries_status_envelope_and_waiting_time() -> None:
    """An app without our handlers still tells its client what to do, and for how long to wait."""
    error = AuthHTTPException(TooManyRequests(retry_after=timedelta(seconds=7.2)))
    assert error.status_code == 429
    assert error.detail == {
        "error": {
            "code": "auth.too_many_requests",
            "message": "Too many requests. Please slow down and try again shortly.",
            "details": {"retryAfterSeconds": 8},
        }
    }
    assert error.headers == {"Cache-Control": "no-store", "Pragma": "no-cache", "Retry-After": "8"}
    assert isinstance(error.refusal, TooManyRequests)


def test_an_internal_reason_stays_inside() -> None:
    """Whoever holds an expired token must not learn that it was once good."""
    error = AuthHTTPException(TokenExpired())
    assert "expired" not in str(error.detail).lower()
    assert error.headers == {"Cache-Control": "no-store", "Pragma": "no-cache"}


def test_a_wait_that_nobody_knows_is_not_invented() -> None:
    """A header with a made-up number sends clients back too early."""
    assert "Retry-After" not in (AuthHTTPException(AccountLocked()).headers or {})
