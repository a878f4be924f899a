"""Request bodies of the group ``platform``."""

from pydantic import Field

from bymax_auth.http.schemas.fields import Email, ProvenPassword, RequestModel

__all__ = ["PlatformLoginRequest"]


class PlatformLoginRequest(RequestModel):
    """A sign-in of an administrator, who belongs to no tenant."""

    email: Email
    password: ProvenPassword = Field(repr=False)
