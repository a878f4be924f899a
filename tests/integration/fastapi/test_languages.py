"""The language of mail, from a request to the mail that leaves."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from fastapi import FastAPI

from bymax_auth.config.resolvers import LocaleResolver
from bymax_auth.engine import AuthEngine
from bymax_auth.fastapi import install
from bymax_auth.http.app import auth_app
from bymax_auth.http.asgi import ASGIApp
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.providers import DefaultAuthEmailCatalogue, DefaultAuthEmailProvider, OutgoingEmail
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.account import AuthUser
from bymax_auth.types.context import RequestContext
from tests.integration.http.driver import Driver
from tests.integration.http.world import EMAIL, NEW_PASSWORD, PASSWORD, UNLIMITED, settings, user

HTTP = AuthHttpConfig(PeerAddress(), rate_limits=UNLIMITED)
PORTUGUESE = (("accept-language", "fr-FR, pt-BR;q=0.9, en;q=0.1"),)
BODY = {"email": "bea@example.com", "name": "Bea <b>", "password": PASSWORD, "tenantId": "acme"}


class Outbox:
    """Keeps what leaves."""

    def __init__(self) -> None:
        self.sent: list[OutgoingEmail] = []

    async def send(self, message: OutgoingEmail) -> None:
        self.sent.append(message)


def bare(engine: AuthEngine) -> ASGIApp:
    return auth_app(engine, HTTP, app_at_prefix=True)


def installed(engine: AuthEngine) -> ASGIApp:
    app = FastAPI()
    install(app, engine, HTTP)
    return app


@pytest.fixture(params=[bare, installed])
def face(request: pytest.FixtureRequest) -> Callable[[AuthEngine], ASGIApp]:
    """Each adapter."""
    chosen: Callable[[AuthEngine], ASGIApp] = request.param
    return chosen


@asynccontextmanager
async def a_world(
    face: Callable[[AuthEngine], ASGIApp], resolver: LocaleResolver | None = None, **options: object
) -> AsyncGenerator[tuple[Driver, AuthEngine, Outbox]]:
    users, outbox = InMemoryUserRepository(), Outbox()
    users.add(user())
    words = DefaultAuthEmailCatalogue(password_reset_link="https://app.example/reset#{token}")
    engine = AuthEngine(
        settings(email_verification={"required": True}, **options),
        users=users,
        stores=EmbeddedStores(),
        email=DefaultAuthEmailProvider(outbox, catalogue=words),
        locale_resolver=resolver,
    )
    async with engine:
        yield Driver(face(engine)), engine, outbox


async def the_mails(driver: Driver, engine: AuthEngine, outbox: Outbox) -> dict[str, OutgoingEmail]:
    """Do everything that sends mail, from one browser; return the mails by kind."""
    browser = replace(driver, default_headers=PORTUGUESE)
    named = {"email": EMAIL, "tenantId": "acme"}
    made = await browser.call("POST", "/register", json_body=BODY)
    assert made.status == 201, made.body
    signed_in = await browser.call("POST", "/login", json_body={**named, "password": PASSWORD})
    assert signed_in.status == 200, signed_in.body
    await browser.call("POST", "/password/forgot-password", json_body=named)
    passwords = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    changed = await browser.call("POST", "/password/change", json_body=passwords, cookies=signed_in.cookies)
    assert changed.status == 204, changed.body
    await engine.drain()
    return {mail.kind: mail for mail in outbox.sent}


async def test_every_mail_is_in_a_language_of_the_browser(face: Callable[[AuthEngine], ASGIApp]) -> None:
    """A person who reads Portuguese would get English mail from a Portuguese page."""
    alerts = {"enabled": True, "new_session_alerts": True}
    async with a_world(face, sessions=alerts) as (driver, engine, outbox):
        mails = await the_mails(driver, engine, outbox)
    assert {kind: mail.text.partition("\n\n")[0] for kind, mail in mails.items()} == {
        # Bea's name holds markup, which a greeting does not repeat.
        "email_verification_otp": "Boas-vindas!",
        "new_session_alert": "Olá, Ada Lovelace!",
        "password_reset_token": "Olá, Ada Lovelace!",
        "password_changed": "Olá, Ada Lovelace!",
    }
    assert "abra este link:\nhttps://app.example/reset#" in mails["password_reset_token"].text


async def test_a_code_that_is_sent_again_is_in_the_same_language(
    face: Callable[[AuthEngine], ASGIApp],
) -> None:
    """The second mail would seem to be another sender's."""
    async with a_world(face, password_reset={"method": "otp"}) as (driver, engine, outbox):
        browser = replace(driver, default_headers=PORTUGUESE)
        named = {"email": EMAIL, "tenantId": "acme"}
        await browser.call("POST", "/password/resend-otp", json_body=named)
        await engine.drain()
        (mail,) = outbox.sent
    assert mail.subject == "Seu código para redefinir a senha"


async def test_a_host_chooses_the_language(face: Callable[[AuthEngine], ASGIApp]) -> None:
    """The language that a person chose in the settings would count for pages and not for mail."""
    asked: list[tuple[str, str]] = []

    async def spanish(context: RequestContext, user: AuthUser) -> str | None:
        asked.append((user.email, context.sanitized_headers["accept-language"]))
        return "es-MX"

    async with a_world(face, spanish) as (driver, engine, outbox):
        mails = await the_mails(driver, engine, outbox)
    assert {mail.text.partition("\n\n")[0] for mail in mails.values()} == {
        "¡Te damos la bienvenida!",
        "Hola, Ada Lovelace:",
    }
    assert set(asked) == {(EMAIL, PORTUGUESE[0][1]), ("bea@example.com", PORTUGUESE[0][1])}


async def test_without_a_request_the_default_language_is_used(
    face: Callable[[AuthEngine], ASGIApp],
) -> None:
    """A call from a script would fail for want of a browser."""
    async with a_world(face) as (_driver, engine, outbox):
        await engine.change_password(
            "u1", tenant_id="acme", current_password=PASSWORD, new_password=NEW_PASSWORD
        )
        await engine.drain()
    assert [mail.subject for mail in outbox.sent] == ["Your password was changed"]
