import json

import pytest

from bymax_auth.errors import ValidationFailed
from bymax_auth.http.body import ClientDisconnected, parse_object, printable_key, read_body, require_json
from tests.unit.http.scopes import receiving, view_of


def refused_field(raw: bytes) -> str:
    with pytest.raises(ValidationFailed) as refusal:
        parse_object(raw)
    (problem,) = refusal.value.fields
    return problem.field


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"   ",
        b"{",
        b'{"a":1}x',
        b'{"a":1}{"b":2}',
        b"[]",
        b'"text"',
        b"null",
        b"1",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":"\n"}',
        b"\xef\xbb\xbf{}",
        '{"a":"b"}'.encode("utf-16"),
        '{"a":"b"}'.encode("utf-16-le"),
        '{"a":"b"}'.encode("utf-32"),
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"\\ud800":1}',
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
)
def test_a_body_that_is_no_clean_json_object_is_refused(raw: bytes) -> None:
    """A body that two parsers read differently lets one of them be talked past."""
    assert refused_field(raw) == "body"


def test_nesting_has_a_limit_of_its_own() -> None:
    """The interpreter's recursion limit is not ours to lean on."""
    assert parse_object(nested(128))["a"] is not None
    assert refused_field(nested(129)) == "body"


def test_the_number_of_values_has_a_limit_of_its_own() -> None:
    """A body of a few kilobytes can hold thousands of values, and each costs time to build and to refuse."""
    assert len(parse_object(json.dumps({f"k{number}": number for number in range(64)}).encode())) == 64
    assert refused_field(json.dumps({f"k{number}": number for number in range(65)}).encode()) == "body"
    assert refused_field(json.dumps({"a": [[]] * 65}).encode()) == "body"


def test_an_integer_has_at_most_the_digits_of_a_double() -> None:
    """Converting digits takes quadratic time, and a host can turn the interpreter's limit off."""
    assert parse_object(b'{"a":' + b"9" * 309 + b"}")["a"] == int("9" * 309)
    assert refused_field(b'{"a":' + b"9" * 310 + b"}") == "body"


def test_a_repeated_key_is_named() -> None:
    """Of two passwords in one body, the one that was checked must be the one that was meant."""
    assert refused_field(b'{"email":"a","password":"b","password":"c"}') == "password"
    assert refused_field(b'{"bad\\u0000key":1,"bad\\u0000key":2}') == "bad\ufffdkey"


def test_a_well_formed_object_is_returned_as_it_is() -> None:
    """Unicode, escapes and surrogate pairs are ordinary text."""
    assert parse_object(b' {"name": "\\ud83d\\ude00 \xc3\xa9", "n": null}\n') == {
        "name": "\U0001f600 é",
        "n": None,
    }


def test_a_callers_key_is_shortened_and_cleaned() -> None:
    """A key that is echoed must not flood an answer or break a log."""
    assert printable_key("k" * 100) == "k" * 64
    assert printable_key("a\x00b\x1f\x7f\x85") == "a\ufffdb\ufffd\ufffd\ufffd"


def test_the_refusal_does_not_carry_the_body() -> None:
    """An error reporter that walks exceptions must find no password in them."""
    with pytest.raises(ValidationFailed) as refusal:
        parse_object(b'{"password":"hunter2"')
    assert refusal.value.__context__ is None
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("application/json", True),
        ("APPLICATION/JSON; charset=utf-8", True),
        (" application/json ;x", True),
        ("application/merge-patch+json", True),
        ("application/problem+json; charset=utf-8", True),
        ("text/plain", False),
        ("text/json", False),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("application/jsonp", False),
        ("text/vnd.api+json", False),
        ("application/json, text/plain", False),
        ("", False),
        (b"application/json\xff", False),
        (None, False),
    ],
)
def test_a_body_must_say_that_it_is_json(value: str | bytes | None, accepted: bool) -> None:
    """A page of another site can send plain text without asking, and must not be able to sign in so."""
    view = view_of([] if value is None else [("content-type", value)])
    if accepted:
        require_json(view)
        return
    with pytest.raises(ValidationFailed) as refusal:
        require_json(view)
    assert [(problem.field, problem.message) for problem in refusal.value.fields] == [
        ("content-type", "Content-Type must be application/json.")
    ]


@pytest.mark.parametrize("chunks", [(b"x" * 10,), (b"x" * 5, b"x" * 5), (b"", b"x" * 10, b"")])
async def test_a_body_of_exactly_the_limit_is_read(chunks: tuple[bytes, ...]) -> None:
    """The limit is what a caller may use, not the first size that fails."""
    assert await read_body(view_of([("content-length", "10")]), receiving(*chunks), 10) == b"x" * 10


@pytest.mark.parametrize(
    ("declared", "chunks"),
    [
        ("11", ()),
        ("9" * 5_000, ()),
        (None, (b"x" * 11,)),
        (None, (b"x" * 6, b"x" * 5, b"never asked for")),
        ("3", (b"x" * 11,)),
        ("-1", (b"x" * 11,)),
        ("junk", (b"x" * 11,)),
    ],
)
async def test_a_longer_body_is_refused_however_it_arrives(
    declared: str | None, chunks: tuple[bytes, ...]
) -> None:
    """A body without end must not fill the memory, whatever length it claims."""
    view = view_of([] if declared is None else [("content-length", declared)])
    with pytest.raises(ValidationFailed) as refusal:
        await read_body(view, receiving(*chunks), 10)
    assert [(problem.field, problem.message) for problem in refusal.value.fields] == [
        ("body", "Request body is too large.")
    ]


async def test_leading_zeros_do_not_make_a_length_large() -> None:
    """A length is a number, however it is written."""
    assert await read_body(view_of([("content-length", "0" * 30 + "2")]), receiving(b"ab"), 10) == b"ab"
    assert await read_body(view_of([("content-length", "0")]), receiving(b""), 10) == b""


async def test_a_client_that_goes_away_ends_the_read() -> None:
    """Nobody waits for an answer, and nobody should be alarmed."""
    with pytest.raises(ClientDisconnected):
        await read_body(view_of(), receiving(b'{"em', disconnect=True), 10)


def test_many_unterminated_strings_are_refused_in_no_time() -> None:
    """A megabyte of quotes and brackets must cost no more than reading it."""
    assert refused_field(b'{"' + b'\\"[' * 300_000) == "body"
    assert refused_field(json.dumps(["["] * 100_000).encode()) == "body"
