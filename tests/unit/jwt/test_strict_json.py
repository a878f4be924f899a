"""JSON that every reader understands alike."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bymax_auth.jwt.strict_json import MAX_DEPTH, read_array, read_object

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@pytest.mark.untraced
@given(st.dictionaries(st.text(), VALUES), st.sampled_from([{}, {"indent": 1}, {"ensure_ascii": False}]))
def test_an_object_is_read_as_it_was_written(value: dict[str, object], spelling: dict[str, Any]) -> None:
    """A claim would change on its way."""
    text = json.dumps(value, **spelling)
    if depth(value) > MAX_DEPTH:
        with pytest.raises(ValueError, match="deep"):
            read_object(text)
    else:
        assert read_object(text) == value


@pytest.mark.untraced
@given(st.text(alphabet='{}[]":,\\ua0d8eE+-.ntrf \n', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """A hostile token would become a server error."""
    with contextlib.suppress(ValueError):
        assert isinstance(read_object(text), dict)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "1",
        '"{}"',
        "null",
        "\ufeff{}",
        "{}x",
        "{}{}",
        "{",
        '{"a":1,"a":1}',
        '{"a":1,"\\u0061":1}',
        '{"x":[{"a":1,"a":2}]}',
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":-Infinity}',
        '{"a":01}',
        '{"a":+1}',
        '{"a":.5}',
        '{"a":"\n"}',
        '{"a":"\\ud800"}',
        '{"\\udc00":1}',
        '{"a":"\\udc00\\ud800"}',
        "{'a':1}",
        '{"a":1,}',
        '{"a":' + "9" * 5000 + "}",
        '{"a":' * 17 + "1" + "}" * 17,
        '{"a":' * 100_000,
        "\v{}",
        "\u00a0{}",
    ],
)
def test_what_readers_disagree_about_is_refused(text: str) -> None:
    """Two readers of one token would see two different people."""
    with pytest.raises(ValueError):  # noqa: PT011
        read_object(text)


@pytest.mark.parametrize(
    "text", ['{"a":"' + "[" * 99 + '"}', '{"a":"\\"' + "{" * 99 + '"}', '{"a":[' + "[],{}," * 50 + "0]}"]
)
def test_brackets_that_do_not_nest_are_counted_out(text: str) -> None:
    """A role that contains brackets would be refused."""
    assert read_object(text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "elements"),
    [("[]", []), (' [1, "a", {"b": [null]}]\n', [1, "a", {"b": [None]}])],
)
def test_an_array_is_read_by_the_same_rules(text: str, elements: list[object]) -> None:
    """A provider's list of addresses would be read as nothing."""
    assert read_array(text) == elements


@pytest.mark.parametrize(
    "text", ["", "{}", "1", "[", "[]]", "[NaN]", '[{"a":1,"a":2}]', '["\\ud800"]', "[" * 17]
)
def test_what_an_object_may_not_hold_an_array_may_not_either(text: str) -> None:
    """Two readers would take two people from it."""
    with pytest.raises(ValueError):  # noqa: PT011 - the parser has many words for it
        read_array(text)


@pytest.mark.parametrize(("levels", "refused"), [(16, False), (17, True)])
def test_levels_are_counted_where_they_are_open(levels: int, refused: bool) -> None:
    """A list of many small values is not deep, and cannot make room for a deep one behind it."""
    nested = "[" * (levels - 1) + "]" * (levels - 1)
    text = f'{{"wide":[{",".join(["[]"] * 20)}],"deep":{nested}}}'
    if refused:
        with pytest.raises(ValueError, match="deep"):
            read_object(text)
    else:
        assert read_object(text)["deep"] == json.loads(nested)
