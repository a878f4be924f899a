"""
Asks for protected pages and addresses of the API in every form, without a session.

Each form is asked of all of them before the next form: where the requests do not suffice, no page is asked in
every form while another is asked in none.
"""

from collections.abc import Sequence
from typing import Final

from bymax_auth.cli.doctor.exchange import Question
from bymax_auth.cli.doctor.faults import PAGE_OPEN
from bymax_auth.cli.doctor.forms import Form
from bymax_auth.cli.doctor.pages import Judge, Refused, Shown, Subject, Unclear
from bymax_auth.cli.doctor.report import Report

__all__ = ["Subjects"]

_PLAIN: Final = Form()

_NOT_COMPARABLE: Final = {
    Refused.ABSENT: (
        "it is answered as an unknown path is; if pages are chosen in the browser, ask their API (--api)"
    ),
    Refused.OTHERWISE: "its own address is answered with an error, or with nothing",
}


class Subjects:
    """
    The paths that nobody may see, and what was asked of each.

    Args:
        judge: Decides whether an answer shows one.
        report: Records what is shown, and what was not asked.
        subjects: The paths.
    """

    def __init__(self, judge: Judge, report: Report, subjects: Sequence[Subject]) -> None:
        self._judge: Final = judge
        self._report: Final = report
        self._subjects: Final = subjects
        self._asked: Final[dict[Subject, set[Question]]] = {}
        self._unasked: Final[dict[Subject, list[Question]]] = {}

    async def ask_plainly(self) -> None:
        """Ask for each as it is; those that are kept from whoever asks are asked in other forms later."""
        for subject in self._subjects:
            plain = _PLAIN.question(subject.path)
            if await self._is_kept(subject, plain):
                self._asked[subject] = {plain}

    async def ask(self, forms: Sequence[Form]) -> None:
        """Add to the report each form in which one is shown."""
        for form in forms:
            for subject, asked in self._asked.items():
                question = form.question(subject.path)
                if question in asked:
                    continue
                asked.add(question)
                if self._judge.has_ended:
                    self._unasked.setdefault(subject, []).append(question)
                else:
                    await self._ask(subject, form, question)

    def leave_unasked(self) -> None:
        """Add to the report how many forms of each were not asked, and from which on."""
        for subject, asked in self._asked.items():
            if not (unasked := self._unasked.get(subject)):
                continue
            count = f"{len(unasked)} of {len(asked)} forms"
            reason = f"{count} were not asked, {unasked[0]} and those after it: {self._judge.has_ended}"
            self._report.leave(subject.fault, subject.path, reason)

    async def _is_kept(self, subject: Subject, plain: Question) -> bool:
        verdict = await self._judge.judge(plain, subject, _PLAIN)
        match verdict:
            case Shown(answer):
                self._report.found(subject.fault, subject.path, plain, answer.described("content-type"))
                return False
            case Unclear(reason):
                self._report.leave(subject.fault, subject.path, reason)
                return False
            case Refused.ABSENT | Refused.OTHERWISE:
                self._report.leave(subject.fault, subject.path, _NOT_COMPARABLE[verdict])
                return False
            case Refused.ELSEWHERE if subject.fault is PAGE_OPEN:
                reason = (
                    "it redirects to another page than the login page; name that with --login or --protected"
                )
                self._report.leave(subject.fault, subject.path, reason)
            case _:
                pass
        return True

    async def _ask(self, subject: Subject, form: Form, question: Question) -> None:
        verdict = await self._judge.judge(question, subject, form)
        if isinstance(verdict, Shown):
            answer = verdict.answer.described("content-type")
            self._report.found(subject.fault, subject.path, question, answer)
        elif isinstance(verdict, Unclear):
            self._report.leave(subject.fault, subject.path, f"some forms: {verdict.reason}")
