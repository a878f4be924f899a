"""
Whether an answer shows a page.

There is no way to see that a page is private, so everything else is excluded: an answer shows the page if its
status is 2xx, it has a body, it holds no redirect, and it is none of the pages that everybody may see: the
login page, the start page and the page of an unknown path, each also asked in the same form.

One page is not the same text twice: it may hold a nonce or a token.  Each public page is therefore asked
twice.  An answer is that page again if it has every word that both samples have, and no more new words than
one sample has beside the other.  Words that repeat the address are left out, and all digits are alike.
"""

import re
import secrets
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final
from urllib.parse import unquote

from bymax_auth.cli.doctor.asking import Asker
from bymax_auth.cli.doctor.exchange import Answer, Question, Unanswered, same_digits
from bymax_auth.cli.doctor.faults import API_OPEN
from bymax_auth.cli.doctor.forms import Form
from bymax_auth.cli.doctor.origin import Destination, destination, same_page
from bymax_auth.cli.doctor.report import Fault

__all__ = ["Judge", "Refused", "Shown", "Subject", "Unclear"]

_MOST_REDIRECTS: Final = 5
_TOO_MANY_REQUESTS: Final = 429
_MOST_SAMPLES: Final = 8
"""The public pages as they are, which every answer is compared with, and those of a form or two.

A server could answer every form with another page of a hundred thousand words."""
_LONG: Final = 4
"""Characters of a segment that a word does not hold by chance."""

_IN_BODY: Final = re.compile(r"NEXT_REDIRECT;|__N_REDIRECT|http-equiv=[\"']?refresh", re.IGNORECASE)
_BUILD: Final = re.compile(
    r'"buildId":"([\w.-]{1,64})"|/_next/static/([\w.-]{1,64})/_(?:build|ssg)Manifest', re.ASCII
)


class Refused(Enum):
    """How a page is kept from somebody."""

    REFUSED = auto()
    """401 or 403, or a redirect to the login page or another origin."""

    ELSEWHERE = auto()
    """A redirect to another page of the origin."""

    ABSENT = auto()
    """404, or the page of an unknown path: as if there were no such page."""

    PUBLIC = auto()
    """The login page or the start page, with a status of success."""

    OTHERWISE = auto()
    """Another error, or an empty answer."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A path that nobody may see without a session, and the fault that it is seen."""

    path: str
    fault: Fault

    @property
    def is_api(self) -> bool:
        """Whether an empty answer is one as well."""
        return self.fault is API_OPEN


@dataclass(frozen=True, slots=True)
class Shown:
    """The page is shown by this answer."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Unclear:
    """It cannot be told whether the page is shown."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Samples:
    one: frozenset[str]
    other: frozenset[str]

    def match(self, words: frozenset[str], address: tuple[str, ...]) -> bool:
        # Nothing has every word of an empty page.
        if not self.one or not self.other:
            return False
        one, other, new = (_without(address, some) for some in (self.one, self.other, words))
        noise = max(len(one - other), len(other - one))
        return one & other <= new and len(new - one - other) <= noise


class Judge:
    """Decides whether answers show a page; the public pages are asked only when one has to be compared."""

    def __init__(self, asker: Asker, login: str) -> None:
        self._asker: Final = asker
        self.login: Final = login
        self.unknown: Final = f"/bymax-auth-doctor-{secrets.token_hex(8)}"
        self._samples: Final[dict[Question, _Samples | None]] = {}

    @property
    def has_ended(self) -> str:
        """Why nothing is asked any more; empty while it is."""
        return self._asker.has_ended()

    async def judge(self, question: Question, subject: Subject, form: Form) -> Shown | Refused | Unclear:
        """Ask for the path in this form, and decide."""
        answer = await self._asker.ask(question)
        for _ in range(_MOST_REDIRECTS):
            if isinstance(answer, Unanswered) or not answer.redirects:
                break
            there = destination(answer.header("location"), self._asker.origin, answer.question.target)
            if there is None or not same_page(there.target, subject.path):
                return self._elsewhere(there)
            if there.origin != self._asker.origin:
                return Unclear(f"it is at another origin, {there.origin}; ask that one")
            answer = await self._asker.ask(Question(there.target, question.headers, question.session))
        if isinstance(answer, Unanswered):
            return Unclear(answer.reason)
        return await self._judged(answer, subject, form)

    async def build(self) -> str | None:
        """Return the build of a Next.js application, which its pages name."""
        for target in (self.login, self.unknown):
            answer = await self._asker.ask(Question(target))
            if isinstance(answer, Answer) and (named := _BUILD.search(answer.body or "")):
                return named[1] or named[2]
        return None

    def _elsewhere(self, there: Destination | None) -> Refused:
        inside = there is not None and there.origin == self._asker.origin
        if there is not None and inside and not same_page(there.target, self.login):
            return Refused.ELSEWHERE
        return Refused.REFUSED

    async def _judged(self, answer: Answer, subject: Subject, form: Form) -> Shown | Refused | Unclear:
        if answer.redirects:
            return Unclear(f"it redirects to itself more than {_MOST_REDIRECTS} times")
        if not answer.succeeds:
            return _of_status(answer.status)
        if answer.header("x-nextjs-redirect"):
            return Refused.REFUSED
        if answer.body is None:
            return Unclear("the body is compressed, or too long to be compared")
        if not answer.body.strip():
            return await self._of_nothing(answer, form) if subject.is_api else Refused.OTHERWISE
        if _IN_BODY.search(answer.body):
            return Unclear("the body holds a redirect, and may or may not hold the page as well")
        return await self._compared(answer, subject, form)

    async def _of_nothing(self, answer: Answer, form: Form) -> Shown | Refused | Unclear:
        other = await self._asker.ask(form.question(self.unknown))
        if isinstance(other, Unanswered):
            return Unclear(other.reason)
        everything = other.succeeds and other.body is not None and not other.body.strip()
        return Refused.ABSENT if everything else Shown(answer)

    async def _compared(self, answer: Answer, subject: Subject, form: Form) -> Shown | Refused | Unclear:
        public = (
            (Refused.ABSENT, Question(self.unknown)),
            (Refused.PUBLIC, Question(self.login)),
            (Refused.PUBLIC, Question("/")),
            (Refused.ABSENT, form.question(self.unknown)),
            (Refused.PUBLIC, form.question(self.login)),
        )
        address = _address(self.unknown, subject.path, answer.question.target)
        words = answer.words()
        for verdict, question in public:
            if question == answer.question or question.target == subject.path == "/":
                continue
            samples = await self._sampled(question)
            if samples is None:
                return Unclear("a public page, with which it has to be compared, was not answered")
            if samples.match(words, address):
                return verdict
        return Shown(answer)

    async def _sampled(self, question: Question) -> _Samples | None:
        if question in self._samples:
            self._samples[question] = self._samples.pop(question)
        else:
            answers = [await self._asker.ask(question) for _ in range(2)]
            words = [one.words() for one in answers if isinstance(one, Answer) and one.body is not None]
            while len(self._samples) >= _MOST_SAMPLES:
                del self._samples[next(iter(self._samples))]
            self._samples[question] = _Samples(*words) if len(words) == len(answers) else None
        return self._samples[question]


def _of_status(status: int) -> Refused | Unclear:
    if status == _TOO_MANY_REQUESTS:
        return Unclear("429: the server limits the rate of requests (--rate)")
    if status in {404, 410}:
        return Refused.ABSENT
    return Refused.REFUSED if status in {401, 403} else Refused.OTHERWISE


def _address(*targets: str) -> tuple[str, ...]:
    """Return what a page repeats that repeats its address."""
    paths = [target.partition("?")[0] for target in targets]
    lasts = [path.rstrip("/").rpartition("/")[2] for path in paths]
    return tuple({same_digits(text.lower()) for last in lasts for text in (last, unquote(last)) if text})


def _without(address: tuple[str, ...], words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if not any(_repeats(part, word.lower()) for part in address))


def _repeats(part: str, word: str) -> bool:
    return word == part or f"/{part}" in word or (len(part) >= _LONG and part in word)
