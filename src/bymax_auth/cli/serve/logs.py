"""
Logs as one JSON object per line, on standard output.

An exception is logged as its class and where it was raised: its text may contain a statement and its
values.  Other libraries' extra fields are omitted for the same reason; those of this library are safe.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final

from bymax_auth.services.failures import class_name

__all__ = ["LOGGING", "JsonLines", "PathsOnly"]

_OURS: Final = "bymax_auth"
_TRACEBACK: Final = "Traceback (most recent call last):"
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without a line break."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _without_traceback(record.getMessage()),
            "process": record.process,
        }
        if record.name.partition(".")[0] == _OURS:
            line |= {
                name: value for name, value in vars(record).items() if name not in _STANDARD | line.keys()
            }
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = class_name(record.exc_info[1])
            line["stack"] = [
                f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        # ASCII output works in every locale, and contains no Unicode line separators.
        return json.dumps(line, default=str)


def _without_traceback(message: str) -> str:
    """Remove a traceback in the text: uvicorn receives one in lifespan failure messages."""
    before, found, _ = message.partition(_TRACEBACK)
    return f"{before}(traceback left out)" if found else message


class PathsOnly(logging.Filter):
    """Removes the query string from logged paths: it may contain personal data, and no route uses one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Remove query strings from the record's arguments; return true for every record."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                value.partition("?")[0] if isinstance(value, str) and value.startswith("/") else value
                for value in record.args
            )
        return True


LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"paths": {"()": PathsOnly}},
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "json",
            "filters": ["paths"],
        }
    },
    "root": {"level": "WARNING", "handlers": ["stdout"]},
    "loggers": {_OURS: {"level": "INFO"}, "uvicorn": {"level": "INFO"}},
}
"""For `logging.config.dictConfig`, in the service and in each worker."""
