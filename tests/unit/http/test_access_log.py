import logging

import pytest

from bymax_auth.http.access_log import AccessLogRedactionFilter


def access_line(path: str) -> str:
    """The line that uvicorn prints for a request."""
    record = logging.LogRecord(
        "uvicorn.access",
        logging.INFO,
        __file__,
        1,
        '%s - "%s %s HTTP/%s" %d',
        ("203.0.113.9:50000", "GET", path, "1.1", 200),
        None,
    )
    assert AccessLogRedactionFilter().filter(record)
    return record.getMessage()


@pytest.mark.parametrize(
    ("path", "printed"),
    [
        ("/auth/me", "/auth/me"),
        ("/items?page=2&sort=name", "/items?page=2&sort=name"),
        ("/auth/oauth/google/callback?code=c&state=s", "/auth/oauth/google/callback?[REDACTED]"),
        ("/auth/oauth/google?tenantId=acme", "/auth/oauth/google?[REDACTED]"),
        ("/ws?ticket=abc", "/ws?ticket=[REDACTED]"),
        ("/ws?%74icket=abc&room=1", "/ws?%74icket=[REDACTED]&room=1"),
        ("/x?Access_Token=abc&flag", "/x?Access_Token=[REDACTED]&flag"),
        ("/reset?token=abc&email", "/reset?token=[REDACTED]&email"),
    ],
)
def test_credentials_in_urls_are_not_printed(path: str, printed: str) -> None:
    """An access log is read by many people and kept for long."""
    assert access_line(path) == f'203.0.113.9:50000 - "GET {printed} HTTP/1.1" 200'


def test_the_query_of_a_websocket_upgrade_is_not_printed() -> None:
    """A ticket opens a socket as somebody."""
    record = logging.LogRecord(
        "uvicorn.error",
        logging.INFO,
        __file__,
        1,
        '%s - "WebSocket %s" [accepted]',
        ("203.0.113.9:50000", "/ws?anything=abc"),
        None,
    )
    AccessLogRedactionFilter().filter(record)
    assert record.getMessage() == '203.0.113.9:50000 - "WebSocket /ws?[REDACTED]" [accepted]'


def test_other_records_pass_unchanged() -> None:
    """The filter sits on loggers that print more than paths."""
    record = logging.LogRecord("uvicorn.error", logging.INFO, __file__, 1, "Why? Because.", None, None)
    assert AccessLogRedactionFilter().filter(record)
    assert record.getMessage() == "Why? Because."
    record = logging.LogRecord("uvicorn.error", logging.INFO, __file__, 1, "%s", ("Why? code=1",), None)
    AccessLogRedactionFilter().filter(record)
    assert record.getMessage() == "Why? code=1"
