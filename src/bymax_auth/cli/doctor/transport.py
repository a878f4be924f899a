"""
Whether browsers are told to use TLS alone.

Source: RFC 6797 §6.1, §8.1.
"""

from typing import Final

from bymax_auth.cli.doctor.asking import Asker
from bymax_auth.cli.doctor.exchange import Answer
from bymax_auth.cli.doctor.faults import HSTS_MISSING
from bymax_auth.cli.doctor.report import Report

__all__ = ["check_transport"]

_HEADER: Final = "strict-transport-security"


def check_transport(asker: Asker, report: Report, first: Answer) -> None:
    """Add to the report that the first answer has no valid Strict-Transport-Security."""
    if asker.origin.scheme != "https":
        report.leave(HSTS_MISSING, str(asker.origin), "the origin was asked without TLS")
        return
    # Of several headers, browsers process the first.
    value = next((value for name, value in first.headers if name == _HEADER), "")
    ages = [
        content.strip(' "')
        for name, _, content in (one.partition("=") for one in value.split(";"))
        if name.strip().lower() == "max-age"
    ]
    if len(ages) != 1 or not ages[0].isdecimal() or not ages[0].strip("0"):
        report.found(HSTS_MISSING, str(asker.origin), first.question, first.described(_HEADER))
