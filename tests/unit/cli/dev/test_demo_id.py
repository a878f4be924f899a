"""Demo ID: a provider that the library's own checks accept, and that nothing but its one client can use."""

import logging
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from bymax_auth.cli.dev.demo_id.app import demo_id_app
from bymax_auth.cli.dev.demo_id.provider import DemoClient, DemoId
from bymax_auth.ports.oauth import OAuthProviderError
from bymax_auth.providers.http import HttpxHttpClient
from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.testing import FakeClock
from bymax_auth.types.oauth import CallbackParameters
from bymax_auth.types.secret import Secret
from tests.integration.providers.browser import SignIn

ISSUER = "http://127.0.0.1:9000"
CALLBACK = "http://127.0.0.1:8000/auth/oauth/demo-id/callback"


class Demo:
    """The provider, its client, and the browser of a person."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        client = DemoClient(client_id="dev", client_secret=Secret("the+secret/of=dev"), redirect_uri=CALLBACK)
        self.provider = DemoId(ISSUER, client, self.clock)
        self.transport = httpx2.ASGITransport(demo_id_app(self.provider))
        self.started = SignIn()
        self.client = self.client_with(client.client_secret)

    def client_with(self, secret: Secret) -> OidcProvider:
        return OidcProvider(
            name="demo-id",
            issuer=ISSUER,
            client_id="dev",
            client_secret=secret,
            redirect_uri=CALLBACK,
            http_client=HttpxHttpClient(self.transport),
            clock=self.clock,
            allow_loopback_http=True,
        )

    async def asked(self, **changes: str) -> httpx2.Response:
        """The page to which the client sends the browser, with a changed request."""
        sent = httpx2.URL(await self.client.authorize_url(self.started.request))
        return await self.browse("GET", str(sent.copy_merge_params(changes)))

    async def answered(self, **fields: str) -> httpx2.Response:
        """What follows when a person fills in the form."""
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', (await self.asked()).text))
        form = {name: unescape(value) for name, value in hidden.items()}
        return await self.browse("POST", f"{ISSUER}/authorize", {**form, **fields})

    async def browse(self, method: str, url: str, form: dict[str, str] | None = None) -> httpx2.Response:
        async with httpx2.AsyncClient(transport=self.transport) as browser:
            return await browser.request(method, url, data=form)

    async def back(self, **fields: str) -> CallbackParameters:
        """What the browser brings back."""
        answer = await self.answered(**fields)
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        assert answer.headers["location"].startswith(f"{CALLBACK}?")
        assert query["state"] == [self.started.state]
        return CallbackParameters(code=query["code"][0], issuer=query["iss"][0])


@pytest.fixture
def demo(caplog: pytest.LogCaptureFixture) -> Demo:
    caplog.set_level(logging.WARNING, "httpx2")  # the browser's own log quotes every address
    return Demo()


async def test_a_person_is_who_they_say_they_are(demo: Demo) -> None:
    """The button on the demonstration's page leads to a refusal of the library's own."""
    back = await demo.back(name=" Ana Souza ", email="Ana@Example.com", verified="on")
    tokens = await demo.client.exchange_code(back, demo.started.verifier)
    ana = await demo.client.fetch_profile(tokens, nonce=demo.started.nonce)
    assert (ana.name, ana.email, ana.email_verified) == ("Ana Souza", "Ana@Example.com", True)
    unverified = await demo.client.exchange_code(
        await demo.back(name="Ana", email="ana@example.com"), demo.started.verifier
    )
    again = await demo.client.fetch_profile(unverified, nonce=demo.started.nonce)
    assert (again.provider_id, again.email_verified) == (ana.provider_id, False)


async def test_the_page_offers_people_and_each_is_somebody_else(demo: Demo) -> None:
    """A visitor has to invent somebody, or cannot tell two offers apart."""
    expected = [demo.provider.expect() for _ in range(4)]
    page = (await demo.asked()).text
    offered = re.findall(r"Continue as ([^<]+)<span> ([^<]+)</span>", page)
    assert offered == [(one.name, one.email) for one in [*reversed(expected[1:]), demo.provider.people[-1]]]
    assert len({name for name, _ in offered}) == 4
    back = await demo.back(person=offered[0][1])
    tokens = await demo.client.exchange_code(back, demo.started.verifier)
    profile = await demo.client.fetch_profile(tokens, nonce=demo.started.nonce)
    assert (profile.name, profile.email, profile.email_verified) == (*offered[0], True)


async def test_a_visitor_may_go_back(demo: Demo) -> None:
    """Whoever changes their mind is stuck at the provider."""
    answer = await demo.answered(cancel="")
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == ["access_denied"]


async def test_an_error_stands_beside_its_field_and_keeps_what_was_typed(demo: Demo) -> None:
    """A visitor loses what they have typed, or a bracket in it breaks the page."""
    answer = await demo.answered(name="", email='"><b>', verified="on")
    assert answer.status_code == 400
    assert re.search(r'id="name"[^>]*aria-describedby="name-error" autofocus>', answer.text)
    assert '<p class="error" id="name-error">Name is missing.</p>' in answer.text
    assert 'value="&quot;&gt;&lt;b&gt;" aria-invalid="true"' in answer.text
    assert '<p class="error" id="email-error">Email needs the form name@example.com.</p>' in answer.text
    assert "<b>" not in answer.text
    long = await demo.answered(name="a" * 129, email="")
    assert "Name needs at most 128 letters." in long.text
    assert "Email is missing." in long.text


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://127.0.0.1:8000/elsewhere"},
        {"client_id": "another"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"nonce": ""},
    ],
)
async def test_a_request_of_another_client_leads_nowhere(demo: Demo, changes: dict[str, str]) -> None:
    """A page of the same machine obtains codes."""
    answer = await demo.asked(**changes)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    posted = await demo.answered(**changes, name="Ana", email="ana@example.com")
    assert (posted.status_code, "location" in posted.headers) == (400, False)


async def test_a_code_is_for_one_client_one_verifier_and_one_use(demo: Demo) -> None:
    """The demonstration shows a provider that no client should trust."""
    stranger = demo.client_with(Secret("guessed"))
    back = await demo.back(name="Ana", email="ana@example.com")
    with pytest.raises(OAuthProviderError):
        await stranger.exchange_code(back, demo.started.verifier)
    await demo.client.exchange_code(back, demo.started.verifier)
    with pytest.raises(OAuthProviderError):
        await demo.client.exchange_code(back, demo.started.verifier)
    with pytest.raises(OAuthProviderError):
        await demo.client.exchange_code(await demo.back(name="Ana", email="ana@example.com"), "another")
    late = await demo.back(name="Ana", email="ana@example.com")
    demo.clock.advance(timedelta(minutes=1))
    with pytest.raises(OAuthProviderError):
        await demo.client.exchange_code(late, demo.started.verifier)


async def test_a_form_that_is_too_large_or_no_credentials_are_refused(demo: Demo) -> None:
    """The demonstration ends in a traceback."""
    large = await demo.answered(name="a" * 9000)
    assert large.status_code == 400
    async with httpx2.AsyncClient(transport=demo.transport) as browser:
        answer = await browser.post(f"{ISSUER}/token", headers=[(b"authorization", "Basic é".encode())])
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    elsewhere = await demo.browse("GET", "http://evil.example/keys")
    assert elsewhere.status_code == 400
