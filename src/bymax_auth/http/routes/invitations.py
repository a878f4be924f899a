"""Routes of the group ``invitations``: invite an address, accept and revoke an invitation."""

from typing import Final

from bymax_auth.errors import (
    EmailAlreadyExists,
    InsufficientRole,
    InvalidInvitationToken,
    Overloaded,
    PasswordCompromised,
)
from bymax_auth.http.asgi import Response, empty_response
from bymax_auth.http.routes.access import ACTIVE, PUBLIC
from bymax_auth.http.routes.answers import Empty, Session
from bymax_auth.http.routes.auth import new_account_response
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import ACCESS_TOKEN, NO_CREDENTIALS
from bymax_auth.http.routes.spec import AnyRoute, RouteGroup, RouteSpec
from bymax_auth.http.schemas.invitations import (
    AcceptInvitationRequest,
    CreateInvitationRequest,
    RevokeInvitationRequest,
)
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.inputs import AcceptInvitationInput
from bymax_auth.types.results import AccountCreated

__all__ = ["INVITATION_ROUTES"]

_NO_CONTENT: Final = empty_response(204)


async def _create(call: Call[DashboardClaims, CreateInvitationRequest]) -> Response:
    body, claims = call.body, call.claims
    await call.engine.invite(
        claims.sub,
        tenant_id=claims.tenant_id,
        email=body.email,
        role=body.role,
        tenant_name=body.tenant_name,
        context=call.context,
    )
    return _NO_CONTENT


async def _accept(call: Call[None, AcceptInvitationRequest]) -> Response:
    body = call.body
    given = AcceptInvitationInput(
        token=body.token, name=body.name, password=body.password, profile=body.given_profile
    )
    return new_account_response(call, await call.engine.accept_invitation(given, call.context))


async def _revoke(call: Call[DashboardClaims, RevokeInvitationRequest]) -> Response:
    claims = call.claims
    await call.engine.revoke_invitation(claims.sub, tenant_id=claims.tenant_id, email=call.body.email)
    return _NO_CONTENT


_GROUP: Final = RouteGroup("invitations", lambda groups: groups.invitations)

INVITATION_ROUTES: Final[tuple[AnyRoute, ...]] = (
    RouteSpec(
        name="invitation_create",
        group=_GROUP,
        method="POST",
        path="/invitations",
        access=ACTIVE,
        credentials=ACCESS_TOKEN,
        body=CreateInvitationRequest,
        body_mode="json",
        limit=lambda limits: limits.invitation_create,
        success=204,
        handler=_create,
        answer=Empty("The invitation is on its way."),
        refusals=(InsufficientRole,),
        summary="Invite an address into the caller's tenant",
        description="The role must be the caller's own or one that it includes. A pending invitation of the "
        "same address is replaced, and its link ends; one to a role beyond the caller's is not. The answer "
        "is the same whether or not the address has an account.",
        key="INVITATIONS_CREATE",
        member="create",
    ),
    RouteSpec(
        name="invitation_accept",
        group=_GROUP,
        method="POST",
        path="/invitations/accept",
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=AcceptInvitationRequest,
        body_mode="json",
        limit=lambda limits: limits.invitation_accept,
        success=201,
        handler=_accept,
        answer=Session(
            "The account, with its first session if it may sign in already.", otherwise=AccountCreated
        ),
        refusals=(InvalidInvitationToken, EmailAlreadyExists, PasswordCompromised, Overloaded),
        summary="Create an account from an invitation",
        description="The address, the role and the tenant are those of the invitation, and the address is "
        "verified. The account is signed in unless its status is blocked: then the answer has the account, "
        "and neither tokens nor cookies. An invitation works once, while its inviter may still invite.",
        key="INVITATIONS_ACCEPT",
        member="accept",
    ),
    RouteSpec(
        name="invitation_revoke",
        group=_GROUP,
        method="POST",
        path="/invitations/revoke",
        access=ACTIVE,
        credentials=ACCESS_TOKEN,
        body=RevokeInvitationRequest,
        body_mode="json",
        limit=lambda limits: limits.invitation_revoke,
        success=204,
        handler=_revoke,
        answer=Empty("The address has no pending invitation that the caller may revoke."),
        summary="Revoke the pending invitation of an address",
        description="The answer is the same whether an invitation was pending, there was none, or it was to "
        "a role beyond the caller's, which stays.",
        key="INVITATIONS_REVOKE",
        member="revoke",
    ),
)
