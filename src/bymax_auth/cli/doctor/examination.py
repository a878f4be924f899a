"""The examination: every check, in an order that tells the most before a limit ends it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from bymax_auth.cli.doctor.asking import Asker, Limits
from bymax_auth.cli.doctor.caching import check_pages, check_set_cookies
from bymax_auth.cli.doctor.cookies import check_cookies
from bymax_auth.cli.doctor.exchange import Question, Unanswered
from bymax_auth.cli.doctor.faults import (
    API_OPEN,
    PAGE_CACHEABLE,
    PAGE_OPEN,
    PREFETCH_REFRESHES,
    REFUSAL_CACHEABLE,
)
from bymax_auth.cli.doctor.forms import forms_of
from bymax_auth.cli.doctor.origin import Origin
from bymax_auth.cli.doctor.pages import Judge, Subject
from bymax_auth.cli.doctor.redirects import check_redirects
from bymax_auth.cli.doctor.refreshing import check_prefetch
from bymax_auth.cli.doctor.report import Report
from bymax_auth.cli.doctor.subjects import Subjects
from bymax_auth.cli.doctor.transport import check_transport

__all__ = ["CouldNotAsk", "Examined", "examine"]

_SHORTEST_SECRET: Final = 6
"""Characters of a cookie's value; a shorter one, such as 1, is part of other words."""


class CouldNotAsk(Exception):
    """The server did not answer the first request; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """
    What is asked about.

    Args:
        origin: The server.
        protected: Paths of pages that need a session.
        api: Paths of the API that need credentials.
        login: The path of the login page, and of others that take a destination.
        session_cookies: Names of cookies that carry a session, beside those that are known.
        limits: What the server is asked for at most.
        authority: A file in PEM with the certificate authorities to trust, in place of the system's.
    """

    origin: Origin
    protected: tuple[str, ...] = ()
    api: tuple[str, ...] = ()
    login: tuple[str, ...] = ("/login",)
    session_cookies: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    authority: Path | None = None


async def examine(examined: Examined, cookie: str | None = None) -> Report:
    """
    Return what was found.

    Args:
        examined: What is asked about.
        cookie: The ``Cookie`` header of a session.

    Raises:
        CouldNotAsk: The server did not answer at all.
        AuthorityUnreadable: The file of the authorities cannot be read.
    """
    asker = Asker(examined.origin, examined.limits, cookie, examined.authority)
    try:
        report = Report(str(examined.origin), _hidden(cookie))
        await _check(asker, report, examined)
        report.requests, report.ended = asker.sent, asker.ended
        return report
    finally:
        await asker.aclose()


async def _check(asker: Asker, report: Report, examined: Examined) -> None:
    first = await asker.ask(Question("/"))
    if isinstance(first, Unanswered):
        raise CouldNotAsk(first.reason)
    check_transport(asker.origin, report, first)
    judge = Judge(asker, examined.login[0])
    pages = [Subject(path, PAGE_OPEN) for path in examined.protected]
    subjects = [*pages, *(Subject(path, API_OPEN) for path in examined.api)]
    _leave_unnamed(report, examined)
    build = await judge.build() if subjects else None
    forms = forms_of(judge.login, judge.unknown, build)
    asked = Subjects(judge, report, subjects)
    await asked.ask_plainly()
    for page in pages:
        await check_pages(asker, judge, report, page)
    await asked.ask(forms.telling)
    await check_redirects(asker, report, examined.login)
    for page in pages:
        await check_prefetch(asker, report, page.path, examined.session_cookies)
    await asked.ask(forms.others)
    asked.leave_unasked()
    check_set_cookies(asker.answers, report)
    check_cookies(asker, report, examined.session_cookies)


def _leave_unnamed(report: Report, examined: Examined) -> None:
    if not examined.protected:
        for fault in (PAGE_OPEN, PAGE_CACHEABLE, REFUSAL_CACHEABLE, PREFETCH_REFRESHES):
            report.leave(fault, "pages", "no page was named (--protected)")
    if not examined.api:
        report.leave(API_OPEN, "the API", "no address of the API was named (--api)")


def _hidden(cookie: str | None) -> tuple[str, ...]:
    """Return the values of the cookies, as a server may send them back; the longest first."""
    values = [one.partition("=")[2].strip() for one in (cookie or "").split(";")]
    # The name of a cookie ends at an equals sign, with which encoded values end.
    values += [value.strip('"').rstrip("=") for value in values]
    forms = {form for value in values for form in (value, quote(value, safe=""), unquote(value))}
    return tuple(sorted((form for form in forms if len(form) >= _SHORTEST_SECRET), key=len, reverse=True))
