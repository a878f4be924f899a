"""What a call raises says what happened, and holds no secret."""

import copy
import pickle
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from bymax_auth.client import (
    ApiError,
    AuthClient,
    AuthClientError,
    DecodeError,
    NoSession,
    RotatedTokens,
    SyncAuthClient,
    TransportError,
    UnexpectedStatus,
)
from bymax_auth.errors import (
    AccountLocked,
    AuthError,
    AuthErrorCode,
    FieldError,
    TokenExpired,
    TokenInvalid,
    ValidationFailed,
)
from tests.unit.client.answers import (
    ACCESS_TOKEN,
    REFRESH_TOKEN,
    USER,
    Server,
    client_of,
    envelope,
    session,
    signed_in_body,
    sync_client_of,
)

PASSWORD = "correct horse battery staple"
LOGIN = {"email": "ada@example.com", "password": PASSWORD}


async def failure(server: Server, **options: object) -> AuthClientError:
    """What a sign-in raises, by both kinds of client alike."""
    with pytest.raises(AuthClientError) as raised:
        await client_of(server).login(**LOGIN)
    with pytest.raises(AuthClientError) as raised_too:
        sync_client_of(server).login(**LOGIN)
    assert raised.value.args == raised_too.value.args
    return raised.value


@pytest.mark.parametrize(
    ("status", "code", "known", "refusal"),
    [
        (429, "auth.account_locked", AuthErrorCode.ACCOUNT_LOCKED, AccountLocked),
        (401, "auth.token_invalid", AuthErrorCode.TOKEN_INVALID, TokenInvalid),
        (401, "auth.token_expired", AuthErrorCode.TOKEN_EXPIRED, TokenExpired),
        (500, "auth.internal", AuthErrorCode.INTERNAL, None),
        (418, "auth.of_a_later_version", None, None),
    ],
)
async def test_a_refusal_is_known_by_its_code(
    status: int, code: str, known: AuthErrorCode | None, refusal: type[AuthError] | None
) -> None:
    """A client that does not know a new code must not take its envelope for a broken answer."""
    error = await failure(Server({"/login": envelope(status, code)}))
    assert isinstance(error, ApiError)
    assert (error.status, error.code, error.message, error.details) == (status, code, "Some text", None)
    assert (error.known_code, error.refusal) == (known, refusal)
    assert str(error) == f"{code} ({status}): Some text"
    assert not isinstance(error, AuthError)


@pytest.mark.parametrize(
    ("details", "headers", "seconds"),
    [
        (None, {"Retry-After": "7"}, 7),
        ({"retryAfterSeconds": 9}, {}, 9),
        ({"retryAfterSeconds": 9}, {"Retry-After": "7"}, 7),
        ({"retryAfterSeconds": True}, {}, None),
        ({"retryAfterSeconds": -1}, {"Retry-After": "Fri, 01 Jan 2027 00:00:00 GMT"}, None),
        (None, {"Retry-After": "9" * 5_000}, None),
        (None, {}, None),
    ],
)
async def test_the_time_to_wait_is_read_from_header_or_details(
    details: object, headers: dict[str, str], seconds: int | None
) -> None:
    """Whoever retries too soon stays locked out for longer."""
    error = await failure(Server({"/login": envelope(429, "auth.too_many_requests", details, **headers)}))
    assert isinstance(error, ApiError)
    assert error.retry_after == seconds


async def test_a_validation_error_names_its_fields() -> None:
    """A form that cannot say which field is wrong leaves its user guessing."""
    details = [{"field": "email", "message": "must be a valid email address"}, {"field": 1}, "junk"]
    error = await failure(Server({"/login": envelope(400, "auth.validation", details)}))
    assert isinstance(error, ApiError)
    assert error.refusal is ValidationFailed
    assert error.fields == (FieldError("email", "must be a valid email address"),)
    assert ApiError(400, "auth.validation", "", {"field": "email"}).fields == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad gateway</html>",
        b"[]",
        b'{"error":"invalid_grant"}',
        b'{"error":{"code":1,"message":"x"}}',
        b'{"error":{"code":"auth.x"}}',
        b"[" * 100_000,
        b'{"a":' + b"9" * 100_000 + b"}",
        b"\xff\xfe",
    ],
    ids=range(9),
)
async def test_a_refusal_without_an_envelope_is_unexpected(body: bytes) -> None:
    """A proxy in front of the server answers in its own way, and that says nothing about the session."""
    error = await failure(Server({"/login": httpx2.Response(502, content=body)}))
    assert isinstance(error, UnexpectedStatus)
    assert error.status == 502
    assert error.body == body.decode(errors="replace")[:4096]
    assert (str(error), repr(error)) == ("unexpected status 502", "UnexpectedStatus(status=502)")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
async def test_a_time_that_is_none_in_utc_is_a_fault_of_the_answer(at: str) -> None:
    """Whoever handles the errors of the client would meet one that is none of them."""
    body = {"user": {**USER, "createdAt": at}, "accessToken": "a", "refreshToken": "b"}
    error = await failure(Server({"/login": httpx2.Response(200, json=body)}))
    assert isinstance(error, DecodeError)
    assert "createdAt" in error.reason


async def test_what_an_error_keeps_is_bounded() -> None:
    """An error report must not carry a megabyte of somebody's answer."""
    body = {"error": {"code": "c" * 9_000, "message": "m" * 9_000, "details": ["d" * 90_000]}}
    error = await failure(Server({"/login": httpx2.Response(400, json=body)}))
    assert isinstance(error, ApiError)
    assert (len(error.code), len(error.message), error.details) == (4096, 4096, None)


async def test_an_answer_is_read_up_to_a_limit() -> None:
    """A server that never stops sending must not fill the client's memory."""
    error = await failure(Server({"/login": httpx2.Response(200, content=b" " * 1_048_577)}))
    assert isinstance(error, DecodeError)
    assert error.reason == "the answer is too large"


class Page(httpx2.AsyncByteStream, httpx2.SyncByteStream):
    """A body that does not end, and is no gzip either."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield b"<p>Sorry</p>" * 4_096


@pytest.mark.parametrize(("encoding", "kept"), [("identity", 4096), ("gzip", 0)])
@pytest.mark.parametrize("status", [302, 413, 500, 502])
async def test_a_refusal_is_told_by_its_status_whatever_its_body(
    status: int, encoding: str, kept: int
) -> None:
    """An outage whose page is large or broken would be reported as a fault of the contract."""

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, headers={"content-encoding": encoding}, stream=Page())

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http:
        with pytest.raises(UnexpectedStatus) as raised:
            await AuthClient("https://a.example", http=http).login(**LOGIN)
    blocking = httpx2.Client(transport=httpx2.MockTransport(answer))
    with blocking, pytest.raises(UnexpectedStatus) as raised_too:
        SyncAuthClient("https://a.example", http=blocking).login(**LOGIN)
    assert raised.value.args == raised_too.value.args
    assert (raised.value.status, len(raised.value.body)) == (status, kept)


@pytest.mark.parametrize(
    ("lost", "cause"),
    [
        (httpx2.ConnectError("Name or service not known"), "ConnectError: Name or service not known"),
        (httpx2.ConnectError(""), "ConnectError"),
        (httpx2.ReadTimeout(f"Bearer {ACCESS_TOKEN}"), "ReadTimeout"),
        (httpx2.RemoteProtocolError(f"illegal header {ACCESS_TOKEN}"), "RemoteProtocolError"),
    ],
)
async def test_a_lost_answer_names_its_cause_and_keeps_no_request(lost: Exception, cause: str) -> None:
    """The error of the HTTP library holds the request, and an error report would print its password."""
    error = await failure(Server({"/login": lost}))
    assert isinstance(error, TransportError)
    assert error.cause == str(error) == cause
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize("location", ["https://evil.example/steal", "/auth/login"])
@pytest.mark.parametrize("status", [301, 307, 308])
async def test_no_redirect_is_followed(status: int, location: str) -> None:
    """A 307 to another server would hand it the password."""
    server = Server({"/login": httpx2.Response(status, headers={"location": location})})
    with pytest.raises(UnexpectedStatus) as raised:
        await client_of(server, follow_redirects=True).login(**LOGIN)
    with pytest.raises(UnexpectedStatus):
        sync_client_of(server, follow_redirects=True).login(**LOGIN)
    assert raised.value.status == status
    assert [request.url.host for request in server.requests] == ["auth.example.com"] * 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b'{"user":{}}',
        signed_in_body(access=""),
        signed_in_body(access="two words"),
        signed_in_body(access="line\nbreak"),
        signed_in_body(refresh="x" * 4097),
        signed_in_body().replace(b'"2026-01-02T03:04:05.678Z"', b'"yesterday"'),
        b'{"mfaRequired":true}',
        b'{"mfaRequired":true,"mfaTempToken":7}',
    ],
    ids=range(11),
)
async def test_an_answer_of_another_shape_is_named_without_its_values(body: bytes) -> None:
    """A token that cannot be sent is refused at once, and not quoted by whatever would send it."""
    error = await failure(Server({"/login": httpx2.Response(200, content=body)}))
    assert isinstance(error, DecodeError)
    report = "".join(traceback.format_exception(error)) + repr(error)
    for secret in (REFRESH_TOKEN, ACCESS_TOKEN, "two words", "x" * 100, "yesterday"):
        assert secret not in report
    assert error.__context__ is None


@pytest.mark.parametrize("call", ["me", "refresh", "logout", "list_sessions", "ws_ticket"])
async def test_without_a_session_nothing_is_sent(call: str) -> None:
    """A request that can only be refused costs its caller one of the few that a limit admits."""
    server = Server({})
    with pytest.raises(NoSession) as raised:
        await getattr(client_of(server), call)()
    with pytest.raises(NoSession):
        getattr(sync_client_of(server), call)()
    assert server.requests == []
    assert str(raised.value) == "not signed in"


@pytest.mark.parametrize(
    "error",
    [
        ApiError(429, "auth.account_locked", "Locked", {"retryAfterSeconds": 3}, 3),
        UnexpectedStatus(502, "body"),
        TransportError("ReadTimeout"),
        DecodeError("reason"),
        NoSession(),
    ],
)
def test_an_error_can_be_copied_and_pickled(error: AuthClientError) -> None:
    """Whoever waits for another task's refresh, or for a worker process, gets the same error."""
    for again in (error.copied(), copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(again) is type(error)
        assert (again.args, str(again), vars(again)) == (error.args, str(error), vars(error))


@pytest.mark.parametrize("token", ["", "übel-token", "two words", "line\nbreak", "x" * 4097])
def test_a_kept_token_that_no_header_can_carry_is_refused(token: str) -> None:
    """The error of whatever fails to send it would quote it."""
    held = session()
    with pytest.raises(ValueError, match="no token has") as refused:
        session(access=token)
    with pytest.raises(ValueError, match="no token has"):
        held.replace(RotatedTokens(access_token=ACCESS_TOKEN, refresh_token=token))
    assert not token or token not in str(refused.value)
    assert held.held.refresh_token == REFRESH_TOKEN


async def test_what_is_printed_holds_no_token() -> None:
    """A line of a log that prints a client or a result must not sign its readers in."""
    server = Server({"/login": httpx2.Response(200, content=signed_in_body())})
    client = client_of(server, held := session())
    printed = repr((client, await client.login(**LOGIN), held, held.tokens, client.delivery))
    assert REFRESH_TOKEN not in printed
    assert ACCESS_TOKEN not in printed
    assert "signed_in=True" in repr(client)
    assert USER["email"] not in repr(client)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "auth.example.com",
        "/auth",
        "ftp://auth.example.com",
        "https://",
        "https://ada:pw@a.example",
        "https://a.example/?q=1",
        "https://a.example/#f",
        "https://a.example:port",
        "https://a.example:65536",
        "https://a.example/#",
        "https://a.example?",
        "https://@a.example",
        "https://a.example\\@b.example",
        "https://a.example/a b",
        " https://a.example",
    ],
)
def test_an_address_that_no_request_can_have_is_refused(address: str) -> None:
    """A mistake in the configuration is found at the first sign-in otherwise."""
    with pytest.raises(ValueError, match="no absolute http address") as raised:
        AuthClient(address)
    assert "pw" not in str(raised.value)


@pytest.mark.parametrize(
    "prefix", ["auth#", "auth?x=pw", "..", "api/./auth", "api//auth", "a b", "%2e%2e", "\\auth", "\u00e4"]
)
def test_a_prefix_that_is_no_path_is_refused(prefix: str) -> None:
    """Every call would go to another route than its own, and some would succeed there."""
    with pytest.raises(ValueError, match="A route prefix is a path") as raised:
        SyncAuthClient("https://a.example", route_prefix=prefix)
    assert "pw" not in str(raised.value)


HOST = """
from bymax_auth.errors import AuthError, InvalidCredentials

class Refusal(AuthError):
    code = "host.refusal"

class OwnCredentials(InvalidCredentials):
    pass

from bymax_auth.client.errors import _REFUSALS
print(*sorted({kind.__module__ for kind in _REFUSALS.values()}))
"""


def test_refusals_that_a_host_defines_are_none_of_the_servers() -> None:
    """An application with a refusal of its own could not import the client, or would get that from it."""
    ran = subprocess.run([sys.executable, "-c", HOST], capture_output=True, text=True, check=False)
    assert (ran.stdout.split(), ran.stderr) == ([AuthError.__module__], "")
