"""How long each field of a request may be, in code points: part of the wire contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = ["FIELD_BOUNDS", "FieldBound"]


@dataclass(frozen=True, slots=True)
class FieldBound:
    """The least and the greatest length of a field, both allowed."""

    minimum: int
    maximum: int


FIELD_BOUNDS: Final[Mapping[str, FieldBound]] = MappingProxyType(
    {
        "email": FieldBound(1, 255),
        "newPassword": FieldBound(8, 128),
        "provenPassword": FieldBound(1, 128),
        "tenantId": FieldBound(1, 128),
        "displayName": FieldBound(2, 128),
        "invitationDisplayName": FieldBound(2, 100),
        "singleUseToken": FieldBound(64, 64),
        "resetOtp": FieldBound(4, 8),
        "verificationOtp": FieldBound(6, 6),
        "totpCode": FieldBound(6, 6),
        "role": FieldBound(1, 64),
        "opaqueToken": FieldBound(1, 2048),
    }
)
"""The bound of each kind of field; names are the contract's."""
