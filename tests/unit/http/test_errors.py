import json
from datetime import timedelta

import pytest

from bymax_auth.errors import (
    AccountLocked,
    AuthError,
    FieldError,
    InternalError,
    InvalidCredentials,
    OtpExpired,
    OtpInvalid,
    OtpMaxAttempts,
    Overloaded,
    RepositoryBackendError,
    RepositoryUnavailable,
    StoreCorrupt,
    StoreUnavailable,
    TokenExpired,
    TokenInvalid,
    TokenMalformed,
    TokenMissing,
    TokenRevoked,
    TooManyRequests,
    ValidationFailed,
)
from bymax_auth.http.asgi import empty_response, head_of, json_response, send_response
from bymax_auth.http.errors import INTERNAL_RESPONSE, close_code, envelope, render, render_failure


def test_a_refusal_is_its_class_in_an_envelope() -> None:
    """Clients switch on the code; it must be where they look."""
    answer = render(InvalidCredentials())
    assert answer.status == 401
    assert answer.body == (
        b'{"error":{"code":"auth.invalid_credentials","message":"Invalid email or password","details":null}}'
    )
    assert answer.headers == ()


@pytest.mark.parametrize(
    ("reasons", "public"),
    [
        ((TokenExpired, TokenRevoked, TokenMissing, TokenMalformed), TokenInvalid),
        ((OtpExpired, OtpMaxAttempts), OtpInvalid),
    ],
)
def test_internal_reasons_cannot_be_told_apart(
    reasons: tuple[type[AuthError], ...], public: type[AuthError]
) -> None:
    """A stranger who can tell expired from forged learns that a token or code once existed."""
    for reason in reasons:
        assert render(reason()) == render(public())
        assert render(reason(retry_after=timedelta(seconds=30))) == render(public())


@pytest.mark.parametrize("kind", [AccountLocked, TooManyRequests, Overloaded])
def test_a_wait_is_told_twice_in_whole_seconds(kind: type[AuthError]) -> None:
    """A client that comes back too early waits again."""
    answer = render(kind(retry_after=timedelta(seconds=1, milliseconds=1)))
    assert answer.headers == ((b"retry-after", b"2"),)
    assert json.loads(answer.body)["error"]["details"] == {"retryAfterSeconds": 2}
    assert render(kind(retry_after=timedelta(0))).headers == ((b"retry-after", b"1"),)
    assert render(kind()).headers == ()


def test_broken_fields_are_listed_as_they_are() -> None:
    """A form shows each message beside its field, in whatever script the key was written."""
    refusal = ValidationFailed(
        fields=(FieldError("email", "is required"), FieldError("ключ", "is not allowed"))
    )
    answer = render(refusal)
    assert answer.body.decode().endswith(
        '"details":[{"field":"email","message":"is required"},{"field":"ключ","message":"is not allowed"}]}}'
    )
    assert json.loads(answer.body) == envelope(refusal)


def test_a_failure_says_nothing_about_its_cause() -> None:
    """A stack trace or a driver's message in an answer is a gift to an attacker."""
    assert INTERNAL_RESPONSE.status == 500
    assert INTERNAL_RESPONSE.body == (
        b'{"error":{"code":"auth.internal","message":"Internal server error","details":null}}'
    )


@pytest.mark.parametrize("failure", [StoreUnavailable("redis://user:pw@host"), RepositoryUnavailable()])
def test_an_outage_says_when_to_come_back(failure: InternalError) -> None:
    """A client that is told of a defect gives up; one that is told to wait finds the service again."""
    answer = render_failure(failure)
    assert (answer.status, answer.headers) == (503, ((b"retry-after", b"5"),))
    assert answer.body == (
        b'{"error":{"code":"auth.unavailable","message":"The service is temporarily unavailable. '
        b'Please try again shortly.","details":{"retryAfterSeconds":5}}}'
    )
    assert json.loads(answer.body) == envelope(failure)


@pytest.mark.parametrize(
    "failure", [InternalError(), StoreCorrupt("hunter2"), RepositoryBackendError(), KeyError("hunter2")]
)
def test_a_failure_that_waiting_does_not_mend_promises_nothing(failure: Exception) -> None:
    """A damaged record is as damaged in five seconds."""
    assert render_failure(failure) is INTERNAL_RESPONSE
    assert envelope(InternalError()) == json.loads(INTERNAL_RESPONSE.body)


def test_a_socket_that_cannot_be_denied_is_closed_for_the_same_reason() -> None:
    """A page that hears of a violated policy does not connect again when the outage is over."""
    assert close_code(render_failure(StoreUnavailable())) == 1013
    assert close_code(render_failure(InternalError())) == 1011
    assert close_code(render(InvalidCredentials())) == 1008


def test_no_answer_may_be_stored() -> None:
    """A cache that keeps a session answers the next visitor with it."""
    for answer in (json_response(200, b"{}"), empty_response(204), empty_response(404), INTERNAL_RESPONSE):
        head = head_of(answer)
        assert (b"cache-control", b"no-store") in head
        assert (b"pragma", b"no-cache") in head


def test_heads_fit_their_bodies() -> None:
    """A wrong length or type makes clients wait for bytes that never come, or guess at a type."""
    assert head_of(json_response(200, b"{}", ((b"set-cookie", b"a=b"),))) == [
        (b"cache-control", b"no-store"),
        (b"pragma", b"no-cache"),
        (b"content-type", b"application/json"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-length", b"2"),
        (b"set-cookie", b"a=b"),
        (b"cdn-cache-control", b"no-store"),
    ]
    assert dict(head_of(empty_response(204))).keys() == {b"cache-control", b"pragma"}
    assert dict(head_of(empty_response(404)))[b"content-length"] == b"0"


async def test_a_client_that_went_away_is_not_an_error() -> None:
    """Servers raise when they cannot send any more; nobody should be paged for that."""

    async def send(message: object) -> None:
        raise OSError("client disconnected")

    await send_response(send, json_response(200, b"{}"))
