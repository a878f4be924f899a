"""
What caches may do with an answer.

Source: RFC 9111 §3, §4.2.1 and §5.2.2; RFC 9213 for the headers of content delivery networks.
"""

from typing import Final

from bymax_auth.cli.doctor.asking import Asker
from bymax_auth.cli.doctor.exchange import Answer, Question, http_date
from bymax_auth.cli.doctor.faults import PAGE_CACHEABLE, REFUSAL_CACHEABLE, SET_COOKIE_CACHEABLE
from bymax_auth.cli.doctor.forms import Form
from bymax_auth.cli.doctor.pages import Judge, Shown, Subject, Unclear
from bymax_auth.cli.doctor.report import Report

__all__ = ["check_pages", "check_set_cookies"]

_CACHE_CONTROL: Final = "cache-control"
_EXPIRES: Final = "expires"
_TARGETED: Final = (
    "cdn-cache-control",
    "vercel-cdn-cache-control",
    "netlify-cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "surrogate-control",
)
_PERMANENT: Final = {301, 308}
_PLAIN: Final = Form()


def check_set_cookies(answers: list[Answer], report: Report) -> None:
    """Add to the report each answer that sets a cookie and that a shared cache may store."""
    for answer in answers:
        name = _shared_lifetime(answer)
        if name is None:
            continue
        for cookie in answer.cookies():
            if not cookie.deleted:
                told = answer.described(name)
                report.found(SET_COOKIE_CACHEABLE, cookie.name, answer.question, f"{told}, {cookie}")


async def check_pages(asker: Asker, judge: Judge, report: Report, subject: Subject) -> None:
    """Add to the report what caches may store of a protected page, and of its refusal."""
    for answer in [one for one in asker.answers if one.question == _PLAIN.question(subject.path)][:1]:
        if answer.redirects and _redirect_stored(answer):
            told = answer.described(_CACHE_CONTROL)
            report.found(REFUSAL_CACHEABLE, subject.path, answer.question, told)
    if not asker.has_session:
        report.leave(PAGE_CACHEABLE, subject.path, "no session was given to open the page with (--cookie)")
        return
    question = Question(subject.path, session=True)
    verdict = await judge.judge(question, subject, _PLAIN)
    if isinstance(verdict, Shown):
        if name := _stored(verdict.answer):
            report.found(PAGE_CACHEABLE, subject.path, question, verdict.answer.described(name, "vary"))
    elif isinstance(verdict, Unclear):
        report.leave(PAGE_CACHEABLE, subject.path, verdict.reason)
    else:
        report.leave(PAGE_CACHEABLE, subject.path, "the session that was given does not open it")


def _stored(answer: Answer) -> str | None:
    """Return the header that lets a cache answer with this page, if there is one or it lacks one."""
    if _targeted(answer):
        return _targeted(answer)
    varies = {one.strip().lower() for one in answer.header("vary").split(",")} & {"cookie", "*"}
    kept = _directives(answer.header(_CACHE_CONTROL)).keys() & {"private", "no-store", "no-cache"}
    return None if varies or kept else _CACHE_CONTROL


def _redirect_stored(answer: Answer) -> bool:
    directives = _directives(answer.header(_CACHE_CONTROL))
    if directives.keys() & {"no-store", "no-cache"}:
        return False
    return (
        answer.status in _PERMANENT or _shared_lifetime(answer) is not None or _lasts(directives, "max-age")
    )


def _shared_lifetime(answer: Answer) -> str | None:
    """Return the header by which a shared cache may store an answer and use it for others."""
    if name := _targeted(answer):
        return name
    if answer.header(_CACHE_CONTROL):
        return _CACHE_CONTROL if _public(answer.header(_CACHE_CONTROL)) else None
    expires = http_date(answer.header(_EXPIRES))
    return _EXPIRES if expires is not None and expires > answer.date else None


def _targeted(answer: Answer) -> str | None:
    return next((name for name in _TARGETED if _public(answer.header(name))), None)


def _public(value: str) -> bool:
    directives = _directives(value)
    if directives.keys() & {"private", "no-store", "no-cache"}:
        return False
    if "s-maxage" in directives:
        return _lasts(directives, "s-maxage")
    return _lasts(directives, "max-age") or ("public" in directives and "max-age" not in directives)


def _lasts(directives: dict[str, str], name: str) -> bool:
    seconds = directives.get(name, "").strip('" ')
    return seconds.isdecimal() and int(seconds[:10]) > 0


def _directives(value: str) -> dict[str, str]:
    """Return the directives; one that names header fields counts as the one that names none."""
    parts = (one.strip().partition("=") for one in value.lower().split(","))
    return {name.strip(): content for name, _, content in parts}
