import json
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bymax_auth.http.json_limits import PLAIN_BODY, PROFILE_BODY, has_excess_structure

TIGHT = replace(PLAIN_BODY, members=4, values=4, containers=4, depth=3)


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"b":2,"c":3,"d":4}',
        b'{"a":[1,2,3,4]}',
        b'{"a":[[]],"b":[]}',
        nested(3),
        b'{"a":"[[[[[{{{{::::::,,,,,,","b":"\\"[[[[[,,,,,"}',
        b'{"a":"\\\\","b":[[]]}',
        b"",
    ],
)
def test_a_text_within_every_limit_is_admitted(raw: bytes) -> None:
    """A password may consist of brackets and commas, and must still sign in."""
    assert not has_excess_structure(raw, TIGHT)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":{"b":1},"c":{"d":{"e":1}}}',
        b'{"a":[1,2,3,4,5]}',
        b'{"a":[[],[],[]],"b":[]}',
        nested(4),
        b'[{"a":[["' + b"[" * 50 + b'"]]}]',
        b'{"' + b'","' * 50 + b'"}',
    ],
)
def test_a_text_past_one_limit_is_not(raw: bytes) -> None:
    """Every limit is counted by itself, wherever in the body its values stand."""
    assert has_excess_structure(raw, TIGHT)


def test_closing_brackets_without_end_are_not_followed() -> None:
    """Text that is no JSON must not cost more than text that is."""
    assert has_excess_structure(b"[" * 4 + b"]" * 10_000, TIGHT)


Values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(), inner, max_size=6),
    max_leaves=40,
)


def measured(value: Any) -> tuple[int, int, int, int]:
    """Members, commas, containers and depth of a value, by walking it."""
    inner: list[Any]
    match value:
        case dict():
            inner, members = [*cast("dict[str, Any]", value).values()], len(cast("dict[str, Any]", value))
        case list():
            inner, members = cast("list[Any]", value), 0
        case _:
            return 0, 0, 0, 0
    below = [measured(one) for one in inner]
    return (
        members + sum(one[0] for one in below),
        max(0, len(inner) - 1) + sum(one[1] for one in below),
        1 + sum(one[2] for one in below),
        1 + max((one[3] for one in below), default=0),
    )


@given(st.dictionaries(st.text(), Values, max_size=8), st.booleans())
def test_counting_the_text_is_counting_what_it_holds(value: dict[str, object], ascii_only: bool) -> None:
    """An escape or a bracket in a string must neither hide a value nor count as one."""
    raw = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    members, commas, containers, depth = measured(value)
    exact = replace(PLAIN_BODY, members=members, values=commas + 1, containers=containers, depth=depth)
    assert not has_excess_structure(raw, exact)
    for lower in ("members", "values", "containers", "depth"):
        limit = getattr(exact, lower)
        if limit > (lower == "values"):
            assert has_excess_structure(raw, replace(exact, **{lower: limit - 1}))


def test_a_profile_gets_more_room() -> None:
    """A host's own fields are more than the seven of ours."""
    raw = json.dumps({f"field{number}": ["x"] * 8 for number in range(100)}).encode()
    assert has_excess_structure(raw, PLAIN_BODY)
    assert not has_excess_structure(raw, PROFILE_BODY)
