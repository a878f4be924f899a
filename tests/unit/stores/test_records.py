"""The bytes of stored records are exactly those that a sibling backend reads and writes."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.ports.one_time import PASSWORD_RESET, PROOF_GENERATION, ProofGeneration, ResetContext
from bymax_auth.stores.records import (
    decode_mfa_setup,
    decode_proof,
    decode_session_detail,
    decode_session_record,
    encode_mfa_setup,
    encode_proof,
    encode_session_detail,
    encode_session_record,
    stand_in_detail,
)
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import SessionDetail, SessionRecord

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "conformance" / "stored-records.json").read_text("utf-8")
)
SESSIONS, DETAILS, RESETS = (VECTORS[key] for key in ("session_records", "session_details", "reset_contexts"))
SETUPS = VECTORS["mfa_setups"]
BIRTH = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
DETAIL = SessionDetail(
    session_hash="h", device="Chrome on macOS", ip="203.0.113.4", created_at=BIRTH, last_activity_at=BIRTH
)


def named(cases: list[dict[str, Any]]) -> list[Any]:
    """The cases, each under its comment."""
    return [pytest.param(case, id=case["comment"]) for case in cases]


def session(fields: dict[str, Any]) -> SessionRecord:
    """The record that a vector describes."""
    times = {
        name: value and datetime.fromisoformat(value)
        for name, value in fields.items()
        if name.endswith("created_at")
    }
    return SessionRecord(**{**fields, **times})


@pytest.mark.parametrize("case", named(SESSIONS["written"]))
def test_a_session_is_written_byte_for_byte(case: dict[str, Any]) -> None:
    """Workers of two releases, or of two languages, would end one another's sessions."""
    text = encode_session_record(session(case["record"]))
    assert text == case["text"]
    assert len(text.encode()) == case["bytes"]


def test_a_session_comes_back_as_it_was() -> None:
    """A refresh would act for the wrong person, or forget the second factor."""
    vector = SESSIONS["written"][0]
    assert decode_session_record(vector["text"], Realm.DASHBOARD) == session(vector["record"])


@pytest.mark.parametrize("case", named(SESSIONS["read"]))
def test_a_session_that_another_writer_left_is_understood(case: dict[str, Any]) -> None:
    """Everybody would be signed out on the day that a deployment changes its backend."""
    found = decode_session_record(case["text"], Realm(case["realm"]))
    assert found is not None
    if "same_as_written" in case:
        assert found == session(SESSIONS["written"][case["same_as_written"]]["record"])
    for name in case.keys() & asdict(found).keys():
        value = getattr(found, name)
        assert (value.isoformat() if isinstance(value, datetime) else value) == case[name]


@pytest.mark.parametrize("case", named(SESSIONS["unreadable"]))
def test_a_session_that_makes_no_sense_is_no_session(case: dict[str, Any]) -> None:
    """A default in place of a missing field would switch a safeguard off."""
    text = case["text"] * case.get("times", 1)
    assert decode_session_record(text, Realm(case["realm"])) is None


def test_a_detail_is_written_byte_for_byte_and_read_back() -> None:
    """The session list would show a sibling's sessions wrongly, or evict the wrong one."""
    text = encode_session_detail(DETAIL)
    assert text == DETAILS["written"]["text"]
    assert len(text.encode()) == DETAILS["written"]["bytes"]
    assert decode_session_detail("h", text) == DETAIL


@pytest.mark.parametrize("case", named(DETAILS["unreadable"]))
def test_a_detail_that_makes_no_sense_is_none(case: dict[str, Any]) -> None:
    """One damaged row must not break the whole list."""
    assert decode_session_detail("h", case["text"]) is None


def test_a_session_without_a_readable_detail_shows_its_records_times() -> None:
    """A session that its owner cannot see is one they cannot end."""
    shown = stand_in_detail("h", session(SESSIONS["written"][0]["record"]))
    assert shown == SessionDetail(
        session_hash="h",
        device="Unknown Browser on Unknown OS",
        ip="",
        created_at=BIRTH,
        last_activity_at=BIRTH,
    )


@pytest.mark.parametrize("case", RESETS["written"])
def test_a_reset_context_is_written_byte_for_byte_and_read_back(case: dict[str, Any]) -> None:
    """An absent binding, an account without a password and a password are three different things."""
    context = ResetContext(
        user_id="u1",
        email="ada@example.com",
        tenant_id="tenant-a",
        password_fingerprint=case["password_fingerprint"],
    )
    assert encode_proof(PASSWORD_RESET, context) == case["text"]
    assert decode_proof(PASSWORD_RESET, case["text"]) == context


@pytest.mark.parametrize("case", named(RESETS["unreadable"]))
def test_a_reset_context_that_makes_no_sense_is_none(case: dict[str, Any]) -> None:
    """A damaged record must not reset anybody's password."""
    assert decode_proof(PASSWORD_RESET, case["text"]) is None


def test_a_reset_context_of_a_generation_is_read_back() -> None:
    """A proof that was issued after the last block must work."""
    context = ResetContext(
        user_id="u1", email="a@b.c", tenant_id="t", password_fingerprint="f", generation="g"
    )
    assert decode_proof(PASSWORD_RESET, encode_proof(PASSWORD_RESET, context)) == context


@pytest.mark.parametrize("generation", ["5", "null", "[]"])
def test_a_generation_that_makes_no_sense_is_none(generation: str) -> None:
    """A damaged record must not be taken for one of before every block."""
    damaged = f'{{"userId":"u1","email":"a@b.c","tenantId":"t","generation":{generation}}}'
    assert decode_proof(PASSWORD_RESET, damaged) is None
    assert decode_proof(PROOF_GENERATION, f'{{"generation":{generation}}}') is None


def test_the_generation_of_an_account_is_read_back() -> None:
    """The end of an account's proofs must be known after a restart."""
    generation = ProofGeneration("g" * 64)
    assert decode_proof(PROOF_GENERATION, encode_proof(PROOF_GENERATION, generation)) == generation


def setup(fields: dict[str, Any]) -> MfaSetupRecord:
    """The enrolment that a vector describes."""
    return MfaSetupRecord(**{**fields, "recovery_codes": tuple(fields["recovery_codes"])})


@pytest.mark.parametrize("case", named(SETUPS["written"]))
def test_an_enrolment_is_written_byte_for_byte_and_read_back(case: dict[str, Any]) -> None:
    """An enrolment that began at one backend is confirmed at another."""
    assert encode_mfa_setup(setup(case["record"])) == case["text"]
    assert decode_mfa_setup(case["text"]) == setup(case["record"])


@pytest.mark.parametrize("case", named(SETUPS["read"]))
def test_an_enrolment_that_another_writer_left_is_understood(case: dict[str, Any]) -> None:
    """Everybody who enrols would begin again on the day that a deployment changes its backend."""
    assert decode_mfa_setup(case["text"]) == setup(SETUPS["written"][case["same_as_written"]]["record"])


@pytest.mark.parametrize("case", named(SETUPS["unreadable"]))
def test_an_enrolment_that_makes_no_sense_is_none(case: dict[str, Any]) -> None:
    """A factor would be enabled without recovery codes, or with a secret that nobody has."""
    assert decode_mfa_setup(case["text"]) is None


def test_an_enrolment_shows_nothing_of_itself() -> None:
    """A log line would hold a secret, and the digests to guess recovery codes by."""
    assert repr(setup(SETUPS["written"][0]["record"])) == "MfaSetupRecord()"
