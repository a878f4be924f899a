"""What a line of the service's log holds."""

import json
import logging
import traceback

import pytest

from bymax_auth.cli.serve.logs import JsonLines, PathsOnly


def line(message: str, *values: object) -> str:
    record = logging.LogRecord("uvicorn.access", logging.INFO, __file__, 1, message, values, None)
    assert PathsOnly().filter(record)
    return JsonLines().format(record)


@pytest.mark.parametrize("text", ["é", "\u2028", "\udcff", "\x1b[2J\n", '"'])
def test_a_line_is_one_line_whoever_reads_it(text: str) -> None:
    """A visitor's text ends a record early, or a server in another locale writes none at all."""
    written = line("%s", text)
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written)["message"] == text


def test_a_path_is_logged_without_its_query() -> None:
    """Whoever reads the log learns who asked for a new password, or signs in with a token."""
    written = line('%s - "%s %s HTTP/%s" %d', "[::1]:5000", "GET", "/x?email=ana@example.com", "1.1", 200)
    assert json.loads(written)["message"] == '[::1]:5000 - "GET /x HTTP/1.1" 200'


def test_a_traceback_that_comes_as_text_is_left_out() -> None:
    """A start that fails writes the password of the stores into the log."""
    try:
        raise TypeError("hunter2")
    except TypeError:
        written = line("Application startup failed. %s", traceback.format_exc())
    assert json.loads(written)["message"] == "Application startup failed. (traceback left out)"
