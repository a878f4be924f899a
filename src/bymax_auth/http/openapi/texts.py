"""What the route table does not say about a route: words for its reader, and how its flow refuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bymax_auth.errors import (
    AccountBanned,
    AccountInactive,
    AccountLocked,
    AccountSuspended,
    AuthError,
    EmailAlreadyExists,
    EmailNotVerified,
    Forbidden,
    InvalidCredentials,
    OtpInvalid,
    Overloaded,
    PasswordCompromised,
    PasswordResetTokenInvalid,
    PendingApproval,
    RefreshTokenInvalid,
    SessionNotFound,
    TokenInvalid,
    TooManyRequests,
    ValidationFailed,
)

__all__ = ["BLOCKED", "ROUTE_TEXTS", "Answer", "RouteText"]


class Answer(StrEnum):
    """What a successful answer carries."""

    NOTHING = "nothing"
    EMPTY_OBJECT = "empty_object"
    SESSION = "session"
    CLEARED_COOKIES = "cleared_cookies"
    ACCOUNT = "account"
    SESSIONS = "sessions"
    VERIFIED_TOKEN = "verified_token"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteText:
    """One route as its reader meets it; `refusals` are those of its flow alone."""

    summary: str
    description: str
    answer: Answer
    success: str
    refusals: tuple[type[AuthError], ...] = ()


BLOCKED: Final[tuple[type[AuthError], ...]] = (
    AccountInactive,
    AccountSuspended,
    AccountBanned,
    PendingApproval,
)
"""The refusals of a blocked account."""

_GUESSED: Final[tuple[type[AuthError], ...]] = (AccountLocked, TooManyRequests)
_UNIFORM: Final = "The answer is the same whether or not the account exists."

ROUTE_TEXTS: Final[Mapping[str, RouteText]] = MappingProxyType(
    {
        "register": RouteText(
            summary="Create an account",
            description="Creates the account and signs it in. Where verification is required, a six-digit "
            "code is mailed, and the session cannot be refreshed until the address is verified.",
            answer=Answer.SESSION,
            success="The account and its first session.",
            refusals=(EmailAlreadyExists, PasswordCompromised, Forbidden, Overloaded),
        ),
        "login": RouteText(
            summary="Sign in with a password",
            description="An unknown address and a wrong password have the same answer.",
            answer=Answer.SESSION,
            success="A new session.",
            refusals=(InvalidCredentials, *_GUESSED, EmailNotVerified, *BLOCKED, Forbidden, Overloaded),
        ),
        "logout": RouteText(
            summary="Sign out",
            description="Ends the session of the refresh token and revokes the access token, even an expired "
            "one. A call without credentials succeeds and revokes nothing.",
            answer=Answer.CLEARED_COOKIES,
            success="Signed out.",
        ),
        "refresh": RouteText(
            summary="Exchange the refresh token",
            description="A refresh token works once. The same token presented again within a few seconds, as "
            "two tabs do, is tolerated; later it ends the session everywhere.",
            answer=Answer.SESSION,
            success="The account as it is now, and a new pair of tokens.",
            refusals=(RefreshTokenInvalid, TokenInvalid, EmailNotVerified, *BLOCKED),
        ),
        "me": RouteText(
            summary="Show the signed-in account",
            description="Answers blocked and unverified accounts too, so that a client can show why.",
            answer=Answer.ACCOUNT,
            success="The account.",
        ),
        "verify_email": RouteText(
            summary="Verify an address by its code",
            description="Every failure has the same answer. No session is issued.",
            answer=Answer.NOTHING,
            success="The address is verified.",
            refusals=(OtpInvalid, Forbidden),
        ),
        "resend_verification": RouteText(
            summary="Mail another verification code",
            description=_UNIFORM,
            answer=Answer.NOTHING,
            success="A code is on its way if the account waits for one.",
        ),
        "forgot_password": RouteText(
            summary="Ask for a way to set a new password",
            description=_UNIFORM,
            answer=Answer.EMPTY_OBJECT,
            success="A mail is on its way if the account may have one.",
        ),
        "reset_password": RouteText(
            summary="Set a new password with a proof from the mailbox",
            description="Takes exactly one of `token`, `otp` and `verifiedToken`, of the kind that the "
            "deployment sends. Every session of the account ends; none is issued.",
            answer=Answer.NOTHING,
            success="The password is set.",
            refusals=(PasswordResetTokenInvalid, PasswordCompromised, OtpInvalid, Forbidden, Overloaded),
        ),
        "verify_reset_otp": RouteText(
            summary="Exchange a reset code for a token",
            description="The token sets a new password within five minutes.",
            answer=Answer.VERIFIED_TOKEN,
            success="The token.",
            refusals=(OtpInvalid, PasswordResetTokenInvalid, Forbidden),
        ),
        "resend_reset_otp": RouteText(
            summary="Mail the reset code again",
            description=_UNIFORM,
            answer=Answer.EMPTY_OBJECT,
            success="A mail is on its way if the account may have one.",
        ),
        "change_password": RouteText(
            summary="Change the signed-in account's password",
            description="Every other session ends; the one that the refresh token names is kept, and without "
            "one all end. The access token ends either way: refresh afterwards.",
            answer=Answer.NOTHING,
            success="The password is changed.",
            refusals=(InvalidCredentials, *_GUESSED, PasswordCompromised, Overloaded),
        ),
        "list_sessions": RouteText(
            summary="List the signed-in account's sessions",
            description="Newest first. `isCurrent` is known from the refresh cookie only.",
            answer=Answer.SESSIONS,
            success="The sessions.",
        ),
        "revoke_all_sessions": RouteText(
            summary="End every other session",
            description="The refresh token names the session to keep. The access token ends: refresh "
            "afterwards.",
            answer=Answer.NOTHING,
            success="The other sessions are ended.",
            refusals=(SessionNotFound,),
        ),
        "revoke_session": RouteText(
            summary="End one session",
            description="The account's access tokens end with it: refresh afterwards.",
            answer=Answer.NOTHING,
            success="The session is ended.",
            refusals=(ValidationFailed, SessionNotFound),
        ),
    }
)
"""The text of each route, by the route's name."""
