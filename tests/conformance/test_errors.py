"""Refusals and bounds, against what every client of the contract expects."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bymax_auth import errors
from bymax_auth.errors import (
    ERROR_STATUS,
    INTERNAL_ONLY_CODES,
    AuthError,
    AuthErrorCode,
    InternalError,
    RepositoryBackendError,
    RepositoryUnavailable,
    StoreCorrupt,
    StoreUnavailable,
)
from bymax_auth.http.schemas import fields

CONTRACT: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "conformance" / "errors.json").read_text("utf-8")
)
ROWS: list[dict[str, Any]] = CONTRACT["errors"]
REFUSALS = [row for row in ROWS if row["class"]]
INTERNAL = [row for row in ROWS if row["shownAs"] != row["code"]]
BUILT = {
    "newPassword": fields.NewPassword,
    "provenPassword": fields.ProvenPassword,
    "tenantId": fields.TenantId,
    "displayName": fields.DisplayName,
    "invitationDisplayName": fields.InvitationDisplayName,
    "role": fields.RoleName,
    "singleUseToken": fields.SingleUseToken,
    "resetOtp": fields.ResetOtp,
    "verificationOtp": fields.VerificationOtp,
    "opaqueToken": fields.OpaqueToken,
}


def below(root: type[AuthError]) -> Iterator[type[AuthError]]:
    for child in root.__subclasses__():
        if child.__module__.startswith("bymax_auth."):
            yield child
            yield from below(child)


def test_the_codes_are_the_contracts_in_its_order() -> None:
    """Clients of other languages are generated from the same list."""
    assert [code.value for code in AuthErrorCode] == [row["code"] for row in ROWS]
    assert len(ROWS) == 40
    assert [row["code"] for row in ROWS[38:]] == ["auth.overloaded", "auth.unavailable"]
    assert [row["code"] for row in ROWS if row.get("ours")] == [row["code"] for row in ROWS[38:]]


def test_the_statuses_are_the_contracts() -> None:
    """A client that refreshes on 401 must not be sent there by anything else."""
    assert {code.value: status for code, status in ERROR_STATUS.items()} == {
        row["code"]: row["status"] for row in ROWS
    }


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row["class"])
def test_a_class_says_what_the_contract_says(row: dict[str, Any]) -> None:
    """Code, status and text on the wire belong to the class, so that no call site can vary them."""
    refusal = getattr(errors, row["class"])
    shown = next(other for other in ROWS if other["code"] == row["shownAs"])

    assert refusal.reason == row["code"]
    assert (refusal.code, refusal.status, refusal.message) == (
        shown["code"],
        shown["status"],
        shown["message"],
    )
    assert str(refusal()) == shown["message"]


def test_every_code_has_one_class_and_every_class_a_code() -> None:
    """A code without a class could never be answered; a class without one would answer something else."""
    public = [refusal for refusal in below(AuthError) if refusal.reason == refusal.code]
    named = [row["class"] for row in REFUSALS if row["shownAs"] == row["code"]]

    assert sorted(refusal.__name__ for refusal in public) == sorted(named)
    assert len({refusal.code for refusal in public}) == len(public)


def test_the_internal_codes_are_the_contracts() -> None:
    """Each of them on the wire would tell an attacker why a guess failed."""
    assert {code.value for code in INTERNAL_ONLY_CODES} == {row["code"] for row in INTERNAL}
    assert len(INTERNAL) == 5


@pytest.mark.parametrize(
    "reason",
    [refusal for refusal in below(AuthError) if refusal.reason != refusal.code],
    ids=lambda c: c.__name__,
)
def test_an_internal_reason_looks_like_its_parent(reason: type[AuthError]) -> None:
    """An expired, a revoked and a forged token must be indistinguishable from outside."""
    declared = {name for name in vars(reason) if not name.startswith("__")}

    assert declared == {"reason"}
    assert reason.__bases__[0].reason == reason.code


def test_an_outage_is_no_refusal() -> None:
    """Code that catches refusals must not turn an outage into "wrong password"."""
    internal, unavailable = [row for row in ROWS if row["class"] is None]

    for failure, row in (
        (InternalError, internal),
        (StoreCorrupt, internal),
        (RepositoryBackendError, internal),
        (StoreUnavailable, unavailable),
        (RepositoryUnavailable, unavailable),
    ):
        assert (failure.code, failure.status, failure.message) == (
            row["code"],
            row["status"],
            row["message"],
        )
    assert not issubclass(InternalError, AuthError)
    assert not [refusal for refusal in below(AuthError) if issubclass(refusal, InternalError)]


@pytest.mark.parametrize("name", BUILT)
def test_a_field_takes_the_contracts_lengths(name: str) -> None:
    """A form that other implementations accept must not be refused here, nor the other way round."""
    adapter: TypeAdapter[str] = TypeAdapter(BUILT[name])
    bound = CONTRACT["fieldBounds"][name]

    for length in (bound["minimum"], bound["maximum"]):
        assert adapter.validate_python("ä" * length) == "ä" * length
    for length in (bound["minimum"] - 1, bound["maximum"] + 1):
        with pytest.raises(ValidationError):
            adapter.validate_python("ä" * length)


def test_an_address_takes_the_contracts_length() -> None:
    """The longest address that one implementation registers must be able to sign in at another."""
    adapter: TypeAdapter[str] = TypeAdapter(fields.Email)
    longest = "a@" + ".".join(["b" * 63] * 3) + "." + "c" * 61

    assert len(longest) == CONTRACT["fieldBounds"]["email"]["maximum"]
    assert adapter.validate_python(longest) == longest
    with pytest.raises(ValidationError, match="at most 255"):
        adapter.validate_python(longest + "c")


def test_the_bounds_not_built_yet_are_known() -> None:
    """A new request model must take its bounds from the contract, so this list only shrinks."""
    assert set(CONTRACT["fieldBounds"]) - set(BUILT) - {"email"} == {"totpCode"}
