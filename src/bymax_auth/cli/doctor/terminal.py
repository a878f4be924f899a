"""Prints a report for a person."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bymax_auth.cli.doctor.report import Finding, NotChecked, Report

__all__ = ["print_report"]

_SHOWN: Final = 4
"""Questions of one finding; the others are in the JSON."""


def print_report(report: Report) -> None:
    """Print what was found, then what was not checked, then how many requests that took."""
    console = Console(highlight=False, emoji=False)
    for finding in report.findings:
        console.print(_panel(finding))
    if report.not_checked:
        console.print(_left(report.not_checked))
    console.print(Text(_summary(report)))


def _panel(finding: Finding) -> RenderableType:
    evidence = Table.grid(padding=(0, 2))
    evidence.add_column(no_wrap=True, style="bold")
    evidence.add_column(overflow="fold")
    for name, text in _rows(finding):
        evidence.add_row(Text(name), Text(text))
    title = Text(f"{finding.fault.title}: {finding.subject} [{finding.fault.id}]")
    return Panel(Group(title, evidence), border_style="red", title_align="left")


def _rows(finding: Finding) -> Iterator[tuple[str, str]]:
    for one in finding.evidence[:_SHOWN]:
        yield "asked", one.asked
        yield "answered", one.answered
    if len(finding.evidence) > _SHOWN:
        yield "", f"and in {len(finding.evidence) - _SHOWN} other forms (--json names them)"
    yield "why", finding.fault.why
    yield "change", finding.fault.change


def _left(left: tuple[NotChecked, ...]) -> RenderableType:
    table = Table(title="Not checked", title_justify="left", expand=False)
    table.add_column("Check", no_wrap=True)
    table.add_column("Of", overflow="fold")
    table.add_column("Why", overflow="fold")
    for one in left:
        times = f" ({one.count} times)" if one.count > 1 else ""
        table.add_row(Text(one.fault.id), Text(one.subject), Text(one.reason + times))
    return table


def _summary(report: Report) -> str:
    found = len(report.findings)
    count = f"{found} finding{'' if found == 1 else 's'}" if found else "No findings"
    ended = f" Not everything was asked: {report.ended}." if report.ended else ""
    return f"{count} at {report.origin}, {report.requests} requests sent.{ended}"
