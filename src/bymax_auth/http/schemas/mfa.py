"""Request and response bodies of the groups ``mfa`` and ``platform_mfa``."""

from typing import Annotated

from pydantic import Field

from bymax_auth.http.schemas.fields import MfaTempToken, ProvenPassword, RequestModel, TotpCode
from bymax_auth.types.wire import WireModel

__all__ = [
    "MfaChallengeRequest",
    "MfaDisableRequest",
    "MfaRegenerateRecoveryCodesRequest",
    "MfaSetupRequest",
    "MfaVerifyRequest",
    "NewRecoveryCodes",
]


class MfaSetupRequest(RequestModel):
    """The password of an account that has one."""

    password: ProvenPassword | None = Field(default=None, repr=False)


class MfaVerifyRequest(RequestModel):
    """The first code of the authenticator app."""

    code: TotpCode = Field(repr=False)


class MfaDisableRequest(RequestModel):
    """A code of the authenticator app."""

    code: TotpCode = Field(repr=False)


class MfaRegenerateRecoveryCodesRequest(RequestModel):
    """A code of the authenticator app."""

    code: TotpCode = Field(repr=False)


class MfaChallengeRequest(RequestModel):
    """A code of the authenticator app, or a recovery code."""

    mfa_temp_token: MfaTempToken | None = Field(default=None, repr=False)
    code: Annotated[
        str,
        Field(
            min_length=1,
            max_length=128,
            repr=False,
            json_schema_extra={
                "writeOnly": True,
                "description": "Six digits of the app, or a recovery code, with or without its hyphens.",
            },
        ),
    ]


class NewRecoveryCodes(WireModel):
    """Recovery codes, shown this once; earlier ones are void."""

    recovery_codes: tuple[str, ...] = Field(repr=False)
