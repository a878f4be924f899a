"""Asks for a protected page or an address of the API in every form, without a session."""

from collections.abc import Sequence
from typing import Final

from bymax_auth.cli.doctor.faults import PAGE_OPEN
from bymax_auth.cli.doctor.forms import Form
from bymax_auth.cli.doctor.pages import Judge, Refused, Shown, Subject, Unclear
from bymax_auth.cli.doctor.report import Report

__all__ = ["check_subject"]

_PLAIN: Final = Form()

_NOT_COMPARABLE: Final = {
    Refused.ABSENT: (
        "it is answered as an unknown path is; if pages are chosen in the browser, ask their API (--api)"
    ),
    Refused.OTHERWISE: "its own address is answered with an error, or with nothing",
}


async def check_subject(judge: Judge, report: Report, subject: Subject, forms: Sequence[Form]) -> None:
    """Add to the report each form in which the subject is shown."""
    plain = _PLAIN.question(subject.path)
    verdict = await judge.judge(plain, subject, _PLAIN)
    match verdict:
        case Shown(answer):
            report.found(subject.fault, subject.path, plain, answer.described("content-type"))
            return
        case Unclear(reason):
            report.leave(subject.fault, subject.path, reason)
            return
        case Refused.ABSENT | Refused.OTHERWISE:
            report.leave(subject.fault, subject.path, _NOT_COMPARABLE[verdict])
            return
        case Refused.ELSEWHERE if subject.fault is PAGE_OPEN:
            reason = "it redirects to another page than the login page; name that with --login or --protected"
            report.leave(subject.fault, subject.path, reason)
        case _:
            # It is kept from whoever asks.
            pass
    asked = {plain}
    for form in forms:
        question = form.question(subject.path)
        if question in asked:
            continue
        asked.add(question)
        verdict = await judge.judge(question, subject, form)
        if isinstance(verdict, Shown):
            report.found(subject.fault, subject.path, question, verdict.answer.described("content-type"))
        elif isinstance(verdict, Unclear):
            report.leave(subject.fault, subject.path, f"some forms: {verdict.reason}")
