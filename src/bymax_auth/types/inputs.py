"""The inputs of flows.  Passwords and codes are left out of each ``repr``."""

from dataclasses import dataclass, field

from pydantic import BaseModel

__all__ = [
    "AcceptInvitationInput",
    "ForgotPasswordInput",
    "LoginInput",
    "RegisterInput",
    "ResendResetOtpInput",
    "ResetPasswordInput",
    "VerifyResetOtpInput",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterInput:
    """A new account; `profile` is an instance of the engine's profile model, where it has one."""

    email: str
    name: str
    password: str = field(repr=False)
    tenant_id: str | None = None
    profile: BaseModel | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitationInput:
    """A new account from an invitation; `profile` is as in `RegisterInput`."""

    token: str = field(repr=False)
    name: str
    password: str = field(repr=False)
    profile: BaseModel | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginInput:
    """A sign-in with a password."""

    email: str
    password: str = field(repr=False)
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgotPasswordInput:
    """A request for a password-reset link or code."""

    email: str
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendResetOtpInput:
    """A request for another password-reset link or code."""

    email: str
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResetOtpInput:
    """A reset code to exchange for a verified token."""

    email: str
    otp: str = field(repr=False)
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPasswordInput:
    """A new password with exactly one proof: `token`, `otp` or `verified_token`."""

    email: str
    new_password: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    otp: str | None = field(default=None, repr=False)
    verified_token: str | None = field(default=None, repr=False)
    tenant_id: str | None = None
