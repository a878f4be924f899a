"""Request bodies of the group ``invitations``."""

from pydantic import Field

from bymax_auth.http.schemas.auth import ProfiledRequest
from bymax_auth.http.schemas.fields import (
    Email,
    InvitationDisplayName,
    NewPassword,
    RequestModel,
    RoleName,
    SingleUseToken,
    TenantName,
)

__all__ = ["AcceptInvitationRequest", "CreateInvitationRequest", "RevokeInvitationRequest"]


class CreateInvitationRequest(RequestModel):
    """An address to invite into the caller's tenant, with the role that its account will have."""

    email: Email
    role: RoleName
    tenant_name: TenantName | None = None


class AcceptInvitationRequest(ProfiledRequest):
    """A new account, from an invitation that names its address, its role and its tenant."""

    token: SingleUseToken = Field(repr=False)
    name: InvitationDisplayName
    password: NewPassword = Field(repr=False)


class RevokeInvitationRequest(RequestModel):
    """The address whose invitation is withdrawn."""

    email: Email
