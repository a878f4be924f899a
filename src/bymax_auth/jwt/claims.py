"""
Validation of the claims of each token type.

The parsed payload is checked by exact Python type, because ``True``, ``1.0`` and ``"1"`` are not the
number one; a claims model is built only from a payload that passed.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeGuard

from bymax_auth.types.claims import DashboardClaims, MfaTempClaims, PlatformClaims
from bymax_auth.types.extra_claims import freeze_extra_claims

__all__ = ["MAX_ID_LENGTH", "UUID_V4", "Claims", "TokenType", "is_time", "read"]

TokenType = Literal["dashboard", "platform", "mfa_challenge"]
"""The type of a token: the value of its ``type`` claim."""

Claims = DashboardClaims | PlatformClaims | MfaTempClaims
"""The claims of any token type."""

MAX_ID_LENGTH: Final = 256
UUID_V4: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

_Payload = dict[str, object]

_MAX_INTEGER: Final = 2**53 - 1  # exact in every implementation, also where numbers are doubles
_is_uuid_v4: Final = re.compile(UUID_V4).fullmatch

_MODELS: Final[Mapping[TokenType, type[Claims]]] = {
    "dashboard": DashboardClaims,
    "platform": PlatformClaims,
    "mfa_challenge": MfaTempClaims,
}


def read(payload: _Payload, expected: TokenType) -> Claims | None:
    """
    Return the claims of a token of the expected type, without unknown claims.

    Returns:
        None when `payload` is of another type, lacks a claim, or has a claim of another form.
    """
    try:
        complete = (
            payload["type"] == expected
            and _is_identified(payload)
            and (_is_mfa_temp(payload) if expected == "mfa_challenge" else _is_session(payload))
            and (expected != "dashboard" or _is_dashboard(payload))
        )
        if complete and expected == "dashboard" and "ext" in payload:
            payload = payload | {"ext": freeze_extra_claims(payload["ext"])}
    except (KeyError, ValueError):
        return None
    if not complete:
        return None
    # `by_name=False`: an unknown claim named ``tenant_id`` must not be used as the tenant.
    return _MODELS[expected].model_validate(payload, by_name=False)


def is_time(value: object) -> TypeGuard[int]:
    """Return whether `value` is a point in time as tokens state it: whole seconds, exact everywhere."""
    return type(value) is int and -_MAX_INTEGER <= value <= _MAX_INTEGER


def _is_identified(payload: _Payload) -> bool:
    """Check the claims of every token type: subject, id, times, epoch, issuer and audience."""
    return (
        _is_id(payload["sub"])
        and type(jti := payload["jti"]) is str
        and _is_uuid_v4(jti) is not None
        and is_time(payload["iat"])
        and is_time(payload["exp"])
        and type(epoch := payload.get("epoch", 0)) is int
        and 0 <= epoch <= _MAX_INTEGER
        and ((iss := payload.get("iss")) is None or type(iss) is str)
        and ((aud := payload.get("aud")) is None or type(aud) is str)
    )


def _is_session(payload: _Payload) -> bool:
    return (
        type(payload["role"]) is str
        and type(payload["mfaEnabled"]) is bool
        and type(payload["mfaVerified"]) is bool
    )


def _is_dashboard(payload: _Payload) -> bool:
    return _is_id(payload["tenantId"]) and type(payload["status"]) is str


def _is_mfa_temp(payload: _Payload) -> bool:
    match payload["context"]:
        case "dashboard":
            return _is_id(payload["tenantId"])
        case "platform":
            return "tenantId" not in payload
        case _:
            return False


def _is_id(value: object) -> bool:
    return type(value) is str and 1 <= len(value) <= MAX_ID_LENGTH
