"""The guide to WebSockets: its application, driven as a page drives it."""

import asyncio
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from bymax_auth.types.login_end import LoginEndReason
from tests.examples.guides import ROOT, blocks, write_files

GUIDE = "websocket.md"
EXAMPLE = ROOT / "examples" / "fastapi-websocket" / "app.py"
ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery staple", "name": "Ada"}
OWN_PAGE = {"Origin": "http://testserver"}


@pytest.fixture
def guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The guide's files, imported as a reader's."""
    names = [path.stem for path in write_files(GUIDE, tmp_path)]
    monkeypatch.syspath_prepend(str(tmp_path))
    known = {name: sys.modules.pop(name, None) for name in names}
    try:
        yield {name: importlib.import_module(name) for name in names}
    finally:
        for name, module in known.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


@pytest.fixture
def client(guide: dict[str, ModuleType]) -> Iterator[TestClient]:
    with TestClient(guide["app"].app, headers=OWN_PAGE) as running:
        yield running


def ticket_of(client: TestClient) -> str:
    answer = client.post("/auth/ws-ticket")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ticket"])


def test_the_guides_application_is_the_example() -> None:
    """The example that is checked and the code that is copied differ."""
    (shown,) = [block.text for block in blocks(GUIDE, "python") if block.title == "app.py"]
    assert shown == EXAMPLE.read_text(encoding="utf-8")


def test_a_page_opens_a_socket_and_hears_that_it_was_signed_out(client: TestClient) -> None:
    """The journey of the guide: sign up, get a ticket, talk, stay longer, sign out in another tab."""
    assert client.post("/auth/register", json=ACCOUNT).status_code == 201
    with client.websocket_connect(f"/live?ticket={ticket_of(client)}") as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "You said: hello"
        socket.send_text(f"renew {ticket_of(client)}")
        assert re.fullmatch(r"You may stay until \d\d:\d\d\.", socket.receive_text())
        socket.send_text("renew garbage")
        assert socket.receive_text() == "That ticket is not valid."
        assert client.post("/auth/logout").status_code == 204
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert (closed.value.code, closed.value.reason) == (1008, LoginEndReason.TOKEN_REVOKED)


def test_a_client_that_leaves_ends_the_handler(guide: dict[str, ModuleType], client: TestClient) -> None:
    """Every closed page would leave a task on the server."""
    assert client.post("/auth/register", json=ACCOUNT).status_code == 201
    for _ in range(3):
        with client.websocket_connect(f"/live?ticket={ticket_of(client)}") as socket:
            socket.send_text("hello")
            assert socket.receive_text() == "You said: hello"
    assert client.portal is not None
    assert client.portal.call(waiting, guide["app"].engine) == 0


async def waiting(engine: Any) -> int:
    """How many connections still wait, once everything has run that is ready."""
    for _ in range(20):
        await asyncio.sleep(0)
    return len(engine._services.open_logins._waits)


def test_a_used_ticket_is_refused_before_the_socket_opens(client: TestClient) -> None:
    """The address stands in logs and histories."""
    assert client.post("/auth/register", json=ACCOUNT).status_code == 201
    ticket = ticket_of(client)
    with client.websocket_connect(f"/live?ticket={ticket}"):
        pass
    for address in (f"/live?ticket={ticket}", "/live"):
        with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect(address):
            pass
        assert (denied.value.status_code, denied.value.json()["error"]["code"]) == (401, "auth.token_invalid")


def test_the_guides_plain_application_does_the_same(guide: dict[str, ModuleType], client: TestClient) -> None:
    """Readers without FastAPI copy this one."""
    assert client.post("/auth/register", json=ACCOUNT).status_code == 201
    assert client.portal is not None

    async def journey(ticket: str) -> list[Any]:
        sent: asyncio.Queue[Any] = asyncio.Queue()
        received: asyncio.Queue[Any] = asyncio.Queue()
        scope = {
            "type": "websocket",
            "path": "/live",
            "headers": [],
            "query_string": f"ticket={ticket}".encode(),
            "extensions": {"websocket.http.response": {}},
        }
        await sent.put({"type": "websocket.connect"})
        serving = asyncio.create_task(guide["plain"].plain_app(scope, sent.get, received.put))
        answers = [await received.get()]
        if answers[0]["type"] == "websocket.accept":
            user = await guide["app"].users.find_by_email(ACCOUNT["email"], tenant_id="default")
            await guide["app"].engine.revoke_all_sessions(user.id, tenant_id="default")
        answers.append(await received.get())
        await serving
        return answers

    ticket = ticket_of(client)
    opened, closed = client.portal.call(journey, ticket)
    assert opened["type"] == "websocket.accept"
    assert (closed["code"], closed["reason"]) == (1008, "sessions_revoked")
    denied, _ = client.portal.call(journey, ticket)
    assert (denied["type"], denied["status"]) == ("websocket.http.response.start", 401)


def test_the_guides_stream_ends_with_its_login(guide: dict[str, ModuleType], client: TestClient) -> None:
    """A stream is a connection like any other."""
    assert client.post("/auth/register", json=ACCOUNT).status_code == 201
    stream, engine = guide["stream"], guide["app"].engine

    async def journey(token: str) -> list[str]:
        claims = (await engine.authenticate(token)).claims
        events = stream.until_ended(engine.ended(claims))
        heard = [await anext(events)]
        await engine.revoke_all_sessions(claims.sub, tenant_id=claims.tenant_id)
        heard += [event async for event in events]
        return heard

    assert client.portal is not None
    token = str(next(one.value for one in client.cookies.jar if one.name.endswith("access_token")))
    first, *_, last = client.portal.call(journey, token)
    assert first == "data: tick\n\n"
    assert last == "event: ended\ndata: sessions_revoked\n\n"
    assert client.get("/events", headers={"Cookie": ""}).status_code == 401
