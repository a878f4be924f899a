"""The attributes of the session cookies that answers set."""

import re
from collections.abc import Collection
from typing import Final

from bymax_auth.cli.doctor.asking import Asker
from bymax_auth.cli.doctor.exchange import Answer, SetCookie
from bymax_auth.cli.doctor.faults import (
    COOKIE_NOT_HTTP_ONLY,
    COOKIE_NOT_SAME_SITE,
    COOKIE_NOT_SECURE,
)
from bymax_auth.cli.doctor.report import Report

__all__ = ["HINT", "check_cookies", "is_session_cookie"]

HINT: Final = "has_session"
"""The cookie that tells pages that a session may exist; scripts are meant to read it."""

_SESSION: Final = re.compile(
    r"(?:__host-|__secure-)?(?:access_token|refresh_token|mfa_temp_token|has_session|session|sessionid|session_id|"
    r"sid|connect\.sid|jsessionid|phpsessid|asp\.net_sessionid|laravel_session|_session_id|jwt|token|auth_token|"
    r"id_token|(?:next-auth|authjs|better-auth)\.session[-_]token(?:\.\d+)?|sb-[\w-]+-auth-token(?:\.\d+)?)",
    re.IGNORECASE,
)
_SAME_SITE: Final = {"lax", "strict", "none"}


def is_session_cookie(name: str, named: Collection[str]) -> bool:
    """Whether a cookie carries a session: its name is known, or was named by the person who asks."""
    return name in named or _SESSION.fullmatch(name) is not None


def check_cookies(asker: Asker, report: Report, named: Collection[str]) -> None:
    """Add to the report what session cookies lack; of other cookies nobody can tell what they need."""
    seen = False
    for answer in asker.answers:
        for cookie in answer.cookies():
            if cookie.deleted or not is_session_cookie(cookie.name, named):
                continue
            seen = True
            _check(asker, report, answer, cookie)
    if not seen:
        reason = "no answer set a session cookie; most are set at sign-in (--cookie, --session-cookie)"
        for fault in (COOKIE_NOT_HTTP_ONLY, COOKIE_NOT_SECURE, COOKIE_NOT_SAME_SITE):
            report.leave(fault, "session cookies", reason)


def _check(asker: Asker, report: Report, answer: Answer, cookie: SetCookie) -> None:
    asked, told = answer.question, f"{answer.status}, {cookie}"
    hint = cookie.name.lower().removeprefix("__host-").removeprefix("__secure-") == HINT
    if "httponly" not in cookie.attributes and not hint:
        report.found(COOKIE_NOT_HTTP_ONLY, cookie.name, asked, told)
    if cookie.attributes.get("samesite", "").lower() not in _SAME_SITE:
        report.found(COOKIE_NOT_SAME_SITE, cookie.name, asked, told)
    if asker.origin.scheme != "https":
        report.leave(COOKIE_NOT_SECURE, cookie.name, "the origin was asked without TLS")
    elif "secure" not in cookie.attributes:
        report.found(COOKIE_NOT_SECURE, cookie.name, asked, told)
