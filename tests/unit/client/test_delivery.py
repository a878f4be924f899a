"""How the tokens travel: in bodies, or in cookies; and never in both, nor in anybody else's jar."""

from http.cookiejar import CookieJar

import httpx2
import pytest

from bymax_auth.client import AuthClient, Authenticated, CookieNames, DecodeError, Session, SyncAuthClient
from bymax_auth.client.sending import no_cookies
from tests.unit.client.answers import (
    ACCESS_TOKEN,
    USER,
    Server,
    client_of,
    envelope,
    ok,
    session,
    setting_cookies,
    signed_in_body,
)

URL = "https://auth.example.com"
LOGIN = {"email": "a@b.c", "password": "pw"}
DONE = httpx2.Response(204)


@pytest.mark.parametrize("name", ["login", "register", "refresh"])
async def test_a_server_that_delivers_cookies_is_named(name: str) -> None:
    """The body alone says only that something is missing, and not which setting to change."""
    planted = setting_cookies("sid=eyJhbGciOiJIUzI1NiJ9.b.c; Path=/")
    server = Server({f"/{name}": planted})
    given = {} if name == "refresh" else {"email": "a@b.c", "password": "pw"}
    given |= {"name": "Ada"} if name == "register" else {}
    held = session()
    with pytest.raises(DecodeError, match="delivers tokens in cookies"):
        await getattr(client_of(server, held), name)(**given)
    assert held.held.access_token == ACCESS_TOKEN


async def test_a_session_without_tokens_is_no_sign_in() -> None:
    """A client that took it for one would send a token that it does not have."""
    server = Server({"/login": ok({"user": USER}), "/refresh": ok({"user": USER})})
    with pytest.raises(DecodeError, match="no tokens"):
        await client_of(server).login(**LOGIN)
    with pytest.raises(DecodeError, match="no tokens"):
        await client_of(server, session()).refresh()


async def test_a_client_that_is_given_keeps_its_own_cookies_to_itself() -> None:
    """Cookies of the caller's other requests identify somebody else, and ours must not join them."""
    planted = setting_cookies("access_token=a.b.c; Path=/", body=signed_in_body())
    server = Server({"/login": planted, "/me": ok(USER)})
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(server))
    blocking_http = httpx2.Client(transport=httpx2.MockTransport(server))
    for one in (http, blocking_http):
        one.cookies.set("mine", "1", domain="auth.example.com")
    client, blocking = AuthClient(URL, http=http), SyncAuthClient(URL, http=blocking_http)
    await client.login(**LOGIN)
    await client.me()
    blocking.login(**LOGIN)
    blocking.me()
    for one in (http, blocking_http):
        assert [cookie.name for cookie in one.cookies.jar] == ["mine"]
    assert all("cookie" not in request.headers for request in server.requests)


class Shared(CookieJar):
    """A jar from which another thread takes each cookie at the same moment."""

    def clear(self, domain: str | None = None, path: str | None = None, name: str | None = None) -> None:
        super().clear(domain, path, name)
        super().clear(domain, path, name)


async def test_a_cookie_that_another_thread_has_removed_is_no_error() -> None:
    """The tokens of a login were lost where two clients shared one jar."""
    planted = setting_cookies("access_token=a.b.c; Path=/", body=signed_in_body())
    http = httpx2.Client(transport=httpx2.MockTransport(Server({"/login": planted})), cookies=Shared())
    client = SyncAuthClient(URL, http=http)
    client.login(**LOGIN)
    assert client.has_session


async def test_a_client_of_its_own_takes_no_cookie() -> None:
    """Nothing that a bearer client was sent once may be sent again later."""
    jar = no_cookies()
    planted = setting_cookies("access_token=a.b.c; Path=/", body=signed_in_body())
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(Server({"/login": planted})), cookies=jar)
    await http.post(f"{URL}/auth/login")
    assert list(jar) == []


@pytest.mark.parametrize("prefix", ["", "__Host-", "__Secure-"])
async def test_cookies_carry_the_tokens_where_the_server_has_no_other_way(prefix: str) -> None:
    """A server for browsers can be called by a script without a setting of its own."""

    def planted(access: str, refresh: str) -> httpx2.Response:
        return setting_cookies(
            f"{prefix}access_token={access}; Path=/; HttpOnly",
            f"{prefix}refresh_token={refresh}; Path=/auth",
            "has_session=1",
        )

    server = Server(
        {
            "/login": planted("a.b.1", "r1"),
            "/refresh": planted("a.b.2", "r2"),
            "/me": [envelope(401, "auth.token_invalid"), ok(USER)],
            "/logout": DONE,
            "/password/change": DONE,
        }
    )
    client = client_of(server, Session(), CookieNames())
    outcome = await client.login(email="a@b.c", password="pw")
    assert isinstance(outcome, Authenticated)
    assert outcome.result.refresh_token == "r1"
    await client.me()
    await client.change_password(current_password="old", new_password="new")
    await client.logout()
    sent = [(one.url.path.removeprefix("/auth"), one.headers.get("cookie")) for one in server.requests]
    assert sent == [
        ("/login", None),
        ("/me", f"{prefix}access_token=a.b.1"),
        ("/refresh", f"{prefix}refresh_token=r1"),
        ("/me", f"{prefix}access_token=a.b.2"),
        ("/password/change", f"{prefix}access_token=a.b.2; {prefix}refresh_token=r2"),
        ("/logout", f"{prefix}access_token=a.b.2; {prefix}refresh_token=r2"),
    ]
    assert all("authorization" not in request.headers for request in server.requests)
    assert all(b"refreshToken" not in request.content for request in server.requests)


async def test_cookies_that_do_not_come_are_named() -> None:
    """A bearer server, called as if it set cookies, is one setting away from working."""
    server = Server({"/login": httpx2.Response(200, content=signed_in_body())})
    client = client_of(server, cookies=CookieNames())
    with pytest.raises(DecodeError, match="leave out the client's `cookies`"):
        await client.login(**LOGIN)
    server.answers["/login"] = setting_cookies("access_token=two words", "refresh_token=r")
    with pytest.raises(DecodeError, match="the cookie access_token holds no token"):
        await client.login(**LOGIN)
    server.answers["/login"] = setting_cookies("access_token=a.b.c")
    with pytest.raises(DecodeError, match="no tokens"):
        await client.login(**LOGIN)
    assert not client.has_session
