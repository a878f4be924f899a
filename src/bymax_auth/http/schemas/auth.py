"""Request bodies of the group ``auth``, and the one that carries a refresh token."""

from pydantic import BaseModel, Field

from bymax_auth.http.schemas.fields import (
    DisplayName,
    Email,
    NewPassword,
    OpaqueToken,
    ProvenPassword,
    RefreshTokenText,
    RequestModel,
    TenantId,
    VerificationOtp,
)

__all__ = [
    "LoginRequest",
    "ProfiledRequest",
    "RefreshRequest",
    "RegisterRequest",
    "RequiredRefreshRequest",
    "ResendVerificationRequest",
    "VerifyEmailRequest",
]


class ProfiledRequest(RequestModel):
    """A body that creates an account; where the engine has a profile model, it has the field `profile`."""

    @property
    def given_profile(self) -> BaseModel | None:
        """The profile, ``None`` where the engine has no model."""
        return getattr(self, "profile", None)


class RegisterRequest(ProfiledRequest):
    """A new account."""

    email: Email
    password: NewPassword = Field(repr=False)
    name: DisplayName
    tenant_id: TenantId | None = None


class LoginRequest(RequestModel):
    """A sign-in with a password."""

    email: Email
    password: ProvenPassword = Field(repr=False)
    tenant_id: TenantId | None = None


class RefreshRequest(RequestModel):
    """A refresh token that travels in the body; an empty one is none."""

    refresh_token: RefreshTokenText | None = Field(default=None, repr=False)


class RequiredRefreshRequest(RequestModel):
    """A refresh token that only the body can carry."""

    refresh_token: OpaqueToken = Field(repr=False)


class VerifyEmailRequest(RequestModel):
    """The code that proves an address."""

    email: Email
    otp: VerificationOtp = Field(repr=False)
    tenant_id: TenantId | None = None


class ResendVerificationRequest(RequestModel):
    """A request for another verification code."""

    email: Email
    tenant_id: TenantId | None = None
