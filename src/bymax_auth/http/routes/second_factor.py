"""The routes with which a signed-in account manages its second factor, the same in both realms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from bymax_auth.engine import AuthEngine
from bymax_auth.engine.flow_records import RealmFlows
from bymax_auth.errors import (
    AccountLocked,
    AuthError,
    InvalidCredentials,
    MfaAlreadyEnabled,
    MfaInvalidCode,
    MfaNotEnabled,
    MfaSetupRequired,
    MfaStateConflict,
    Overloaded,
    ReauthenticationRequired,
    TokenInvalid,
    TooManyRequests,
)
from bymax_auth.http.asgi import Response, empty_response, json_response
from bymax_auth.http.delivery import json_of
from bymax_auth.http.routes.access import BLOCKED, Access
from bymax_auth.http.routes.answers import Empty, Json
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import Credentials
from bymax_auth.http.routes.spec import AnyRoute, RouteGroup, RouteSpec
from bymax_auth.http.schemas.mfa import (
    MfaDisableRequest,
    MfaRegenerateRecoveryCodesRequest,
    MfaSetupRequest,
    MfaVerifyRequest,
    NewRecoveryCodes,
)
from bymax_auth.types.claims import DashboardClaims, PlatformClaims
from bymax_auth.types.results import MfaSetupResult

__all__ = ["CODE_REFUSALS", "FactorRealm", "management_routes"]

ClaimsT = TypeVar("ClaimsT", DashboardClaims, PlatformClaims)

_NO_CONTENT: Final = empty_response(204)

CODE_REFUSALS: Final[tuple[type[AuthError], ...]] = (
    MfaInvalidCode,
    MfaStateConflict,
    AccountLocked,
    TooManyRequests,
    *BLOCKED,
)
"""The refusals of every flow that checks a code."""

_OF_AN_ENABLED_FACTOR: Final[tuple[type[AuthError], ...]] = (MfaNotEnabled, TokenInvalid, *CODE_REFUSALS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRealm(Generic[ClaimsT]):
    """
    One realm's routes: what differs from the other's.

    `prefix` begins the names of its routes; `below` begins their paths.
    """

    group: RouteGroup
    prefix: str
    below: str
    access: Access[ClaimsT]
    credentials: Credentials
    flows: Callable[[AuthEngine], RealmFlows]
    tenant_of: Callable[[ClaimsT], str | None]

    async def set_up(self, call: Call[ClaimsT, MfaSetupRequest]) -> Response:
        """Begin an enrolment."""
        begun = await self.flows(call.engine).mfa_setup(
            call.claims.sub, tenant_id=self.tenant_of(call.claims), password=call.body.password
        )
        return json_response(201, json_of(begun))

    async def enable(self, call: Call[ClaimsT, MfaVerifyRequest]) -> Response:
        """Confirm an enrolment."""
        await self.flows(call.engine).mfa_verify_enable(
            call.claims.sub, call.body.code, tenant_id=self.tenant_of(call.claims), context=call.context
        )
        return _NO_CONTENT

    async def disable(self, call: Call[ClaimsT, MfaDisableRequest]) -> Response:
        """Remove the second factor."""
        await self.flows(call.engine).mfa_disable(
            call.claims.sub, call.body.code, tenant_id=self.tenant_of(call.claims), context=call.context
        )
        return _NO_CONTENT

    async def regenerate(self, call: Call[ClaimsT, MfaRegenerateRecoveryCodesRequest]) -> Response:
        """Replace the recovery codes."""
        codes = await self.flows(call.engine).mfa_recovery_codes(
            call.claims.sub, call.body.code, tenant_id=self.tenant_of(call.claims), context=call.context
        )
        return json_response(200, json_of(NewRecoveryCodes(recovery_codes=codes)))


def management_routes(realm: FactorRealm[ClaimsT]) -> tuple[AnyRoute, AnyRoute, AnyRoute, AnyRoute]:
    """Return the routes of one realm: set up, enable, disable, new recovery codes."""
    return (*_enrolment_routes(realm), *_enabled_routes(realm))


def _enrolment_routes(realm: FactorRealm[ClaimsT]) -> tuple[AnyRoute, AnyRoute]:
    setup = RouteSpec(
        name=f"{realm.prefix}mfa_setup",
        group=realm.group,
        method="POST",
        path=f"{realm.below}/mfa/setup",
        access=realm.access,
        credentials=realm.credentials,
        body=MfaSetupRequest,
        body_mode="optional_json",
        limit=lambda limits: limits.mfa_setup,
        success=201,
        handler=realm.set_up,
        answer=Json("What to enter into an authenticator app, and the recovery codes.", MfaSetupResult),
        refusals=(
            MfaAlreadyEnabled,
            MfaNotEnabled,
            InvalidCredentials,
            AccountLocked,
            TooManyRequests,
            ReauthenticationRequired,
            MfaStateConflict,
            Overloaded,
            *BLOCKED,
        ),
        summary="Begin to add a second factor",
        description="An account with a password sends it; one without must have signed in within the last "
        "five minutes. Until a code confirms the enrolment, and for ten minutes at most, every call answers "
        "the same secret and codes.",
        key=f"{realm.prefix}mfa_setup".upper(),
        member="setup",
    )
    verify_enable = RouteSpec(
        name=f"{realm.prefix}mfa_verify_enable",
        group=realm.group,
        method="POST",
        path=f"{realm.below}/mfa/verify-enable",
        access=realm.access,
        credentials=realm.credentials,
        body=MfaVerifyRequest,
        body_mode="json",
        limit=lambda limits: limits.mfa_verify_enable,
        success=204,
        handler=realm.enable,
        answer=Empty("The second factor is enabled."),
        refusals=(MfaAlreadyEnabled, MfaNotEnabled, MfaSetupRequired, *CODE_REFUSALS),
        summary="Confirm the second factor with a code of the app",
        description="Every session ends, the caller's too: sign in again, with another code.",
        key=f"{realm.prefix}mfa_verify_enable".upper(),
        member="verifyEnable",
    )
    return setup, verify_enable


def _enabled_routes(realm: FactorRealm[ClaimsT]) -> tuple[AnyRoute, AnyRoute]:
    disable = RouteSpec(
        name=f"{realm.prefix}mfa_disable",
        group=realm.group,
        method="POST",
        path=f"{realm.below}/mfa/disable",
        access=realm.access,
        credentials=realm.credentials,
        body=MfaDisableRequest,
        body_mode="json",
        limit=lambda limits: limits.mfa_disable,
        success=204,
        handler=realm.disable,
        answer=Empty("The second factor is removed."),
        refusals=_OF_AN_ENABLED_FACTOR,
        summary="Remove the second factor",
        description="Takes a code of the app; a recovery code is wrong here. Every session ends, the "
        "caller's too.",
        key=f"{realm.prefix}mfa_disable".upper(),
        member="disable",
    )
    recovery_codes = RouteSpec(
        name=f"{realm.prefix}mfa_recovery_codes",
        group=realm.group,
        method="POST",
        path=f"{realm.below}/mfa/recovery-codes",
        access=realm.access,
        credentials=realm.credentials,
        body=MfaRegenerateRecoveryCodesRequest,
        body_mode="json",
        limit=lambda limits: limits.mfa_disable,
        success=200,
        handler=realm.regenerate,
        answer=Json("The new codes.", NewRecoveryCodes),
        refusals=_OF_AN_ENABLED_FACTOR,
        summary="Replace the recovery codes",
        description="Takes a code of the app; a recovery code is wrong here. Earlier recovery codes are "
        "void, and sessions go on. The new ones are shown this once.",
        key=f"{realm.prefix}mfa_recovery_codes".upper(),
        member="recoveryCodes",
    )
    return disable, recovery_codes
