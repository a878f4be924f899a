"""Request and response bodies of the group ``password_reset``."""

from typing import Annotated

from pydantic import ConfigDict, Field

from bymax_auth.http.schemas.fields import (
    Email,
    NewPassword,
    OpaqueToken,
    ProvenPassword,
    RequestModel,
    ResetOtp,
    SingleUseToken,
    TenantId,
)
from bymax_auth.types.wire import WireModel

__all__ = [
    "ChangePasswordRequest",
    "ForgotPasswordRequest",
    "ResendOtpRequest",
    "ResetMailAccepted",
    "ResetPasswordRequest",
    "VerifiedToken",
    "VerifyOtpRequest",
]


class ForgotPasswordRequest(RequestModel):
    """A request for a way to set a new password."""

    email: Email
    tenant_id: TenantId | None = None


class ResendOtpRequest(RequestModel):
    """A request for another reset mail."""

    email: Email
    tenant_id: TenantId | None = None


class ResetPasswordRequest(RequestModel):
    """A new password, with one proof that the mailbox is the caller's."""

    email: Email
    new_password: NewPassword = Field(repr=False)
    token: OpaqueToken | None = Field(default=None, repr=False)
    otp: ResetOtp | None = Field(default=None, repr=False)
    verified_token: SingleUseToken | None = Field(default=None, repr=False)
    tenant_id: TenantId | None = None


class VerifyOtpRequest(RequestModel):
    """A reset code to exchange for a token."""

    email: Email
    otp: ResetOtp = Field(repr=False)
    tenant_id: TenantId | None = None


class ChangePasswordRequest(RequestModel):
    """A new password, with the current one; the refresh token names the session to keep."""

    current_password: ProvenPassword = Field(repr=False)
    new_password: NewPassword = Field(repr=False)
    refresh_token: OpaqueToken | None = Field(default=None, repr=False)


class ResetMailAccepted(WireModel):
    """Nothing: whether a mail is sent is not the caller's to know."""

    model_config = ConfigDict(json_schema_extra={"maxProperties": 0})


class VerifiedToken(WireModel):
    """A token that sets a new password."""

    verified_token: Annotated[str, Field(min_length=64, max_length=64, repr=False)]
