"""Why a login ended that an open connection depended on."""

from enum import StrEnum

__all__ = ["LoginEndReason"]

_POLICY_VIOLATION = 1008
_TRY_AGAIN_LATER = 1013


class LoginEndReason(StrEnum):
    """Why an open connection must not go on."""

    TOKEN_REVOKED = "token_revoked"
    """Its access token was revoked, as signing out does."""

    SESSIONS_REVOKED = "sessions_revoked"
    """Every access token of the account was revoked, as ending a session or changing the password does."""

    EXPIRED = "expired"
    """Its access token has expired; with a fresh one the connection may go on."""

    UNAVAILABLE = "unavailable"
    """Nobody can say whether the login goes on: the store has not answered for long, or the engine closes."""

    @property
    def close_code(self) -> int:
        """
        The code to close a WebSocket with.

        Source: RFC 6455 §7.4.1 (1008); IANA's WebSocket Close Code Number Registry (1013).
        """
        return _TRY_AGAIN_LATER if self is LoginEndReason.UNAVAILABLE else _POLICY_VIOLATION
