"""Keeps credentials in URLs out of the server's access log."""

import logging
from typing import Final
from urllib.parse import unquote

__all__ = ["AccessLogRedactionFilter"]

_REDACTED: Final = "[REDACTED]"
_SENSITIVE: Final = frozenset(
    {"access_token", "code", "id_token", "otp", "password", "refresh_token", "state", "ticket", "token"}
)


class AccessLogRedactionFilter(logging.Filter):
    """
    Redacts the query strings of OAuth routes and WebSocket upgrades, and sensitive parameters anywhere.

    Attach it to both of uvicorn's loggers that print paths::

        for name in ("uvicorn.access", "uvicorn.error"):
            logging.getLogger(name).addFilter(AccessLogRedactionFilter())
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record's arguments; no record is dropped."""
        if isinstance(record.args, tuple):
            websocket = "WebSocket" in str(record.msg)
            record.args = tuple(
                _redacted(value, whole=websocket) if isinstance(value, str) else value
                for value in record.args
            )
        return True


def _redacted(text: str, *, whole: bool) -> str:
    path, mark, query = text.partition("?")
    if not mark or not path.startswith("/"):
        return text
    if whole or "/oauth/" in path:
        return f"{path}?{_REDACTED}"
    return f"{path}?{'&'.join(_redacted_parameter(parameter) for parameter in query.split('&'))}"


def _redacted_parameter(parameter: str) -> str:
    name, equals, _value = parameter.partition("=")
    if equals and unquote(name).lower() in _SENSITIVE:
        return f"{name}={_REDACTED}"
    return parameter
