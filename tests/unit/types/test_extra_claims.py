"""The host's own claims, as a value that cannot be changed."""

import copy
import pickle
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.extra_claims import FrozenObject, freeze_extra_claims

FULL = "a" * (1024 - len('{"x":""}'))
BASE: dict[str, Any] = {
    "sub": "u1",
    "jti": "2f1f8e0a-7c1d-4b7e-9a55-0d6f4f0c9b11",
    "tenant_id": "acme",
    "role": "MEMBER",
    "type": "dashboard",
    "status": "ACTIVE",
    "mfa_enabled": False,
    "mfa_verified": False,
    "iat": 1,
    "exp": 2,
}


def nested(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth - 1):
        value = {"x": value}
    return value


def test_what_the_host_changes_later_is_not_in_it() -> None:
    """A host that keeps one dictionary for everybody would change tokens that were verified."""
    teams = ["a"]
    given = {"teams": teams, "plan": MappingProxyType({"name": "pro", "seats": 5, "share": 0.5})}
    frozen = freeze_extra_claims(given)
    teams.append("b")
    assert frozen == {"teams": ("a",), "plan": {"name": "pro", "seats": 5, "share": 0.5}}
    assert freeze_extra_claims(frozen) is frozen
    assert list(frozen) == ["teams", "plan"]
    assert (len(frozen), frozen["teams"], frozen.get("other")) == (2, ("a",), None)
    assert repr(frozen["plan"]) == "{'name': 'pro', 'seats': 5, 'share': 0.5}"


def test_it_cannot_be_changed() -> None:
    """Verified claims are kept: a request would change the rights of the next one."""
    frozen: Any = freeze_extra_claims({"plan": {"name": "pro"}})
    for holder in (frozen, frozen["plan"]):
        with pytest.raises(TypeError):
            holder["plan"] = "free"
        with pytest.raises(AttributeError):
            holder.update(plan="free")


def test_it_is_a_value() -> None:
    """Claims are compared, hashed and copied, and a process pool pickles them."""
    one, other = (DashboardClaims(**BASE, ext=freeze_extra_claims({"a": [{"b": 1}]})) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one
    assert one.ext != DashboardClaims(**BASE).ext == {}
    assert one.model_dump()["ext"] == {"a": [{"b": 1}]}
    assert TypeAdapter(DashboardClaims).json_schema()["properties"]["ext"] == {
        "additionalProperties": True,
        "title": "Ext",
        "type": "object",
    }


@pytest.mark.parametrize(
    "valid",
    [{}, {"x": FULL}, {"": ""}, {"x": 2**53 - 1, "y": -(2**53) + 1, "z": 1e-300}, nested(15), {"x": -0.0}],
)
def test_json_of_one_kibibyte_is_accepted(valid: Mapping[str, Any]) -> None:
    """A host would be refused what it may say."""
    assert freeze_extra_claims(valid) == valid


def cyclic() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["self"] = value
    return value


@pytest.mark.parametrize(
    ("invalid", "why"),
    [
        (None, "not an object"),
        ([], "not an object"),
        ("{}", "not an object"),
        ({"x": FULL + "a"}, "larger than 1024"),
        ({"x": FULL[1:] + "ç"}, "larger than 1024"),
        ({5: 1}, "a name"),
        ({"x": {1}}, "JSON does not have"),
        ({"x": b"bytes"}, "JSON does not have"),
        ({"x": 2**53}, "not exact"),
        ({"x": 10**400}, "not exact"),
        ({"x": -(2**53)}, "not exact"),
        ({"x": [-(10**400)]}, "not exact"),
        ({"x": 1e20}, "not exact"),
        ({"x": float("nan")}, "not exact"),
        ({"x": float("inf")}, "not exact"),
        ({"x": "\ud800"}, "surrogates"),
        (nested(16), "too deeply"),
        (cyclic(), "too deeply"),
    ],
)
def test_anything_else_is_refused(invalid: Any, why: str) -> None:
    """Another verifier would read it otherwise, or no browser would keep the cookie."""
    with pytest.raises(ValueError, match=why):
        freeze_extra_claims(invalid)
    with pytest.raises(ValidationError):
        DashboardClaims(**BASE, ext=invalid)


def test_a_class_of_text_or_number_is_refused() -> None:
    """An enumeration's member would be one thing in the process that signs and another where it is read."""

    class Text(str):
        __slots__ = ()

    with pytest.raises(ValueError, match="JSON does not have"):
        freeze_extra_claims({"x": Text("a")})
    assert isinstance(freeze_extra_claims({"x": {}})["x"], FrozenObject)
