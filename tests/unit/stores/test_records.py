"""The bytes of stored records are exactly those that a sibling backend reads and writes."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.ports.invitations import StoredInvitation
from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.ports.one_time import (
    EMAIL_CHANGE,
    OAUTH_FORM_USER,
    OAUTH_LINK,
    OAUTH_STATE,
    PASSWORD_RESET,
    PROOF_GENERATION,
    EmailChangeContext,
    OAuthFormUser,
    OAuthLinkState,
    OAuthState,
    ProofGeneration,
    ResetContext,
)
from bymax_auth.ports.ws_tickets import WS_TICKET, WsTicketSnapshot
from bymax_auth.stores.proof_records import decode_proof, encode_proof
from bymax_auth.stores.records import (
    decode_invitation,
    decode_mfa_setup,
    decode_session_detail,
    decode_session_record,
    encode_invitation,
    encode_mfa_setup,
    encode_session_detail,
    encode_session_record,
    session_created_at,
    stand_in_detail,
)
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import SessionDetail, SessionRecord

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "conformance" / "stored-records.json").read_text("utf-8")
)
SESSIONS, DETAILS, RESETS, CHANGES = (
    VECTORS[key] for key in ("session_records", "session_details", "reset_contexts", "email_change_contexts")
)
SETUPS = VECTORS["mfa_setups"]
TICKETS: dict[str, Any] = VECTORS["ws_tickets"]
INVITATIONS = VECTORS["invitations"]
OAUTH_STATES: dict[str, Any] = VECTORS["oauth_states"]
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
    latest = replace(session(SESSIONS["written"][0]["record"]), device=DETAIL.device, ip=DETAIL.ip)
    text = encode_session_detail(latest, DETAIL.created_at)
    assert text == DETAILS["written"]["text"]
    assert len(text.encode()) == DETAILS["written"]["bytes"]
    assert decode_session_detail("h", text) == DETAIL


@pytest.mark.parametrize("case", named(DETAILS["unreadable"]))
def test_a_detail_that_makes_no_sense_is_none(case: dict[str, Any]) -> None:
    """One damaged row must not break the whole list."""
    assert decode_session_detail("h", case["text"]) is None
    record = session(SESSIONS["written"][0]["record"])
    assert session_created_at(case["text"], record) == record.created_at


def test_a_rotated_session_keeps_its_beginning_beside_its_latest_activity() -> None:
    """The list says since when a device is signed in, and the oldest session is evicted first."""
    latest = session(SESSIONS["written"][0]["record"])
    began = latest.created_at - timedelta(hours=1)
    text = encode_session_detail(latest, began)
    shown = decode_session_detail("h", text)
    assert shown is not None
    assert (shown.created_at, shown.last_activity_at) == (began, latest.created_at)
    assert session_created_at(text, latest) == began
    assert session_created_at(None, latest) == latest.created_at


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


@pytest.mark.parametrize("case", named(CHANGES["written"]))
def test_an_email_change_context_is_written_byte_for_byte_and_read_back(case: dict[str, Any]) -> None:
    """A link that one backend mailed must work in another."""
    context = EmailChangeContext(
        user_id="u1",
        new_email="new@example.com",
        tenant_id="tenant-a",
        password_fingerprint=case["password_fingerprint"],
        generation=case["generation"],
    )
    assert encode_proof(EMAIL_CHANGE, context) == case["text"]
    assert len(case["text"].encode()) == case["bytes"]
    assert decode_proof(EMAIL_CHANGE, case["text"]) == context


@pytest.mark.parametrize("case", named(CHANGES["unreadable"]))
def test_an_email_change_context_that_makes_no_sense_is_none(case: dict[str, Any]) -> None:
    """A damaged record must not move anybody's account to another mailbox."""
    assert decode_proof(EMAIL_CHANGE, case["text"]) is None


def test_an_email_change_context_shows_no_address() -> None:
    """A log line of a failure must not tell who moves where."""
    context = EmailChangeContext(
        user_id="u1", new_email="new@example.com", tenant_id="t", password_fingerprint="f" * 64
    )
    assert "new@example.com" not in repr(context)
    assert "f" * 64 not in repr(context)


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


@pytest.mark.parametrize("case", INVITATIONS["written"])
def test_an_invitation_is_written_byte_for_byte_and_read_back(case: dict[str, Any]) -> None:
    """A link that one backend mailed is opened at another."""
    created_at = datetime.fromisoformat(case["created_at"])
    fields = {name: case[name] for name in ("email", "role", "tenant_id", "inviter_user_id")}
    invitation = StoredInvitation(**fields, created_at=created_at)
    assert encode_invitation(invitation) == case["text"]
    assert decode_invitation(case["text"]) == invitation
    assert case["email"] not in repr(invitation)


@pytest.mark.parametrize("case", named(INVITATIONS["unreadable"]))
def test_an_invitation_that_makes_no_sense_is_none(case: dict[str, Any]) -> None:
    """An account would be created without a role, or in no tenant."""
    assert decode_invitation(case["text"]) is None


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


@pytest.mark.parametrize("case", named(TICKETS["written"]))
def test_a_ticket_is_written_byte_for_byte_and_read_back(case: dict[str, Any]) -> None:
    """A ticket that one backend issues opens a socket at another."""
    snapshot = WsTicketSnapshot(**case["snapshot"])
    assert encode_proof(WS_TICKET, snapshot) == case["text"]
    assert decode_proof(WS_TICKET, case["text"]) == snapshot


@pytest.mark.parametrize("case", named(TICKETS["unreadable"]))
def test_a_ticket_that_makes_no_sense_is_none(case: dict[str, Any]) -> None:
    """A damaged record must not open a socket, nor skip a check."""
    assert decode_proof(WS_TICKET, case["text"]) is None


def test_the_state_of_a_sign_in_is_written_byte_for_byte_and_read_back() -> None:
    """A browser that one backend sends to the provider may come back to another."""
    state = OAuthState(provider="google", tenant_id="tenant-ä", code_verifier="AAECAwQF")
    text = encode_proof(OAUTH_STATE, state)
    assert text == OAUTH_STATES["written"]["text"]
    assert len(text.encode()) == OAUTH_STATES["written"]["bytes"]
    assert decode_proof(OAUTH_STATE, text) == state
    assert "AAECAwQF" not in repr(state)


@pytest.mark.parametrize("case", named(OAUTH_STATES["unreadable"]))
def test_a_state_that_makes_no_sense_is_none(case: dict[str, Any]) -> None:
    """A state that is bound to no provider would accept the answer of any."""
    assert decode_proof(OAUTH_STATE, case["text"]) is None


LINK = OAuthLinkState(
    provider="google",
    tenant_id="tenant-ä",
    code_verifier="AAECAwQF",
    user_id="u1",
    login="5f0c",
    epoch=7,
    password_fingerprint="",
)


def test_the_state_of_a_link_is_read_back_and_shows_no_secret() -> None:
    """A browser that one process sends to the provider may come back to another."""
    assert decode_proof(OAUTH_LINK, encode_proof(OAUTH_LINK, LINK)) == LINK
    assert "AAECAwQF" not in repr(LINK)
    assert "5f0c" not in repr(LINK)


@pytest.mark.parametrize("name", json.loads(encode_proof(OAUTH_LINK, LINK)))
def test_a_state_of_a_link_that_lacks_something_is_none(name: str) -> None:
    """A state that names no login would add an identity after its owner has signed out."""
    members = json.loads(encode_proof(OAUTH_LINK, LINK))
    for wrong in (None, True, []):
        assert decode_proof(OAUTH_LINK, json.dumps({**members, name: wrong})) is None
    del members[name]
    assert decode_proof(OAUTH_LINK, json.dumps(members)) is None


def test_what_a_form_said_is_read_back_and_shown_to_nobody() -> None:
    """A person's name would be lost on the way, or stand in a log."""
    said = OAuthFormUser('{"name":{"firstName":"Ádá"}}')
    assert decode_proof(OAUTH_FORM_USER, encode_proof(OAUTH_FORM_USER, said)) == said
    assert decode_proof(OAUTH_FORM_USER, '{"user":1}') is None
    assert "Ádá" not in repr(said)
