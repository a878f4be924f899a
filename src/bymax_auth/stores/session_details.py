"""What the owner of a session sees of it, as every store writes and reads it."""

from dataclasses import replace
from typing import Final

from bymax_auth.stores.records import (
    decode_session_detail,
    decode_session_record,
    stand_in_detail,
)
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import SessionDetail

__all__ = ["HANDLED_AT_ONCE", "listed_detail"]

HANDLED_AT_ONCE: Final = 1_000
"""
How many sessions of one account a step lists or evicts, so that others do not wait for it.

Only an account that signed in without a limit on sessions has more.
"""


def listed_detail(
    realm: Realm, session_hash: str, record: str | None, detail: str | None
) -> SessionDetail | None:
    """Return a session's detail, or one made from its record; ``None`` when it has neither."""
    if record is None:
        return None
    session = decode_session_record(record, realm)
    if detail is not None and (readable := decode_session_detail(session_hash, detail)) is not None:
        return readable if session is None else replace(readable, family_id=session.family_id)
    return None if session is None else stand_in_detail(session_hash, session)
