"""Request bodies of the group ``email_change``."""

from pydantic import Field

from bymax_auth.http.schemas.fields import Email, ProvenPassword, RequestModel, SingleUseToken

__all__ = ["ChangeEmailRequest", "ConfirmEmailChangeRequest"]


class ChangeEmailRequest(RequestModel):
    """A new address, with the current password."""

    new_email: Email
    current_password: ProvenPassword = Field(repr=False)


class ConfirmEmailChangeRequest(RequestModel):
    """The token that was mailed to the new address."""

    token: SingleUseToken = Field(repr=False)
