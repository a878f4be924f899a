"""
One instance of each model, as the server's own serialiser writes it.

The compiler of TypeScript checks them against the types.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, get_args

from pydantic import TypeAdapter

from bymax_auth.codegen.declarations import Declaration, literal
from bymax_auth.errors import FieldError
from bymax_auth.http.schemas.mfa import NewRecoveryCodes
from bymax_auth.http.schemas.password_reset import VerifiedToken
from bymax_auth.http.schemas.ws_ticket import IssuedWsTicket
from bymax_auth.types.account import SafeAuthPlatformUser, SafeAuthUser
from bymax_auth.types.claims import DashboardClaims, MfaTempClaims, PlatformClaims
from bymax_auth.types.results import (
    AuthResult,
    IdentityInfo,
    MfaChallengeResult,
    MfaSetupResult,
    PlatformAuthResult,
    RotatedTokens,
)
from bymax_auth.types.session import ActiveSessionInfo

__all__ = ["fixtures"]

_NOW: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_ID: Final = "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f"

(_TYPE_OF_CHALLENGES,) = get_args(MfaTempClaims.model_fields["type"].annotation)

_USER: Final = SafeAuthUser(
    id="u_1",
    email="ada@example.com",
    name="Ada",
    role="member",
    status="ACTIVE",
    tenant_id="t_1",
    email_verified=True,
    mfa_enabled=False,
    oauth_provider=None,
    oauth_provider_id=None,
    last_login_at=None,
    created_at=_NOW,
)
_ADMIN: Final = SafeAuthPlatformUser(
    id="p_1",
    email="root@example.com",
    name="Root",
    role="admin",
    status="ACTIVE",
    mfa_enabled=True,
    platform_id=None,
    last_login_at=_NOW,
    updated_at=_NOW,
    created_at=_NOW,
)
_SAMPLES: Final[tuple[object, ...]] = (
    _USER,
    _ADMIN,
    DashboardClaims(
        sub="u_1",
        jti=_ID,
        tenant_id="t_1",
        role="member",
        type="dashboard",
        status="ACTIVE",
        mfa_enabled=False,
        mfa_verified=False,
        iat=1_700_000_000,
        exp=1_700_000_900,
    ),
    PlatformClaims(
        sub="p_1",
        jti=_ID,
        role="admin",
        type="platform",
        mfa_enabled=True,
        mfa_verified=True,
        iat=1_700_000_000,
        exp=1_700_000_900,
    ),
    MfaTempClaims.model_validate(
        {
            "sub": "u_1",
            "jti": _ID,
            "type": _TYPE_OF_CHALLENGES,
            "context": "dashboard",
            "iat": 1_700_000_000,
            "exp": 1_700_000_300,
        }
    ),
    AuthResult(user=_USER, access_token="an access token", refresh_token="a refresh token"),
    PlatformAuthResult(admin=_ADMIN, access_token="an access token", refresh_token="a refresh token"),
    MfaChallengeResult(mfa_temp_token="a temporary token"),
    RotatedTokens(access_token="an access token", refresh_token="a refresh token"),
    ActiveSessionInfo(
        id="s_1",
        session_hash="0123abcd",
        device="Firefox on Linux",
        ip="192.0.2.1",
        is_current=True,
        created_at=1_700_000_000_000,
        last_activity_at=1_700_000_000_000,
    ),
    IdentityInfo(id="i_1", provider="google", provider_id="1", linked_at=None),
    IssuedWsTicket(ticket="0" * 64, expires_in=30),
    MfaSetupResult(secret="JBSWY3DPEHPK3PXP", qr_code_uri="otpauth://totp/x", recovery_codes=("AAAA-BBBB",)),
    NewRecoveryCodes(recovery_codes=("AAAA-BBBB",)),
    VerifiedToken(verified_token="0" * 64),
    FieldError("email", "must be a valid email address"),
)


def fixtures(declarations: Sequence[Declaration]) -> str:
    """
    Return a constant for each type: a sample in JSON, which the compiler checks against the type.

    Raises:
        KeyError: A declared model has no sample.
    """
    of_model: dict[type[object], object] = {type(sample): sample for sample in _SAMPLES}
    return "\n".join(_fixture(declaration, of_model[declaration.model]) for declaration in declarations)


def _fixture(declaration: Declaration, sample: object) -> str:
    written = TypeAdapter[object](declaration.model).dump_python(
        sample, mode="json", by_alias=True, exclude_none=declaration.omits_null
    )
    name = declaration.name[0].lower() + declaration.name[1:]
    return f"export const {name}: contract.{declaration.name} = {literal(written)};\n"
