"""Names in stores, against the answers that every implementation of the contract gives."""

import json
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.crypto.digest import derive_identifier_key, derive_refresh_key
from bymax_auth.errors import ValidationFailed
from bymax_auth.ports.one_time import OtpPurpose
from bymax_auth.services.addresses import canonical_email
from bymax_auth.services.identifiers import FactorCounter, Identifiers
from bymax_auth.services.opaque_tokens import opaque_token_ref
from bymax_auth.services.tokens import SuccessorTokens
from bymax_auth.types.identity import KeyLayout, Realm

CONFORMANCE = Path(__file__).parents[2] / "conformance"
NAMES: dict[str, Any] = json.loads((CONFORMANCE / "identifiers.json").read_text("utf-8"))
ADDRESSES: dict[str, Any] = json.loads((CONFORMANCE / "addresses.json").read_text("utf-8"))


@pytest.fixture
def identifiers() -> Identifiers:
    return Identifiers.of_key(derive_identifier_key(NAMES["secret"]))


def test_the_identifier_key_is_the_hex_text() -> None:
    """A sibling that shares the store would find none of our accounts under another key."""
    assert derive_identifier_key(NAMES["secret"]) == NAMES["identifierKey"].encode()


@pytest.mark.parametrize("row", NAMES["subjects"], ids=lambda row: f"{row['tenantId']}-{row['userId']}")
def test_a_subject_has_the_contracts_name(identifiers: Identifiers, row: dict[str, Any]) -> None:
    """An account whose sessions lie under another name cannot be signed out everywhere."""
    subject = identifiers.subject(Realm(row["realm"]), row["userId"], row["tenantId"])

    assert (subject.hash, subject.route) == (row["hash"], row["route"])
    assert identifiers.subject_factory(Realm(row["realm"]))(row["userId"], row["tenantId"]) == subject


def test_the_ambiguous_subject_is_never_produced(identifiers: Identifiers) -> None:
    """Without the tenant's length two accounts could share sessions."""
    produced = {identifiers.subject(Realm.DASHBOARD, user, "tenant-a").hash for user in ("u1", "user-1")}

    assert produced.isdisjoint(NAMES["neverProducedForTenantAUserU1"])


@pytest.mark.parametrize("row", NAMES["loginCounters"], ids=lambda row: f"{row['realm']}-{row['email']}")
def test_a_login_counter_has_the_contracts_name(identifiers: Identifiers, row: dict[str, Any]) -> None:
    """Two backends that count apart give an attacker twice the guesses."""
    counter = identifiers.login_counter(Realm(row["realm"]), row["tenantId"], row["email"])

    assert (counter.hash, counter.route) == (row["hash"], row["hash"][:4])


@pytest.mark.parametrize("row", NAMES["reproofCounters"], ids=lambda row: f"{row['flow']}-{row['userId']}")
def test_a_reauthentication_counter_has_the_contracts_name(
    identifiers: Identifiers, row: dict[str, Any]
) -> None:
    """The counter must live in its account's slot and be found again by every backend."""
    subject = identifiers.subject(Realm.DASHBOARD, row["userId"], row["tenantId"])
    counter = identifiers.reauthentication_counter(row["flow"], subject)

    assert (counter.hash, counter.route) == (row["hash"], subject.route)


@pytest.mark.parametrize("row", NAMES["factorCounters"], ids=lambda row: f"{row['counted']}-{row['userId']}")
def test_a_counter_of_a_second_factor_has_the_contracts_name(
    identifiers: Identifiers, row: dict[str, Any]
) -> None:
    """Two backends that count apart give an attacker twice the guesses."""
    subject = identifiers.subject(Realm.DASHBOARD, row["userId"], row["tenantId"])
    counter = identifiers.factor_counter(FactorCounter(row["counted"]), subject)

    assert (counter.hash, counter.route) == (row["hash"], subject.route)


@pytest.mark.parametrize("row", NAMES["factorCodes"], ids=lambda row: row["userId"])
def test_a_used_code_has_the_contracts_name(identifiers: Identifiers, row: dict[str, Any]) -> None:
    """A code that one backend has accepted must be refused by the other."""
    subject = identifiers.subject(Realm.DASHBOARD, row["userId"], row["tenantId"])

    assert identifiers.factor_code(subject, row["code"]) == row["hash"]


def test_the_ambiguous_names_of_a_factor_are_never_produced(identifiers: Identifiers) -> None:
    """Without the tenant's length two accounts could share used codes."""
    subject = identifiers.subject(Realm.DASHBOARD, "user-1", "tenant-a")
    counters = {identifiers.factor_counter(counted, subject).hash for counted in FactorCounter}
    produced = counters | {identifiers.factor_code(subject, "123456")}

    assert produced.isdisjoint(NAMES["neverProducedForFactorsOfTenantAUser1"])


def test_a_bound_secret_names_its_account(identifiers: Identifiers) -> None:
    """The associated data is the same in every process, and another for every account."""
    ana = identifiers.subject(Realm.DASHBOARD, "u1", "açaí")

    assert identifiers.factor_binding(ana) == "bymax-auth:mfa:dashboard:6:açaí:u1".encode()


@pytest.mark.parametrize("purpose", OtpPurpose)
@pytest.mark.parametrize("row", NAMES["oneTimeCodes"], ids=lambda row: row["email"])
def test_a_one_time_code_has_the_contracts_name(
    identifiers: Identifiers, row: dict[str, Any], purpose: OtpPurpose
) -> None:
    """A code issued by one backend must be accepted by the other."""
    otp = identifiers.otp(purpose, row["tenantId"], row["email"])

    assert otp.hash == row["hash"]
    assert otp.ceiling == identifiers.digest.hex(f"otp:{purpose.value}:{row['hash']}")
    assert identifiers.otp_fingerprint(otp, row["code"]) == row["fingerprint"]


@pytest.mark.parametrize("row", NAMES["invitees"], ids=lambda row: row["tenantId"])
def test_an_invitee_has_the_contracts_name(identifiers: Identifiers, row: dict[str, Any]) -> None:
    """An invitation that one backend sent could not be replaced or revoked at the other."""
    invitee = identifiers.invitee(row["tenantId"], row["email"])

    assert (invitee.email_hash, invitee.hash) == (row["emailHash"], row["hash"])
    assert (invitee.tenant_id, invitee.route) == (row["tenantId"], row["hash"][:4])


@pytest.mark.parametrize("row", NAMES["rateBuckets"], ids=lambda row: row["ip"] or "empty")
def test_a_client_is_counted_in_the_contracts_bucket(identifiers: Identifiers, row: dict[str, Any]) -> None:
    """One person with a /64 of addresses must not have as many rate limits as addresses."""
    assert identifiers.rate_bucket(row["ip"]) == row["hash"]


@pytest.mark.parametrize("row", NAMES["refreshTokenHashes"], ids=["text"])
def test_a_refresh_token_is_stored_by_the_digest_of_its_text(row: dict[str, Any]) -> None:
    """A digest of the decoded bytes would sign out everybody who moves from a sibling."""
    ref = opaque_token_ref(row["token"], KeyLayout.SHARED)

    assert ref is not None
    assert ref.hash == row["hash"]


@pytest.mark.parametrize("row", NAMES["refreshSuccessors"], ids=lambda row: row["layout"])
def test_the_successor_of_a_refresh_token_is_derived_as_stated(row: dict[str, Any]) -> None:
    """Two releases that run beside each other would sign out the tabs that they share."""
    key = derive_refresh_key(NAMES["secret"])
    ref = opaque_token_ref(row["token"], KeyLayout(row["layout"]))

    assert ref is not None
    assert key == NAMES["refreshKey"].encode()
    assert SuccessorTokens.of_keys([key]).of(row["token"], ref)[0] == row["successor"]


@pytest.mark.parametrize("row", ADDRESSES["canonical"], ids=lambda row: ascii(row["raw"]))
def test_an_address_has_one_canonical_form(row: dict[str, Any]) -> None:
    """Someone who types their address in capitals must reach the same account, in every runtime."""
    assert canonical_email(row["raw"]) == row["canonical"]
    assert canonical_email(row["canonical"]) == row["canonical"]


@pytest.mark.parametrize("raw", ADDRESSES["refused"], ids=ascii)
def test_an_address_that_runtimes_trim_differently_is_refused(raw: str) -> None:
    """Two runtimes would derive two accounts from it."""
    with pytest.raises(ValidationFailed) as refusal:
        canonical_email(raw)

    assert [error.field for error in refusal.value.fields] == ["email"]
