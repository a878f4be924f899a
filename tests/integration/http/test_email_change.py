"""The routes of a change of address: asked for by its owner, confirmed by whoever reads the new mailbox."""

from dataclasses import replace

import pytest

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.http.config import RateLimit, RateLimitConfig
from tests.integration.http.driver import Answer
from tests.integration.http.world import EMAIL, NEW_PASSWORD, PASSWORD, UNLIMITED, World, a_world, user

NEW_EMAIL = "ada@new.example"
ASK = {"newEmail": NEW_EMAIL, "currentPassword": PASSWORD}
TOKEN_INVALID = (
    b'{"error":{"code":"auth.email_change_token_invalid",'
    b'"message":"Invalid or expired email change link","details":null}}'
)


async def ask(world: World, cookies: dict[str, str], **changes: object) -> Answer:
    answer = await world.driver.call("POST", "/email/change", json_body={**ASK, **changes}, cookies=cookies)
    await world.engine.drain()
    return answer


async def confirm(world: World, token: str) -> Answer:
    answer = await world.driver.call("POST", "/email/change/confirm", json_body={"token": token})
    await world.engine.drain()
    return answer


async def mailed(world: World, cookies: dict[str, str], **changes: object) -> str:
    answer = await ask(world, cookies, **changes)
    assert (answer.status, answer.body, answer.all("set-cookie")) == (204, b"", [])
    return world.mailer.last("email_change_verification").code


async def test_a_link_moves_the_account_and_every_session_stays(world: World) -> None:
    """Whoever leaves a mailbox takes the account along, and is signed out nowhere."""
    cookies = await world.signed_in()
    token = await mailed(world, cookies)
    assert world.mailer.last().to == NEW_EMAIL
    me = await world.driver.call("GET", "/me", cookies=cookies)
    assert me.members["email"] == EMAIL

    answer = await confirm(world, token)
    assert (answer.status, answer.body, answer.all("set-cookie")) == (204, b"", [])
    me = await world.driver.call("GET", "/me", cookies=cookies)
    assert (me.members["email"], me.members["emailVerified"]) == (NEW_EMAIL, True)
    assert (world.mailer.last("email_changed").to, world.mailer.last().new_email) == (EMAIL, NEW_EMAIL)
    assert (await world.driver.call("POST", "/refresh", cookies=cookies)).status == 200
    await world.login(email=NEW_EMAIL)

    again = await confirm(world, token)
    assert (again.status, again.body) == (400, TOKEN_INVALID)


async def test_asking_needs_a_session_of_an_account_that_is_not_blocked(world: World) -> None:
    """A page of anybody's could send mail in the name of the product."""
    assert (await ask(world, {})).code == "auth.token_invalid"
    cookies = await world.signed_in()
    world.users.replace(user(status="SUSPENDED"))
    answer = await ask(world, cookies)
    assert (answer.status, answer.code) == (403, "auth.account_suspended")
    assert world.mailer.sent == []


async def test_asking_needs_the_password(world: World) -> None:
    """Whoever finds an open browser could take the account along."""
    cookies = await world.signed_in()
    for _ in range(5):
        answer = await ask(world, cookies, currentPassword="not hers")
        assert (answer.status, answer.code) == (401, "auth.invalid_credentials")
    locked = await ask(world, cookies)
    assert (locked.status, locked.code) == (429, "auth.account_locked")
    assert int(locked.header("retry-after") or 0) > 0
    assert world.mailer.sent == []
    await world.login()


async def test_an_account_without_a_password_cannot_ask(world: World) -> None:
    """There would be nothing that a thief of its session does not have."""
    cookies = await world.signed_in()
    world.users.replace(user(password_hash=None))
    answer = await ask(world, cookies)
    assert (answer.status, answer.code) == (401, "auth.invalid_credentials")


async def test_an_address_that_is_taken_is_refused_at_both_steps(world: World) -> None:
    """Two accounts would share one mailbox."""
    cookies = await world.signed_in()
    for taken in (EMAIL, EMAIL.upper()):
        answer = await ask(world, cookies, newEmail=taken)
        assert (answer.status, answer.code) == (409, "auth.email_already_exists")
    token = await mailed(world, cookies)
    world.users.add(user(id="u2", email=NEW_EMAIL))
    answer = await ask(world, cookies)
    assert (answer.status, answer.code) == (409, "auth.email_already_exists")
    answer = await confirm(world, token)
    assert (answer.status, answer.code) == (409, "auth.email_already_exists")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"status": "BANNED"}, 403, "auth.account_banned"),
        ({"password_hash": "plain:another"}, 400, "auth.email_change_token_invalid"),
    ],
)
async def test_a_link_is_good_for_the_account_as_it_was(
    world: World, change: dict[str, object], status: int, code: str
) -> None:
    """A link that a thief has asked for must not outlive the ban or the recovery."""
    token = await mailed(world, await world.signed_in())
    world.users.replace(user(**change))
    answer = await confirm(world, token)
    assert (answer.status, answer.code) == (status, code)
    assert (await confirm(world, token)).body == TOKEN_INVALID


async def test_tokens_that_name_nothing_are_refused_alike(world: World) -> None:
    """The difference would tell which tokens were ever issued."""
    token = await mailed(world, await world.signed_in())
    await confirm(world, token)
    for named in (token, "0" * 64, "z" * 64, "é" * 64):
        answer = await confirm(world, named)
        assert (answer.status, answer.body) == (400, TOKEN_INVALID)


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("/email/change", {}, ["newEmail", "currentPassword"]),
        ("/email/change", {**ASK, "newEmail": "not an address"}, ["newEmail"]),
        ("/email/change", {**ASK, "newEmail": 7}, ["newEmail"]),
        ("/email/change", {**ASK, "currentPassword": ""}, ["currentPassword"]),
        ("/email/change", {**ASK, "tenantId": "globex"}, ["tenantId"]),
        ("/email/change", {**ASK, "userId": "u2"}, ["userId"]),
        ("/email/change/confirm", {}, ["token"]),
        ("/email/change/confirm", {"token": "0" * 63}, ["token"]),
        ("/email/change/confirm", {"token": ["0" * 64]}, ["token"]),
        ("/email/change/confirm", {"token": "0" * 64, "tenantId": "globex"}, ["tenantId"]),
    ],
)
async def test_a_body_that_breaks_a_rule_names_its_fields(
    world: World, path: str, body: dict[str, object], fields: list[str]
) -> None:
    """Somebody who made a typo learns where, and nobody names another account or tenant."""
    answer = await world.driver.call("POST", path, json_body=body, cookies=await world.signed_in())
    assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", fields)
    assert world.mailer.sent == []


async def test_a_mail_that_cannot_be_sent_fails_the_request(world: World) -> None:
    """Somebody would wait for a mail that nobody sent; what went wrong is the operator's to know."""
    cookies = await world.signed_in()
    world.mailer.failure = OSError("smtp.example.com refused ada@new.example")
    answer = await ask(world, cookies)
    assert (answer.status, answer.code) == (500, "auth.internal")
    assert b"example" not in answer.body
    [(origin, error)] = world.failures
    assert (origin, type(error)) == ("email.email_change_verification", OSError)
    world.mailer.failure = None
    assert (await ask(world, cookies)).status == 204


async def test_a_page_of_another_site_can_neither_ask_nor_confirm(world: World) -> None:
    """Whoever lures an owner to a page would move the account to their own mailbox."""
    cookies = await world.signed_in()
    token = await mailed(world, cookies)
    foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")]
    bodies = {"/email/change": ASK, "/email/change/confirm": {"token": token}}
    for path, body in bodies.items():
        answer = await world.driver.call("POST", path, json_body=body, cookies=cookies, headers=foreign)
        assert (answer.status, answer.code) == (403, "auth.untrusted_origin"), path
    assert (await confirm(world, token)).status == 204


@pytest.mark.parametrize("delivery", list(TokenDelivery))
async def test_every_delivery_can_ask(delivery: TokenDelivery) -> None:
    """A native client has accounts that move as well."""
    async with a_world(token_delivery=delivery) as world:
        signed_in = await world.login()
        if delivery is TokenDelivery.BEARER:
            given = {"bearer": str(signed_in.members["accessToken"])}
            answer = await world.driver.call("POST", "/email/change", json_body=ASK, **given)  # type: ignore[arg-type]
        else:
            answer = await ask(world, signed_in.cookies)
        assert answer.status == 204
        assert (await confirm(world, world.mailer.last().code)).status == 204


async def test_requests_are_limited_as_the_table_says() -> None:
    """Somebody would fill strangers' mailboxes in the name of the product."""
    defaults = RateLimitConfig()
    assert (defaults.email_change_request, defaults.email_change_confirm) == (
        RateLimit(3, 300),
        RateLimit(5, 60),
    )
    limits = replace(
        UNLIMITED,
        email_change_request=defaults.email_change_request,
        email_change_confirm=defaults.email_change_confirm,
    )
    async with a_world(rate_limits=limits) as world:
        cookies = await world.signed_in()
        statuses = [(await ask(world, cookies)).status for _ in range(4)]
        assert statuses == [204, 204, 204, 429]
        statuses = [(await confirm(world, "0" * 64)).status for _ in range(6)]
        assert statuses == [400, 400, 400, 400, 400, 429]


async def test_the_new_address_resets_the_password_and_the_old_one_does_not(world: World) -> None:
    """The account would still be whoever's who reads the old mailbox."""
    token = await mailed(world, await world.signed_in())
    assert (await confirm(world, token)).status == 204
    world.mailer.clear()
    for address in (EMAIL, NEW_EMAIL):
        body = {"email": address, "tenantId": "acme"}
        assert (await world.driver.call("POST", "/password/forgot-password", json_body=body)).status == 200
        await world.engine.drain()
    [mail] = world.mailer.sent
    assert mail.to == NEW_EMAIL
    body = {"email": NEW_EMAIL, "tenantId": "acme", "newPassword": NEW_PASSWORD, "token": mail.code}
    assert (await world.driver.call("POST", "/password/reset-password", json_body=body)).status == 204
