"""
The pages of the development server, beside the library's routes.

``/`` is a page with forms and the captured mailbox, ``/dev/mail`` the mailbox as JSON and
``/docs`` the interactive documentation.  Every script and style is served locally: there may be no
internet connection, and a page that handles passwords loads no third-party code.
"""

import json
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from typing import Final, Self

from fastapi import FastAPI, Response
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from bymax_auth.cli.dev.mailbox import CapturedMail, Mailbox
from bymax_auth.cli.dev.seed import DemoAccount, DemoAccounts
from bymax_auth.config import AuthConfig
from bymax_auth.http import RateLimit, RateLimitConfig

__all__ = ["PageFacts", "add_site"]

_NO_STORE: Final = {"Cache-Control": "no-store"}
_PAGE_HEADERS: Final = {
    **_NO_STORE,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_PAGE_POLICY: Final = (
    "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DOCS_POLICY: Final = _PAGE_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""Swagger UI uses inline styles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What the page says of the configuration, so that its text agrees with the server."""

    minimum: int
    attempts: int
    lock_minutes: int
    grace_seconds: int
    limits: str
    origin: str
    demo_id: str

    @classmethod
    def of(cls, config: AuthConfig, limit: RateLimit | None, origin: str, demo_id: str) -> Self:
        """Return the facts of `config`, of each route's rate limit, and where server and Demo ID are."""
        login = RateLimitConfig().login
        usual = f"; a deployment allows {login.requests} sign-ins a minute" if login else ""
        limits = f"{limit.requests} requests of each kind a minute" if limit else "off"
        return cls(
            minimum=config.password.min_length,
            attempts=config.brute_force.max_attempts,
            lock_minutes=round(config.brute_force.window.total_seconds() / 60),
            grace_seconds=round(config.jwt.refresh_grace_window.total_seconds()),
            limits=f"{limits}{usual}",
            origin=origin,
            demo_id=demo_id,
        )

    def as_json(self, accounts: DemoAccounts) -> str:
        """Return the facts as the page's script reads them, with the accounts of a public password."""
        return json.dumps(
            {
                "minimum": self.minimum,
                "attempts": self.attempts,
                "lockMinutes": self.lock_minutes,
                "graceSeconds": self.grace_seconds,
                "limits": self.limits,
                "origin": self.origin,
                "demoId": self.demo_id,
                "accounts": [_public(account) for account in accounts.users],
                "admin": _public(accounts.admin) if accounts.admin else None,
            }
        )


def add_site(app: FastAPI, mailbox: Mailbox, accounts: DemoAccounts, facts: PageFacts) -> None:
    """Add the pages, their assets and the mailbox to `app`."""
    page = Template(_text("index.html")).substitute(facts=escape(facts.as_json(accounts)))
    docs = _text("docs.html")

    async def show_page() -> HTMLResponse:
        return HTMLResponse(page, headers={**_PAGE_HEADERS, "Content-Security-Policy": _PAGE_POLICY})

    async def show_docs() -> HTMLResponse:
        return HTMLResponse(docs, headers={**_PAGE_HEADERS, "Content-Security-Policy": _DOCS_POLICY})

    async def show_mail(response: Response) -> list[CapturedMail]:
        response.headers.update(_NO_STORE)
        return mailbox.newest_first()

    app.add_api_route("/", show_page, include_in_schema=False, response_class=HTMLResponse)
    app.add_api_route("/docs", show_docs, include_in_schema=False, response_class=HTMLResponse)
    app.add_api_route("/dev/mail", show_mail, tags=["dev"], summary="Captured mail, newest first")
    app.mount("/dev/assets/swagger", StaticFiles(packages=[("fastapi_offline", "static")]))
    app.mount("/dev/assets", StaticFiles(packages=[("bymax_auth.cli.dev", "web")]))


def _public(account: DemoAccount) -> dict[str, str]:
    """Return what a visitor may know of an account whose password is public."""
    return {"email": account.email, "role": account.role, "password": account.password}


def _text(name: str) -> str:
    return files("bymax_auth.cli.dev").joinpath("web", name).read_text(encoding="utf-8")
