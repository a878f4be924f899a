"""`bymax-auth doctor`: its arguments and exit codes."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from bymax_auth.cli.exits import exit_without_values, stop
from bymax_auth.cli.output import print_json

__all__ = ["doctor"]

_FOUND: Final = 1
_COULD_NOT_ASK: Final = 2
_COOKIE: Final = "BYMAX_AUTH_DOCTOR_COOKIE"
_LOGIN: Final = "/login"

Url = Annotated[str, typer.Argument(help="Origin of the application, such as https://app.example.com.")]
Protected = Annotated[
    list[str] | None, typer.Option(help="Path of a page that needs a session; may be repeated.")
]
Api = Annotated[
    list[str] | None, typer.Option(help="Path of the API that needs credentials; may be repeated.")
]
Login = Annotated[
    list[str] | None,
    typer.Option(help="Path of the login page, /login; repeated, of others that take a destination."),
]
Cookie = Annotated[
    bool,
    typer.Option("--cookie", help=f"Read the Cookie header of a session from {_COOKIE}, or from the input."),
]
SessionCookie = Annotated[
    list[str] | None,
    typer.Option(help="Name of a cookie that carries a session, beside those that are known."),
]
Authority = Annotated[
    Path | None,
    typer.Option("--ca-file", help="PEM file of the authorities to trust, in place of the system's."),
]
Most = Annotated[
    int, typer.Option(min=1, max=10_000, help="How many requests are sent at most, for all pages together.")
]
Rate = Annotated[float, typer.Option(min=0.1, max=1000, help="How many are sent in a second at most.")]
Timeout = Annotated[float, typer.Option(min=0.1, max=60, help="Seconds for one answer.")]
Seconds = Annotated[float, typer.Option(min=1, max=3600, help="Seconds for all of it.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def doctor(  # noqa: PLR0913 - a command has as many options as there are choices
    url: Url,
    *,
    protected: Protected = None,
    api: Api = None,
    login: Login = None,
    cookie: Cookie = False,
    session_cookie: SessionCookie = None,
    authority: Authority = None,
    max_requests: Most = 600,
    rate: Rate = 10,
    timeout: Timeout = 10,
    max_seconds: Seconds = 300,
    json: Json = False,
) -> None:
    """
    Ask a deployed application, of your own, for the faults that front ends have.

    It sends GET requests, to this origin alone. It exits with 0 if nothing was found, 1 if something was, and
    2 if it could not ask, or not everything.
    """
    # The client of HTTP takes a while to import, and the other commands do not need it.
    from bymax_auth.cli.doctor.asking import AuthorityUnreadable, Limits
    from bymax_auth.cli.doctor.examination import CouldNotAsk, Examined, examine
    from bymax_auth.cli.doctor.origin import Origin, OriginRefused
    from bymax_auth.cli.doctor.terminal import print_report

    try:
        examined = Examined(
            origin=Origin.parse(url),
            protected=_paths("--protected", protected or ()),
            api=_paths("--api", api or ()),
            login=_paths("--login", login or (_LOGIN,)),
            session_cookies=frozenset(session_cookie or ()),
            limits=Limits(requests=max_requests, per_second=rate, seconds=timeout, all_seconds=max_seconds),
            authority=authority,
        )
    except OriginRefused as error:
        stop(f"the URL is refused: {error}.", _COULD_NOT_ASK)
    session = _session() if cookie else None
    with exit_without_values(_COULD_NOT_ASK):
        try:
            report = asyncio.run(examine(examined, session))
        except (AuthorityUnreadable, CouldNotAsk) as error:
            stop(f"{examined.origin} could not be asked: {error}.", _COULD_NOT_ASK)
    if json:
        print_json(report.fields())
    else:
        print_report(report)
    sys.exit(_FOUND if report.findings else _COULD_NOT_ASK if report.ended else 0)


def _paths(option: str, texts: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    from bymax_auth.cli.doctor.origin import path_argument

    try:
        return tuple(dict.fromkeys(map(path_argument, texts)))
    except ValueError as error:
        stop(f"{option}: {error}.", _COULD_NOT_ASK)


def _session() -> str:
    """Return the cookie; what is wrong with it is told without its text."""
    import getpass
    import os

    given = os.environ.get(_COOKIE)
    if given is None:
        given = getpass.getpass("Cookie: ") if sys.stdin.isatty() else sys.stdin.readline()
    text = re.sub(r"\Acookie:", "", given.strip(), flags=re.IGNORECASE).strip()
    if not re.fullmatch(r"[\x21\x23-\x7e][\x20-\x7e]*=[\x20-\x7e]*", text):
        stop("the cookie is not of the form name=value; name=value.", _COULD_NOT_ASK)
    return text
