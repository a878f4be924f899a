"""
The pages and addresses of Demo ID.

``GET /authorize`` asks who the visitor is, in a page without scripts; ``POST /authorize`` sends the browser
back.  A request that is not of its one client shows an error here, and leads nowhere.

Source: RFC 6749 §4.1.2.1.
"""

import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bymax_auth.cli.dev.demo_id.provider import Asked, DemoId, NotIssued, Person

__all__ = ["demo_id_app"]

_NO_STORE: Final = {"Cache-Control": "no-store"}
_MOST_BYTES: Final = 8192
_LONGEST_NAME: Final = 128
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_BAD_REQUEST: Final = 400
_UNAUTHORIZED: Final = 401
_SEE_OTHER: Final = 303
_REGISTERED: Final = ("client_id", "redirect_uri", "response_type", "code_challenge_method")
_ASKED: Final = (*_REGISTERED, "code_challenge", "state", "nonce")


def demo_id_app(provider: DemoId) -> Starlette:
    """Return the application of `provider`, which accepts only requests with a loopback ``Host``."""
    pages = _Pages(provider)
    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", pages.metadata),
            Route("/keys", pages.keys),
            Route("/authorize", pages.ask),
            Route("/authorize", pages.decide, methods=["POST"]),
            Route("/token", pages.token, methods=["POST"]),
            Mount("/assets", StaticFiles(packages=[("bymax_auth.cli.dev", "web")])),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
        ],
    )


class _Pages:
    def __init__(self, provider: DemoId) -> None:
        self._provider = provider
        self._page = Template(files("bymax_auth.cli.dev").joinpath("web", "demo-id.html").read_text("utf-8"))
        callback = urlsplit(provider.client.redirect_uri)
        # Browsers apply `form-action` to the redirect that answers a form as well.
        policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        self._headers = {
            **_NO_STORE,
            "Content-Security-Policy": f"{policy}; img-src data:; form-action 'self' {callback.scheme}://{callback.netloc}",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }

    async def metadata(self, _request: Request) -> Response:
        return JSONResponse(self._provider.metadata)

    async def keys(self, _request: Request) -> Response:
        return JSONResponse(self._provider.keys)

    async def ask(self, request: Request) -> Response:
        given = dict(request.query_params)
        return self._show(given) if self._asked(given) else self._refuse()

    async def decide(self, request: Request) -> Response:
        form = await _form(request)
        asked = self._asked(form)
        if asked is None:
            return self._refuse()
        if "cancel" in form:
            return self._back({"error": "access_denied", "state": asked.state})
        person, faults = self._person(form)
        if person is None:
            return self._show(form, faults)
        return self._back({"code": self._provider.authorize(asked, person), "state": asked.state})

    async def token(self, request: Request) -> Response:
        try:
            answer = self._provider.redeem(await _form(request), request.headers.get("authorization", ""))
        except NotIssued as refusal:
            status = _UNAUTHORIZED if str(refusal) == "invalid_client" else _BAD_REQUEST
            return JSONResponse({"error": str(refusal)}, status, headers=_NO_STORE)
        return JSONResponse(answer, headers=_NO_STORE)

    def _asked(self, given: Mapping[str, str]) -> Asked | None:
        """Return what the client asks for, or ``None`` for a request that is not its own."""
        client = self._provider.client
        registered = (client.client_id, client.redirect_uri, "code", "S256")
        if tuple(map(given.get, _REGISTERED)) != registered:
            return None
        state, nonce, challenge = (given.get(name, "") for name in ("state", "nonce", "code_challenge"))
        if not (state and nonce and challenge):
            return None
        return Asked(state=state, nonce=nonce, code_challenge=challenge)

    def _person(self, form: Mapping[str, str]) -> tuple[Person | None, dict[str, str]]:
        """Return who was chosen or described, or what is wrong with each field."""
        chosen = next((one for one in self._provider.people if one.email == form.get("person")), None)
        if chosen is not None:
            return chosen, {}
        name, email, faults = form.get("name", "").strip(), form.get("email", "").strip(), dict[str, str]()
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            faults["name"] = f"Name needs at most {_LONGEST_NAME} letters." if name else "Name is missing."
        if _ADDRESS.fullmatch(email) is None:
            faults["email"] = "Email needs the form name@example.com." if email else "Email is missing."
        if faults:
            return None, faults
        return Person(name=name, email=email, email_verified="verified" in form), {}

    def _back(self, answer: dict[str, str]) -> Response:
        """Send the browser back, and say who does.  Source: RFC 9207 §2."""
        query = urlencode({**answer, "iss": self._provider.issuer})
        return RedirectResponse(
            f"{self._provider.client.redirect_uri}?{query}", _SEE_OTHER, headers=self._headers
        )

    def _show(self, given: Mapping[str, str], faults: Mapping[str, str] | None = None) -> Response:
        faults = faults or {}
        hidden = "".join(_hidden(name, given[name]) for name in _ASKED)
        first = next(iter(faults), None)
        page = self._page.substitute(
            asked=hidden,
            people="".join(map(_offered, self._provider.people)),
            title="Error: who are you?" if faults else "Who are you?",
            name=_field("name", "Name", given, faults, first),
            email=_field("email", "Email", given, faults, first),
            verified="checked" if not faults or "verified" in given else "",
        )
        return HTMLResponse(page, _BAD_REQUEST if faults else 200, headers=self._headers)

    def _refuse(self) -> Response:
        text = "Demo ID was not asked by its one client. Begin at the development server.\n"
        return Response(text, _BAD_REQUEST, headers=self._headers, media_type="text/plain")


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _offered(person: Person) -> str:
    value = f'name="person" value="{escape(person.email)}"'
    return f"<button {value}>Continue as {escape(person.name)}<span> {escape(person.email)}</span></button>"


def _field(
    name: str, label: str, given: Mapping[str, str], faults: Mapping[str, str], first: str | None
) -> str:
    """Return a field, with its error beside it; the first that is wrong has the focus."""
    fault = faults.get(name)
    state = f' aria-invalid="true" aria-describedby="{name}-error"' if fault else ""
    focus = " autofocus" if name == first else ""
    error = f'<p class="error" id="{name}-error">{escape(fault)}</p>' if fault else ""
    kind = "email" if name == "email" else "text"
    return (
        f'<div class="field"><label for="{name}">{label}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" autocomplete="off" '
        f'value="{escape(given.get(name, ""))}"{state}{focus}>{error}</div>'
    )


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form; none of one that is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
