"""Whether the login path sends a browser to another site."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final
from urllib.parse import quote

from bymax_auth.cli.doctor.asking import Asker
from bymax_auth.cli.doctor.exchange import Answer, Question, Unanswered
from bymax_auth.cli.doctor.faults import OPEN_REDIRECT
from bymax_auth.cli.doctor.origin import destination
from bymax_auth.cli.doctor.report import Report

__all__ = ["check_redirects"]

_ELSEWHERE: Final = "evil.example"
"""Nobody can register a name below ``example``, and it is never asked.  Source: RFC 2606 §2."""

_PARAMETERS: Final = (
    "redirectTo",
    "redirect",
    "redirect_to",
    "redirectUrl",
    "redirect_uri",
    "next",
    "returnTo",
    "return_to",
    "returnUrl",
    "callbackUrl",
    "continue",
    "from",
    "url",
)
_ALWAYS: Final = (f"https://{_ELSEWHERE}/", f"//{_ELSEWHERE}/", f"/\\{_ELSEWHERE}/")
"""Asked of every parameter; the others only of those that the page is seen to use."""

_FORMS: Final = (
    f"///{_ELSEWHERE}/",
    f"\\\\{_ELSEWHERE}/",
    f"/\t/{_ELSEWHERE}/",
    f"/\n/{_ELSEWHERE}/",
    f"/\r/{_ELSEWHERE}/",
    f"\t//{_ELSEWHERE}/",
    f" //{_ELSEWHERE}/",
    f"https:{_ELSEWHERE}/",
    f"http:{_ELSEWHERE}/",
    f"https:/{_ELSEWHERE}/",
    f"HtTpS://{_ELSEWHERE}/",
    f"/..//{_ELSEWHERE}/",
    f"/.//{_ELSEWHERE}/",
    f"/%2e%2e//{_ELSEWHERE}/",
    f"/%2f{_ELSEWHERE}/",
    f"%2f%2f{_ELSEWHERE}/",
    f"/%5c{_ELSEWHERE}/",
    f"/%09/{_ELSEWHERE}/",
)
_HERE: Final = "bymax-auth-doctor"
_OF_VALUE: Final = re.compile(f"{re.escape(_ELSEWHERE)}|{_HERE}")
_MOST_STEPS: Final = 3
_REFRESH: Final = re.compile(r"""\d*\.?\d*\s*[;,]?\s*(?:url\s*=)?\s*["']?([^"'>]+)""", re.IGNORECASE)
_META: Final = re.compile(r"<meta\b[^<>]{1,500}", re.IGNORECASE)
_IS_REFRESH: Final = re.compile(r"""http-equiv\s*=\s*["']?refresh\b""", re.IGNORECASE)
_CONTENT: Final = re.compile(r"""content\s*=\s*(?:"([^"]*)|'([^']*)|([^\s"']+))""", re.IGNORECASE)
_NEXT_REDIRECT: Final = re.compile(r"NEXT_REDIRECT;(?:replace|push);([^;\"]+);")


async def check_redirects(asker: Asker, report: Report, paths: tuple[str, ...]) -> None:
    """
    Add to the report each parameter that leads to another site.

    The first path is the login page: it is asked with the session too, if there is one.  The others may
    refresh a session, and are asked without it.
    """
    for number, path in enumerate(paths):
        sessions = (False, True) if asker.has_session and not number else (False,)
        for session in sessions:
            await _check_path(asker, report, path, session=session)


async def _check_path(asker: Asker, report: Report, path: str, *, session: bool) -> None:
    unseen = "it sends nobody on in this request" if session else "it sends nobody on without a session"
    redirects = False
    for name in _PARAMETERS:
        safe = await _steps(asker, _question(path, name, f"/{_HERE}", session=session), path)
        if isinstance(safe, Unanswered):
            report.leave(OPEN_REDIRECT, f"{path}?{name}=", safe.reason)
            continue
        used = any(_HERE in target.partition("?")[0] for answer in safe for target in _targets(answer))
        redirects = redirects or used
        values = (*_ALWAYS, *_FORMS, *_of_host(asker)) if used else _ALWAYS
        redirects = await _check_parameter(asker, report, path, name, values, session=session) or redirects
    if not redirects:
        reason = f"{unseen}; what happens after sign-in was not seen (--cookie)"
        report.leave(OPEN_REDIRECT, path, reason)


async def _check_parameter(
    asker: Asker, report: Report, path: str, name: str, values: tuple[str, ...], *, session: bool
) -> bool:
    """Ask the values until one leads to another site; whether one did."""
    for value in values:
        answers = await _steps(asker, _question(path, name, value, session=session), path)
        if isinstance(answers, Unanswered):
            report.leave(OPEN_REDIRECT, f"{path}?{name}=", answers.reason)
            return False
        shown = [(one, to) for one in answers for to in _targets(one) if _leads_elsewhere(asker, one, to)]
        if shown:
            answer, target = shown[0]
            told = f"{answer.status}, to {target.partition('?')[0]!r}"
            report.found(OPEN_REDIRECT, f"{path}?{name}=", answer.question, told)
            return True
    return False


async def _steps(asker: Asker, question: Question, path: str) -> list[Answer] | Unanswered:
    """Return the answer, and those behind it if the application repeats the query in another address."""
    answers: list[Answer] = []
    following: Question | None = question
    while following is not None and len(answers) < _MOST_STEPS:
        answer = await asker.ask(following)
        if isinstance(answer, Unanswered):
            return answer
        answers.append(answer)
        following = _next_step(asker, answer, path)
    return answers


def _next_step(asker: Asker, answer: Answer, path: str) -> Question | None:
    if not answer.redirects:
        return None
    there = destination(answer.header("location"), asker.origin, answer.question.target)
    if there is None or there.origin != asker.origin:
        return None
    place, _, query = there.target.partition("?")
    if not _OF_VALUE.search(query):
        return None
    # The session goes to the login page alone, which may have another language in front.
    is_login = place.rstrip("/").endswith(path.rstrip("/"))
    return Question(there.target, session=answer.question.session and is_login)


def _question(path: str, name: str, value: str, *, session: bool) -> Question:
    return Question(f"{path}?{name}={quote(value, safe='')}", session=session)


def _of_host(asker: Asker) -> tuple[str, ...]:
    """Return addresses that begin as the application's own does."""
    host = asker.origin.host
    return (
        f"{asker.origin.scheme}://{host}.{_ELSEWHERE}/",
        f"{asker.origin.scheme}://{host}@{_ELSEWHERE}/",
        f"//{_ELSEWHERE}\\@{host}/",
    )


def _targets(answer: Answer) -> Iterator[str]:
    """Yield where the answer sends a browser, by its status, a header, its markup or what Next.js writes."""
    if answer.redirects:
        yield answer.header("location")
    body = answer.body or ""
    for refresh in (answer.header("refresh"), *_refreshes(body)):
        if named := _REFRESH.match(refresh):
            yield named[1]
    yield from _NEXT_REDIRECT.findall(body)


def _refreshes(body: str) -> Iterator[str]:
    for tag in _META.findall(body):
        if _IS_REFRESH.search(tag) and (content := _CONTENT.search(tag)):
            yield unescape("".join(filter(None, content.groups())))


def _leads_elsewhere(asker: Asker, answer: Answer, target: str) -> bool:
    there = destination(target, asker.origin, answer.question.target)
    return there is not None and (
        there.origin.host == _ELSEWHERE or there.origin.host.endswith(f".{_ELSEWHERE}")
    )
