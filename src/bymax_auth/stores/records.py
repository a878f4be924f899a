"""
Encoding and decoding of every stored record, for all stores.

An encoder writes compact JSON with its fields in a fixed order, and leaves out absent optional fields.  A
decoder accepts a JSON object, ignores unknown fields, checks types exactly, and returns ``None`` for anything
else; each store decides what ``None`` means.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from pydantic_core import from_json, to_json

from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.ports.one_time import PayloadT, ProofGeneration, ProofKind, ResetContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import SessionDetail, SessionRecord
from bymax_auth.types.wire import as_utc, rfc3339

__all__ = [
    "decode_mfa_setup",
    "decode_proof",
    "decode_session_detail",
    "decode_session_record",
    "encode_mfa_setup",
    "encode_proof",
    "encode_session_detail",
    "encode_session_record",
    "from_unix_milliseconds",
    "stand_in_detail",
    "unix_milliseconds",
]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


# Source: RFC 3339 §5.6 ("date-time"; T and Z may be lower case, the offset is required).
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def unix_milliseconds(instant: datetime) -> int:
    """Return an aware instant as whole milliseconds since 1970, truncated."""
    return (instant - _EPOCH) // _MILLISECOND


def from_unix_milliseconds(count: int) -> datetime:
    """
    Return the instant `count` milliseconds after 1970, in UTC.

    Raises:
        OverflowError: The year is beyond what a `datetime` holds.
    """
    return _EPOCH + timedelta(milliseconds=count)


def encode_session_record(record: SessionRecord) -> str:
    """Return what a store keeps of a session."""
    fields: dict[str, str | bool] = {"userId": record.user_id}
    if record.tenant_id is not None:
        fields["tenantId"] = record.tenant_id
    fields["role"] = record.role
    fields["device"] = record.device
    fields["ip"] = record.ip
    fields["createdAt"] = rfc3339(as_utc(record.created_at))
    fields["mfaEnabled"] = record.mfa_enabled
    if record.family_id is not None:
        fields["familyId"] = record.family_id
    if record.family_created_at is not None:
        fields["familyCreatedAt"] = rfc3339(as_utc(record.family_created_at))
    return _write(fields)


def decode_session_record(text: str, realm: Realm) -> SessionRecord | None:
    """
    Return the session in `text`, ``None`` when it is unreadable.

    A dashboard session without a tenant could be neither used nor revoked, so it is unreadable;
    a platform session has no tenant whatever the record says.  A missing `mfaEnabled` does not
    default to false: that would bypass the second factor.  A creation time of the family that does not
    parse makes the record unreadable: without it the session would have no absolute lifetime.
    """
    fields = _object(text)
    user_id, tenant_id = fields.get("userId"), fields.get("tenantId", "")
    role, device, ip = fields.get("role"), fields.get("device"), fields.get("ip")
    mfa_enabled, family_id = fields.get("mfaEnabled"), fields.get("familyId", "")
    created_at = _instant(fields.get("createdAt"))
    family_created_at = _instant(fields.get("familyCreatedAt"))
    if (
        not (isinstance(user_id, str) and user_id and isinstance(tenant_id, str))
        or not (isinstance(role, str) and isinstance(device, str) and isinstance(ip, str))
        or not (isinstance(mfa_enabled, bool) and isinstance(family_id, str))
        or created_at is None
        or (family_created_at is None and "familyCreatedAt" in fields)
        or (realm is Realm.DASHBOARD and not tenant_id)
    ):
        return None
    return SessionRecord(
        user_id=user_id,
        tenant_id=tenant_id if realm is Realm.DASHBOARD else None,
        role=role,
        device=device,
        ip=ip,
        created_at=created_at,
        mfa_enabled=mfa_enabled,
        family_id=family_id or None,
        family_created_at=family_created_at,
    )


def encode_session_detail(detail: SessionDetail) -> str:
    """Return what a store keeps of a session for its owner to see; the hash is the key."""
    return _write(
        {
            "device": detail.device,
            "ip": detail.ip,
            "createdAt": unix_milliseconds(detail.created_at),
            "lastActivityAt": unix_milliseconds(detail.last_activity_at),
        }
    )


def decode_session_detail(session_hash: str, text: str) -> SessionDetail | None:
    """Return the detail in `text`, ``None`` when it is unreadable."""
    fields = _object(text)
    device, ip = fields.get("device"), fields.get("ip")
    created, active = fields.get("createdAt"), fields.get("lastActivityAt")
    if not (isinstance(device, str) and isinstance(ip, str) and type(created) is int and type(active) is int):
        return None
    try:
        return SessionDetail(
            session_hash=session_hash,
            device=device,
            ip=ip,
            created_at=from_unix_milliseconds(created),
            last_activity_at=from_unix_milliseconds(active),
        )
    except OverflowError:
        return None


def stand_in_detail(session_hash: str, record: SessionRecord) -> SessionDetail:
    """Return the detail of a valid session whose stored detail is unreadable."""
    return SessionDetail(
        session_hash=session_hash,
        device="Unknown Browser on Unknown OS",
        ip="",
        created_at=record.created_at,
        last_activity_at=record.created_at,
        family_id=record.family_id,
    )


def encode_proof(kind: ProofKind[PayloadT], payload: PayloadT) -> str:
    """Return what a store keeps of a proof."""
    write, _ = _PROOFS[kind.payload]
    return write(payload)


def decode_proof(kind: ProofKind[PayloadT], text: str) -> PayloadT | None:
    """Return the payload of a proof, ``None`` when it is unreadable."""
    _, read = _PROOFS[kind.payload]
    return cast("PayloadT | None", read(text))


def encode_mfa_setup(record: MfaSetupRecord) -> str:
    """Return what a store keeps of a pending enrolment."""
    return _write(
        {
            "encryptedSecret": record.encrypted_secret,
            "hashedCodes": record.recovery_codes,
            "encryptedPlainCodes": record.encrypted_codes,
        }
    )


def decode_mfa_setup(text: str) -> MfaSetupRecord | None:
    """Return the pending enrolment in `text`, ``None`` when it is unreadable."""
    fields = _object(text)
    secret, codes = fields.get("encryptedSecret"), fields.get("encryptedPlainCodes")
    digests = _texts(fields.get("hashedCodes"))
    if not (isinstance(secret, str) and isinstance(codes, str)) or digests is None:
        return None
    return MfaSetupRecord(encrypted_secret=secret, recovery_codes=digests, encrypted_codes=codes)


def _encode_reset_context(context: ResetContext) -> str:
    fields = {"userId": context.user_id, "email": context.email, "tenantId": context.tenant_id}
    if context.password_fingerprint is not None:
        fields["passwordFingerprint"] = context.password_fingerprint
    if context.generation is not None:
        fields["generation"] = context.generation
    return _write(fields)


def _decode_reset_context(text: str) -> ResetContext | None:
    fields = _object(text)
    user_id, email, tenant_id = fields.get("userId"), fields.get("email"), fields.get("tenantId")
    fingerprint = fields.get("passwordFingerprint")
    if not (isinstance(user_id, str) and isinstance(email, str) and isinstance(tenant_id, str)):
        return None
    generation = fields.get("generation")
    if not isinstance(fingerprint, str) and "passwordFingerprint" in fields:
        return None
    if not isinstance(generation, str) and "generation" in fields:
        return None
    return ResetContext(
        user_id=user_id,
        email=email,
        tenant_id=tenant_id,
        password_fingerprint=cast("str | None", fingerprint),
        generation=cast("str | None", generation),
    )


def _encode_generation(payload: ProofGeneration) -> str:
    return _write({"generation": payload.generation})


def _decode_generation(text: str) -> ProofGeneration | None:
    generation = _object(text).get("generation")
    return ProofGeneration(generation) if isinstance(generation, str) else None


_PROOFS: Final[Mapping[type[Any], tuple[Callable[[Any], str], Callable[[str], Any]]]] = {
    ProofGeneration: (_encode_generation, _decode_generation),
    ResetContext: (_encode_reset_context, _decode_reset_context),
}


def _write(fields: Mapping[str, object]) -> str:
    """Return a compact JSON object, with non-ASCII characters unescaped."""
    return to_json(fields).decode()


def _object(text: str) -> Mapping[str, object]:
    """
    Return the members of a JSON object, and none for anything else, so that every required field is missing.

    An escaped lone surrogate is invalid JSON here, so no hash is derived from such a text.
    """
    try:
        value: object = from_json(text)
    except (TypeError, ValueError):
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _texts(value: object) -> tuple[str, ...] | None:
    """Return the texts of a JSON array, ``None`` for anything else."""
    if not isinstance(value, list):
        return None
    members = cast("list[object]", value)
    texts = tuple(member for member in members if isinstance(member, str))
    return texts if len(texts) == len(members) else None


def _instant(value: object) -> datetime | None:
    """Return the instant in UTC; a time without an offset is not an instant."""
    if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
        return None
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
