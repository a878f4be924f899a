"""Routes of the group ``email_change``: ask for a new address, and confirm it."""

from typing import Final

from bymax_auth.errors import (
    AccountLocked,
    EmailAlreadyExists,
    EmailChangeTokenInvalid,
    InvalidCredentials,
    Overloaded,
    TooManyRequests,
)
from bymax_auth.http.asgi import Response, empty_response
from bymax_auth.http.routes.access import ACTIVE, BLOCKED, PUBLIC
from bymax_auth.http.routes.answers import Empty
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import ACCESS_TOKEN, NO_CREDENTIALS
from bymax_auth.http.routes.spec import AnyRoute, RouteGroup, RouteSpec
from bymax_auth.http.schemas.email_change import ChangeEmailRequest, ConfirmEmailChangeRequest
from bymax_auth.types.claims import DashboardClaims

__all__ = ["EMAIL_CHANGE_ROUTES"]

_NO_CONTENT: Final = empty_response(204)


async def _request(call: Call[DashboardClaims, ChangeEmailRequest]) -> Response:
    await call.engine.request_email_change(
        call.claims.sub,
        tenant_id=call.claims.tenant_id,
        new_email=call.body.new_email,
        current_password=call.body.current_password,
        context=call.context,
    )
    return _NO_CONTENT


async def _confirm(call: Call[None, ConfirmEmailChangeRequest]) -> Response:
    await call.engine.confirm_email_change(call.body.token, context=call.context)
    return _NO_CONTENT


_GROUP: Final = RouteGroup("email_change", lambda groups: groups.email_change)

EMAIL_CHANGE_ROUTES: Final[tuple[AnyRoute, ...]] = (
    RouteSpec(
        name="email_change_request",
        group=_GROUP,
        method="POST",
        path="/email/change",
        access=ACTIVE,
        credentials=ACCESS_TOKEN,
        body=ChangeEmailRequest,
        body_mode="json",
        limit=lambda limits: limits.email_change_request,
        success=204,
        handler=_request,
        answer=Empty("A mail is on its way to the new address."),
        refusals=(InvalidCredentials, AccountLocked, TooManyRequests, EmailAlreadyExists, Overloaded),
        summary="Ask for a new mail address",
        description="Nothing changes until the link in the mail is confirmed. An account without a password "
        "cannot ask. A mail that cannot be sent is an internal error.",
        key="EMAIL_CHANGE_REQUEST",
        member="request",
    ),
    RouteSpec(
        name="email_change_confirm",
        group=_GROUP,
        method="POST",
        path="/email/change/confirm",
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=ConfirmEmailChangeRequest,
        body_mode="json",
        limit=lambda limits: limits.email_change_confirm,
        success=204,
        handler=_confirm,
        answer=Empty("The account has the new address, which counts as verified."),
        refusals=(EmailChangeTokenInvalid, EmailAlreadyExists, *BLOCKED),
        summary="Confirm a new mail address",
        description="Every other link or code that was mailed to the account ends; its sessions stay, and "
        "none is issued. The old address is notified.",
        key="EMAIL_CHANGE_CONFIRM",
        member="confirm",
    ),
)
