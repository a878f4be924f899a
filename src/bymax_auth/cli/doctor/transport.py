"""
Whether browsers are told to use TLS alone.

Source: RFC 6797 §6.1, §8.1.
"""

import re
from typing import Final

from bymax_auth.cli.doctor.exchange import Answer
from bymax_auth.cli.doctor.faults import HSTS_MISSING
from bymax_auth.cli.doctor.origin import Origin
from bymax_auth.cli.doctor.report import Report

__all__ = ["check_transport"]

_HEADER: Final = "strict-transport-security"

_NOT_KEPT: Final = re.compile(r".*:.*|(?:.*\.)?(?:localhost|\d+|0x[\da-f]*)\.?")
"""Hosts for which browsers ignore it: a name whose last part is a number is an address.

Source: RFC 6797 §8.1.1; WHATWG URL Standard, 3.5 "Host parsing"."""


def check_transport(origin: Origin, report: Report, first: Answer) -> None:
    """Add to the report that the first answer has no valid Strict-Transport-Security."""
    if origin.scheme != "https":
        report.leave(HSTS_MISSING, str(origin), "the origin was asked without TLS")
        return
    if _NOT_KEPT.fullmatch(origin.host):
        report.leave(HSTS_MISSING, str(origin), "browsers keep it for the names of hosts alone")
        return
    # Of several headers, browsers process the first.
    value = next((value for name, value in first.headers if name == _HEADER), "")
    ages = [
        content.strip(' "')
        for name, _, content in (one.partition("=") for one in value.split(";"))
        if name.strip().lower() == "max-age"
    ]
    if len(ages) != 1 or not ages[0].isdecimal() or not ages[0].strip("0"):
        report.found(HSTS_MISSING, str(origin), first.question, first.described(_HEADER))
