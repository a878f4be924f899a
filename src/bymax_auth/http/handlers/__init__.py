"""One function per route: run the flow, write the answer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bymax_auth.http.handlers import auth, password_reset, sessions
from bymax_auth.http.handlers.call import Call, Handler

__all__ = ["HANDLERS", "Call", "Handler"]

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "register": auth.register,
        "login": auth.login,
        "logout": auth.logout,
        "refresh": auth.refresh,
        "me": auth.me,
        "verify_email": auth.verify_email,
        "resend_verification": auth.resend_verification,
        "forgot_password": password_reset.forgot_password,
        "reset_password": password_reset.reset_password,
        "verify_reset_otp": password_reset.verify_reset_otp,
        "resend_reset_otp": password_reset.resend_reset_otp,
        "change_password": password_reset.change_password,
        "list_sessions": sessions.list_sessions,
        "revoke_all_sessions": sessions.revoke_all_sessions,
        "revoke_session": sessions.revoke_session,
    }
)
"""The handler of each route, by the route's name."""
