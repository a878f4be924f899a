"""Whether a prefetch, which nobody asked for, refreshes the session."""

from collections.abc import Collection
from typing import Final

from bymax_auth.cli.doctor.asking import Asker
from bymax_auth.cli.doctor.cookies import HINT, is_session_cookie
from bymax_auth.cli.doctor.exchange import Answer, Question, Unanswered
from bymax_auth.cli.doctor.faults import PREFETCH_REFRESHES
from bymax_auth.cli.doctor.forms import PREFETCHES
from bymax_auth.cli.doctor.origin import Destination, destination, same_page
from bymax_auth.cli.doctor.report import Report

__all__ = ["check_prefetch"]

_HINTED: Final = ("cookie", f"{HINT}=1")


async def check_prefetch(asker: Asker, report: Report, path: str, session_cookies: Collection[str]) -> None:
    """
    Add to the report each prefetch of a protected page that refreshes.

    Which address refreshes is seen from where a navigation goes that only says that there may be a session.
    With a session, a prefetch that is answered with new session cookies has refreshed it.
    """
    refresh = await _refresh_of(asker, path)
    if isinstance(refresh, Unanswered):
        report.leave(PREFETCH_REFRESHES, path, refresh.reason)
    for prefetch in PREFETCHES:
        if not isinstance(refresh, Unanswered):
            await _check_hinted(asker, report, path, Question(path, (*prefetch, _HINTED)), refresh)
        if asker.has_session:
            await _check_session(asker, report, path, Question(path, prefetch, session=True), session_cookies)


async def _refresh_of(asker: Asker, path: str) -> Destination | Unanswered:
    """Return where a navigation is sent that may have a session, and one that has none is not."""
    without, hinted = [await asker.ask(Question(path, headers)) for headers in ((), (_HINTED,))]
    for answer in (without, hinted):
        if isinstance(answer, Unanswered):
            return answer
    login, refresh = _destination(asker, without), _destination(asker, hinted)
    if refresh is None or (login is not None and same_page(login.target, refresh.target)):
        return Unanswered(f"a navigation with the cookie {HINT}=1 is sent to no refresh")
    return refresh


async def _check_hinted(
    asker: Asker, report: Report, path: str, question: Question, refresh: Destination
) -> None:
    answer = await asker.ask(question)
    if isinstance(answer, Unanswered):
        report.leave(PREFETCH_REFRESHES, path, answer.reason)
        return
    there = _destination(asker, answer)
    if there is not None and there.origin == refresh.origin and same_page(there.target, refresh.target):
        report.found(PREFETCH_REFRESHES, path, question, answer.described())


async def _check_session(
    asker: Asker, report: Report, path: str, question: Question, session_cookies: Collection[str]
) -> None:
    answer = await asker.ask(question)
    if isinstance(answer, Unanswered):
        report.leave(PREFETCH_REFRESHES, path, answer.reason)
        return
    for cookie in answer.cookies():
        if not cookie.deleted and is_session_cookie(cookie.name, session_cookies):
            report.found(PREFETCH_REFRESHES, path, question, f"{answer.status}, {cookie}")


def _destination(asker: Asker, answer: Answer | Unanswered) -> Destination | None:
    if isinstance(answer, Unanswered) or not answer.redirects:
        return None
    return destination(answer.header("location"), asker.origin, answer.question.target)
