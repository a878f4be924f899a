"""What the examination found, and what it could not check."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bymax_auth.cli.output import visible

__all__ = ["Evidence", "Fault", "Finding", "NotChecked", "Report"]

_LONGEST: Final = 200
"""Characters of one text."""

_MOST_FINDINGS: Final = 100
_MOST_EVIDENCE: Final = 200
"""More than there are forms of a page; an answer with many cookies could fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    A kind of fault.

    Args:
        id: Its name for programs.
        title: What is wrong.
        why: Why it matters.
        change: What to change.
    """

    id: str
    title: str
    why: str
    change: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One question and what was answered; neither holds a cookie's value."""

    asked: str
    answered: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of one page, cookie or parameter, with everything that shows it."""

    fault: Fault
    subject: str
    evidence: list[Evidence]


@dataclass(frozen=True, slots=True)
class NotChecked:
    """What could not be checked, and why; `count` tells how many questions it stands for."""

    fault: Fault
    subject: str
    reason: str
    count: int


@dataclass(slots=True)
class Report:
    """
    Collects findings: one for each fault of each subject.

    Args:
        origin: The server that is asked.
        hidden: Texts that the report never repeats, though the server may send them back.
        requests: How many requests were sent.
        ended: Why not everything was asked; empty if it was.
    """

    origin: str
    hidden: tuple[str, ...] = field(default=(), repr=False)
    requests: int = 0
    ended: str = ""
    _found: dict[tuple[str, str], Finding] = field(default_factory=dict[tuple[str, str], Finding])
    _left: dict[tuple[str, str, str], NotChecked] = field(
        default_factory=dict[tuple[str, str, str], NotChecked]
    )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, in the order in which they were made."""
        return tuple(self._found.values())

    @property
    def not_checked(self) -> tuple[NotChecked, ...]:
        """What could not be checked, in the order in which it was found out."""
        return tuple(self._left.values())

    def found(self, fault: Fault, subject: str, asked: object, answered: str) -> None:
        """Add what shows a fault."""
        subject = self._printable(subject)
        if (fault.id, subject) not in self._found and len(self._found) >= _MOST_FINDINGS:
            self.leave(fault, "others", f"there are more than {_MOST_FINDINGS} findings")
            return
        finding = self._found.setdefault((fault.id, subject), Finding(fault, subject, []))
        evidence = Evidence(self._printable(str(asked)), self._printable(answered))
        if evidence not in finding.evidence and len(finding.evidence) < _MOST_EVIDENCE:
            finding.evidence.append(evidence)

    def leave(self, fault: Fault, subject: str, reason: str) -> None:
        """Add something that could not be checked."""
        subject, reason = self._printable(subject), self._printable(reason)
        key = (fault.id, subject, reason)
        before = self._left[key].count if key in self._left else 0
        self._left[key] = NotChecked(fault, subject, reason, before + 1)

    def fields(self) -> dict[str, object]:
        """Return the report as JSON."""
        return {
            "origin": self.origin,
            "requests": self.requests,
            "ended": self.ended,
            "findings": list(self._findings()),
            "notChecked": [
                {"check": one.fault.id, "subject": one.subject, "reason": one.reason, "count": one.count}
                for one in self.not_checked
            ],
        }

    def _printable(self, text: str) -> str:
        """Return text that repeats nothing hidden, and neither controls a terminal nor fills it."""
        # The beginning of what is hidden is hidden as well, so the text is cut afterwards.
        for one in self.hidden:
            text = text.replace(one, "…")
        text = visible(text)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

    def _findings(self) -> Iterator[dict[str, object]]:
        for one in self.findings:
            yield {
                "check": one.fault.id,
                "title": one.fault.title,
                "subject": one.subject,
                "evidence": [{"asked": it.asked, "answered": it.answered} for it in one.evidence],
                "why": one.fault.why,
                "change": one.fault.change,
            }
