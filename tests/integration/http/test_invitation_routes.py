"""The invitation routes: who may invite whom, and what the invited person gets."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.types.account import AuthUser, CreateUserData
from tests.integration.http.driver import Answer
from tests.integration.http.world import EMAIL, NEW_PASSWORD, TENANT, World, a_world, user

GUEST = "guest@example.com"
BOSS = user(id="boss", email="boss@example.com", name="Grace", role="ADMIN")
INVITE = {"email": GUEST, "role": "MEMBER", "tenantName": "Acme Inc."}
INVALID = (
    b'{"error":{"code":"auth.invalid_invitation_token","message":"Invalid or expired invitation token",'
    b'"details":null}}'
)


@pytest.fixture
async def world(kept: None) -> AsyncIterator[World]:
    """Ada's deployment, with an administrator."""
    async with a_world(accounts=(user(), BOSS)) as deployment:
        yield deployment


async def invite(world: World, inviter: str = BOSS.email, **changes: Any) -> Answer:
    """Invite as somebody."""
    cookies = (await world.login(email=inviter)).cookies
    answer = await world.driver.call("POST", "/invitations", json_body={**INVITE, **changes}, cookies=cookies)
    await world.engine.drain()
    return answer


async def revoke(world: World, email: str = BOSS.email, address: str = GUEST) -> Answer:
    cookies = (await world.login(email=email)).cookies
    return await world.driver.call(
        "POST", "/invitations/revoke", json_body={"email": address}, cookies=cookies
    )


async def mailed(world: World, **changes: Any) -> str:
    """The token of a new invitation."""
    answer = await invite(world, **changes)
    assert (answer.status, answer.body) == (204, b"")
    return world.mailer.last("invitation").code


async def accept(world: World, token: str, **changes: Any) -> Answer:
    body = {"token": token, "name": "Gus", "password": NEW_PASSWORD, **changes}
    return await world.driver.call("POST", "/invitations/accept", json_body=body)


async def test_an_invited_person_accepts_and_is_signed_in(world: World) -> None:
    """From the form of the administrator to the first page of the guest."""
    answer = await accept(world, await mailed(world, email=f" {GUEST} "))
    assert (answer.status, list(answer.members)) == (201, ["user"])
    guest = answer.members["user"]
    assert isinstance(guest, dict)
    assert (guest["email"], guest["name"], guest["role"]) == (GUEST, "Gus", "MEMBER")
    assert (guest["tenantId"], guest["emailVerified"]) == (TENANT, True)
    me = await world.driver.call("GET", "/me", cookies=answer.cookies)
    assert (me.status, me.members["email"]) == (200, GUEST)
    assert (await world.driver.call("POST", "/refresh", cookies=answer.cookies)).status == 200
    await world.login(email=GUEST, password=NEW_PASSWORD)


async def test_an_invitation_is_accepted_once(world: World) -> None:
    """The second click of an impatient guest gets the answer of an unknown link."""
    token = await mailed(world)
    assert (await accept(world, token)).status == 201
    for tried in (token, "0" * 64):
        answer = await accept(world, tried)
        assert (answer.status, answer.body) == (400, INVALID)


async def test_another_invitation_ends_the_first_link(world: World) -> None:
    """The role that was corrected is the one that counts."""
    first = await mailed(world, role="ADMIN")
    second = await mailed(world)
    assert (await accept(world, first)).body == INVALID
    assert (await accept(world, second)).status == 201


async def test_a_weak_password_leaves_the_link(world: World) -> None:
    """Somebody who has to choose again must not have to ask for another mail."""
    token = await mailed(world)
    weak = await accept(world, token, password="eight888")
    assert (weak.status, weak.code, weak.fields) == (400, "auth.validation", ["password"])
    assert (await accept(world, token)).status == 201


async def test_nobody_gives_a_role_beyond_their_own(world: World) -> None:
    """A member would make an administrator."""
    for role in ("ADMIN", "OWNER"):
        answer = await invite(world, EMAIL, role=role)
        assert (answer.status, answer.code) == (403, "auth.insufficient_role")
    assert world.mailer.of("invitation") == []


async def test_an_invitation_to_a_higher_role_stays(world: World) -> None:
    """A member would take an administrator's invitation away, or learn of it by revoking."""
    token = await mailed(world, role="ADMIN")
    answer = await invite(world, EMAIL)
    assert (answer.status, answer.code) == (403, "auth.insufficient_role")
    assert (await revoke(world, EMAIL)).status == 204
    assert (await accept(world, token)).status == 201


async def test_revoking_answers_alike_and_ends_the_link(world: World) -> None:
    """The difference would list who is invited."""
    token = await mailed(world)
    nothing = await revoke(world, address="nobody@example.com")
    something = await revoke(world)
    assert (nothing.status, nothing.body) == (something.status, something.body) == (204, b"")
    assert (await accept(world, token)).body == INVALID


async def test_an_invitation_says_nothing_about_accounts(world: World) -> None:
    """Inviting would tell which addresses have accounts."""
    taken, free = await invite(world, email=EMAIL), await invite(world)
    assert (taken.status, taken.body, taken.headers) == (free.status, free.body, free.headers)
    answer = await accept(world, world.mailer.last("invitation", to=EMAIL).code)
    assert (answer.status, answer.code) == (409, "auth.email_already_exists")


@pytest.mark.parametrize("change", [{"role": "MEMBER"}, {"status": "BANNED"}, {"tenant_id": "globex"}])
async def test_an_inviter_who_may_not_any_more_opens_no_door(world: World, change: dict[str, str]) -> None:
    """Whoever is dismissed on Monday must not have a friend in on Tuesday."""
    token = await mailed(world, role="ADMIN")
    if "tenant_id" in change:
        world.users._rows.pop((TENANT, BOSS.id))
        world.users.add(replace(BOSS, **change))  # type: ignore[arg-type]
    else:
        world.users.replace(replace(BOSS, **change))  # type: ignore[arg-type]
    assert (await accept(world, token)).body == INVALID


async def test_a_tenant_is_never_the_callers_to_choose(world: World) -> None:
    """A form with one more field would invite into, or land in, another customer's tenant."""
    token = await mailed(world)
    for answer in (
        await invite(world, tenantId="globex"),
        await accept(world, token, tenantId="globex"),
    ):
        assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", ["tenantId"])
    guest = (await accept(world, token)).members["user"]
    assert isinstance(guest, dict)
    assert guest["tenantId"] == TENANT


async def test_a_banned_account_neither_invites_nor_revokes(world: World) -> None:
    """Its token lives for minutes."""
    cookies = (await world.login(email=BOSS.email)).cookies
    world.users.replace(replace(BOSS, status="BANNED"))
    for path, body in (("/invitations", INVITE), ("/invitations/revoke", {"email": GUEST})):
        answer = await world.driver.call("POST", path, json_body=body, cookies=cookies)
        assert (answer.status, answer.code) == (403, "auth.account_banned")


async def test_inviting_and_revoking_need_a_session(world: World) -> None:
    """Anybody could send mail in the product's name."""
    for path, body in (("/invitations", INVITE), ("/invitations/revoke", {"email": GUEST})):
        assert (await world.driver.call("POST", path, json_body=body)).status == 401


@pytest.mark.parametrize("delivery", list(TokenDelivery))
async def test_tokens_are_delivered_as_at_registration(delivery: TokenDelivery) -> None:
    """A client handles one way in like the other."""
    async with a_world(accounts=(user(), BOSS), token_delivery=delivery) as world:
        signed_in = await world.login(email=BOSS.email)
        token = str(signed_in.members.get("accessToken", ""))
        invited = await world.driver.call(
            "POST", "/invitations", json_body=INVITE, cookies=signed_in.cookies, bearer=token or None
        )
        assert invited.status == 204
        await world.engine.drain()
        registered = await world.driver.call(
            "POST",
            "/register",
            json_body={"email": "b@example.com", "name": "Bo", "password": NEW_PASSWORD, "tenantId": TENANT},
        )
        accepted = await accept(world, world.mailer.last("invitation").code)
        assert (registered.status, accepted.status) == (201, 201)
        assert list(registered.members) == list(accepted.members)
        assert sorted(registered.cookies) == sorted(accepted.cookies)


async def test_an_account_that_may_not_sign_in_is_answered_without_tokens(world: World) -> None:
    """Somebody who waits for approval must not be inside the application already."""
    rows: Any = world.users
    create = InMemoryUserRepository.create

    async def pending(data: CreateUserData) -> AuthUser:
        return await create(rows, replace(data, status="BANNED"))

    token = await mailed(world)
    rows.create = pending
    answer = await accept(world, token)
    assert (answer.status, list(answer.members), answer.all("set-cookie")) == (201, ["user"], [])


async def test_the_routes_are_off_with_the_feature() -> None:
    """A deployment that does not invite has nothing to probe."""
    async with a_world(invitations={"enabled": False}) as world:
        for path in ("/invitations", "/invitations/accept", "/invitations/revoke"):
            assert (await world.driver.call("POST", path, json_body={})).status == 404
