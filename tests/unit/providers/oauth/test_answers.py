"""Providers that are down, slow, broken or somewhere else, behind real sockets."""

import logging
from datetime import timedelta

import pytest

from bymax_auth.ports.http import HttpClient
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.http import HttpxHttpClient
from bymax_auth.providers.oauth.oauth2 import OAuth2Provider, OAuth2Service, ProfileMapping
from bymax_auth.providers.oauth.oidc import OidcProvider
from tests.servers.answers import AnsweringServer, answer, answering
from tests.servers.patience import PATIENT
from tests.servers.ports import free_port
from tests.unit.providers.oauth.sign_ins import CALLBACK, REDIRECT_URI, REQUEST, SECRET, VERIFIER

CLIENT = HttpxHttpClient(timeout=PATIENT)
TOKENS = b'{"access_token":"a","token_type":"bearer"}'


def provider_at(address: str, client: HttpClient | None = CLIENT) -> OAuth2Provider:
    """A service whose every address is this one."""
    service = OAuth2Service(
        name="example",
        authorization_endpoint=address,
        token_endpoint=address,
        profile_endpoint=address,
        scope=("email",),
        profile=ProfileMapping(),
    )
    return OAuth2Provider(
        service, client_id="id", client_secret=SECRET, redirect_uri=REDIRECT_URI, http_client=client
    )


async def exchange(server: AnsweringServer, client: HttpClient = CLIENT) -> OAuthProviderError:
    with pytest.raises(OAuthProviderError) as refusal:
        await provider_at(server.url, client).exchange_code(CALLBACK, VERIFIER)
    return refusal.value


BROKEN: dict[str, bytes] = {
    "closed": b"",
    "another protocol": b"SSH-2.0-OpenSSH\r\n",
    "cut off": answer(TOKENS)[:-4],
    "too large, and said so": answer(b"x" * 1_048_577),
    "too large, and not said": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1_048_577,
    "compressed": answer(TOKENS, "200 OK", "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
async def test_a_broken_answer_signs_nobody_in(raw: bytes) -> None:
    """Half of an answer may be another answer."""
    async with answering(raw) as server:
        assert (await exchange(server)).kind is ProviderFailure.TRANSPORT


async def test_a_provider_that_does_not_finish_is_given_up() -> None:
    """Every browser that waits for it is a connection that is held."""
    async with answering(answer(TOKENS)[:-4]) as server:
        server.held = True
        failure = await exchange(server, HttpxHttpClient(timeout=timedelta(milliseconds=50)))
        assert failure.kind is ProviderFailure.TRANSPORT


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
)
async def test_credentials_do_not_follow_a_redirect(status: str) -> None:
    """Whoever can answer for the provider could name another address to send the secret to."""
    async with answering(answer(TOKENS)) as other:
        async with answering(answer(b"", status, f"Location: {other.url}")) as server:
            failure = await exchange(server)
        assert (failure.kind, failure.status) == (ProviderFailure.HTTP, int(status[:3]))
        assert other.requests == []


@pytest.mark.parametrize(
    "status", ["500 Internal Server Error", "503 Busy", "429 Too Many", "204 No Content"]
)
async def test_another_status_is_a_refusal(status: str) -> None:
    """A body with it may look like tokens."""
    async with answering(answer(b"" if status.startswith("204") else TOKENS, status)) as server:
        failure = await exchange(server)
        assert (failure.kind, failure.status) == (ProviderFailure.HTTP, int(status[:3]))


async def test_a_provider_that_is_down_is_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    """With the bundled client; and nothing of the registration is told to the log."""
    caplog.set_level(logging.DEBUG)
    address = f"http://127.0.0.1:{free_port()}"
    openid = OidcProvider(
        issuer=address,
        client_id="id",
        client_secret=SECRET,
        redirect_uri=REDIRECT_URI,
        allow_loopback_http=True,
    )
    with pytest.raises(OAuthProviderError) as unread:
        await openid.authorize_url(REQUEST)
    with pytest.raises(OAuthProviderError) as refused:
        await provider_at(address, None).exchange_code(CALLBACK, VERIFIER)
    for refusal in (unread.value, refused.value):
        assert refusal.kind is ProviderFailure.TRANSPORT
        assert refusal.__cause__ is None
        assert address not in str(refusal)
    assert SECRET not in caplog.text
