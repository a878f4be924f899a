"""
Encoding and decoding of the records of sessions, invitations and enrolments, for all stores.

An encoder writes compact JSON with its fields in a fixed order, and leaves out absent optional fields.  A
decoder accepts a JSON object, ignores unknown fields, checks types exactly, and returns ``None`` for anything
else; each store decides what ``None`` means.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from bymax_auth.ports.invitations import StoredInvitation
from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.stores.json_objects import filled, members_of, object_text
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import SessionDetail, SessionRecord
from bymax_auth.types.wire import as_utc, rfc3339

__all__ = [
    "decode_invitation",
    "decode_mfa_setup",
    "decode_session_detail",
    "decode_session_record",
    "encode_invitation",
    "encode_mfa_setup",
    "encode_session_detail",
    "encode_session_record",
    "from_unix_milliseconds",
    "session_created_at",
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
    fields["createdAt"] = rfc3339(record.created_at)
    fields["mfaEnabled"] = record.mfa_enabled
    if record.family_id is not None:
        fields["familyId"] = record.family_id
    if record.family_created_at is not None:
        fields["familyCreatedAt"] = rfc3339(record.family_created_at)
    return object_text(fields)


def decode_session_record(text: str, realm: Realm) -> SessionRecord | None:
    """
    Return the session in `text`, ``None`` when it is unreadable.

    A dashboard session without a tenant could be neither used nor revoked, so it is unreadable;
    a platform session has no tenant whatever the record says.  A missing `mfaEnabled` does not
    default to false: that would bypass the second factor.  A creation time of the family that does not
    parse makes the record unreadable: without it the session would have no absolute lifetime.
    """
    fields = members_of(text)
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


def encode_session_detail(record: SessionRecord, session_created_at: datetime) -> str:
    """
    Return what a store keeps of a session for its owner to see; the hash is the key.

    `record` is the latest one, whose time is that of the last activity.
    """
    return object_text(
        {
            "device": record.device,
            "ip": record.ip,
            "createdAt": unix_milliseconds(session_created_at),
            "lastActivityAt": unix_milliseconds(record.created_at),
        }
    )


def decode_session_detail(session_hash: str, text: str) -> SessionDetail | None:
    """Return the detail in `text`, ``None`` when it is unreadable."""
    read = _detail_values(text)
    if read is None:
        return None
    device, ip, created_at, last_activity_at = read
    return SessionDetail(
        session_hash=session_hash,
        device=device,
        ip=ip,
        created_at=created_at,
        last_activity_at=last_activity_at,
    )


def session_created_at(detail: str | None, record: SessionRecord) -> datetime:
    """Return when a session began: as its stored detail says, or its record where that is unreadable."""
    read = None if detail is None else _detail_values(detail)
    return record.created_at if read is None else read[2]


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


def encode_invitation(invitation: StoredInvitation) -> str:
    """Return what a store keeps of an invitation."""
    return object_text(
        {
            "email": invitation.email,
            "role": invitation.role,
            "tenantId": invitation.tenant_id,
            "inviterUserId": invitation.inviter_user_id,
            "createdAt": rfc3339(invitation.created_at),
        }
    )


def decode_invitation(text: str) -> StoredInvitation | None:
    """Return the invitation in `text`, ``None`` when it is unreadable; an empty field is a missing one."""
    fields = members_of(text)
    names = ("email", "role", "tenantId", "inviterUserId")
    email, role, tenant_id, inviter_user_id = (filled(fields.get(name)) for name in names)
    created_at = _instant(fields.get("createdAt"))
    if email is None or role is None or tenant_id is None or inviter_user_id is None or created_at is None:
        return None
    return StoredInvitation(
        email=email,
        role=role,
        tenant_id=tenant_id,
        inviter_user_id=inviter_user_id,
        created_at=created_at,
    )


def encode_mfa_setup(record: MfaSetupRecord) -> str:
    """Return what a store keeps of a pending enrolment."""
    return object_text(
        {
            "encryptedSecret": record.encrypted_secret,
            "hashedCodes": record.recovery_codes,
            "encryptedPlainCodes": record.encrypted_codes,
        }
    )


def decode_mfa_setup(text: str) -> MfaSetupRecord | None:
    """Return the pending enrolment in `text`, ``None`` when it is unreadable."""
    fields = members_of(text)
    secret, codes = fields.get("encryptedSecret"), fields.get("encryptedPlainCodes")
    digests = _texts(fields.get("hashedCodes"))
    if not (isinstance(secret, str) and isinstance(codes, str)) or digests is None:
        return None
    return MfaSetupRecord(encrypted_secret=secret, recovery_codes=digests, encrypted_codes=codes)


def _detail_values(text: str) -> tuple[str, str, datetime, datetime] | None:
    fields = members_of(text)
    device, ip = fields.get("device"), fields.get("ip")
    created, active = fields.get("createdAt"), fields.get("lastActivityAt")
    if not (isinstance(device, str) and isinstance(ip, str) and type(created) is int and type(active) is int):
        return None
    try:
        return device, ip, from_unix_milliseconds(created), from_unix_milliseconds(active)
    except OverflowError:
        return None


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
        return as_utc(datetime.fromisoformat(value.upper()))
    except (ValueError, OverflowError):
        return None
