"""The password routes: recovery by mail, and the change by the owner."""

from datetime import timedelta

import pytest

from tests.integration.http.world import EMAIL, LOGIN, NEW_PASSWORD, PASSWORD, TENANT, World, a_world, user

ADDRESS = {"email": EMAIL, "tenantId": TENANT}
RESET = {**ADDRESS, "newPassword": NEW_PASSWORD}
CHANGE = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
BY_CODE: dict[str, object] = {"password_reset": {"method": "otp"}}
OTP_INVALID = b'{"error":{"code":"auth.otp_invalid","message":"Invalid OTP code","details":null}}'


async def mailed(world: World, kind: str) -> str:
    answer = await world.driver.call("POST", "/password/forgot-password", json_body=ADDRESS)
    assert (answer.status, answer.body) == (200, b"{}")
    await world.engine.drain()
    return world.mailer.last(kind, to=EMAIL).code


async def test_a_link_sets_a_new_password_and_ends_every_session(world: World) -> None:
    """Whoever stole the old password is out the moment its owner has a new one."""
    cookies = await world.signed_in()
    token = await mailed(world, "password_reset_token")
    answer = await world.driver.call("POST", "/password/reset-password", json_body={**RESET, "token": token})
    assert (answer.status, answer.body, answer.all("set-cookie")) == (204, b"", [])
    assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 401
    assert (await world.driver.call("POST", "/refresh", cookies=cookies)).status == 401
    await world.login(password=NEW_PASSWORD)
    again = await world.driver.call("POST", "/password/reset-password", json_body={**RESET, "token": token})
    assert (again.status, again.code) == (400, "auth.password_reset_token_invalid")


@pytest.mark.parametrize("method", ["token", "otp"])
async def test_a_reset_lets_its_owner_in_whatever_strangers_have_tried(method: str) -> None:
    """Five wrong passwords of a stranger, and an address that was never proven, must not outlast a reset."""
    async with a_world(accounts=(user(email_verified=False),), password_reset={"method": method}) as world:
        wrong = {**LOGIN, "password": "not the one that was chosen"}
        for _ in range(5):
            assert (await world.driver.call("POST", "/login", json_body=wrong)).status == 401
        assert (await world.driver.call("POST", "/login", json_body=LOGIN)).status == 429
        proof = await mailed(world, "password_reset_token" if method == "token" else "password_reset_otp")
        answer = await world.driver.call(
            "POST", "/password/reset-password", json_body={**RESET, method: proof}
        )
        assert answer.status == 204
        me = await world.driver.call("GET", "/me", cookies=(await world.login(password=NEW_PASSWORD)).cookies)
        assert me.members["emailVerified"] is True


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"token": "0" * 64, "otp": "123456"},
        {"token": "0" * 64, "verifiedToken": "0" * 64},
        {"otp": "123456"},
        {"verifiedToken": "0" * 64},
        {"token": "0" * 64},
        {"token": "short"},
    ],
)
async def test_a_reset_needs_exactly_one_proof_of_the_right_kind(world: World, proof: dict[str, str]) -> None:
    """Two proofs are an attempt to be judged by the weaker one."""
    answer = await world.driver.call("POST", "/password/reset-password", json_body={**RESET, **proof})
    assert (answer.status, answer.code) == (400, "auth.password_reset_token_invalid")


async def test_a_link_is_good_for_its_own_address_only(world: World) -> None:
    """A link of one account must not open another, nor the same address elsewhere."""
    world.users.add(user(id="u2", email="bob@example.com"))
    for changed in ({"email": "bob@example.com"}, {"tenantId": "other"}):
        token = await mailed(world, "password_reset_token")
        world.clock.advance(timedelta(seconds=61))
        answer = await world.driver.call(
            "POST", "/password/reset-password", json_body={**RESET, "token": token, **changed}
        )
        assert (answer.status, answer.code) == (400, "auth.password_reset_token_invalid")


async def test_a_weak_password_does_not_spend_the_link(world: World) -> None:
    """Somebody who has to choose again must not have to ask for another mail."""
    token = await mailed(world, "password_reset_token")
    weak = {**ADDRESS, "newPassword": "eight888", "token": token}
    answer = await world.driver.call("POST", "/password/reset-password", json_body=weak)
    assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", ["newPassword"])
    answer = await world.driver.call("POST", "/password/reset-password", json_body={**RESET, "token": token})
    assert answer.status == 204


async def test_a_code_sets_a_new_password() -> None:
    """The code of a mail is enough where links are not used."""
    async with a_world(**BY_CODE) as world:
        code = await mailed(world, "password_reset_otp")
        answer = await world.driver.call("POST", "/password/reset-password", json_body={**RESET, "otp": code})
        assert answer.status == 204
        await world.login(password=NEW_PASSWORD)


async def test_a_code_is_exchanged_for_a_token_that_sets_a_password() -> None:
    """A form in two steps proves the mailbox first and asks for the password after."""
    async with a_world(**BY_CODE) as world:
        code = await mailed(world, "password_reset_otp")
        answer = await world.driver.call("POST", "/password/verify-otp", json_body={**ADDRESS, "otp": code})
        assert answer.status == 200
        assert answer.members.keys() == {"verifiedToken"}
        token = str(answer.members["verifiedToken"])
        assert len(token) == 64
        again = await world.driver.call("POST", "/password/verify-otp", json_body={**ADDRESS, "otp": code})
        assert (again.status, again.body) == (401, OTP_INVALID)
        answer = await world.driver.call(
            "POST", "/password/reset-password", json_body={**RESET, "verifiedToken": token}
        )
        assert answer.status == 204
        await world.login(password=NEW_PASSWORD)


@pytest.mark.parametrize("path", ["/password/verify-otp", "/password/reset-password"])
async def test_every_refused_code_gets_the_same_bytes(path: str) -> None:
    """A stranger must not learn whether a code was ever sent, has expired or was tried too often."""
    async with a_world(**BY_CODE) as world:
        body = ADDRESS if path.endswith("otp") else RESET
        answers = [await world.driver.call("POST", path, json_body={**body, "otp": "0000"})]
        code = await mailed(world, "password_reset_otp")
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        answers += [
            await world.driver.call("POST", path, json_body={**body, "otp": otp})
            for otp in [wrong] * 6 + [code]
        ]
        world.clock.advance(timedelta(hours=1))
        answers.append(await world.driver.call("POST", path, json_body={**body, "otp": code}))
        stranger = {**body, "email": "nobody@example.com", "otp": code}
        answers.append(await world.driver.call("POST", path, json_body=stranger))
        assert {(answer.status, answer.body, answer.headers) for answer in answers} == {
            (401, OTP_INVALID, answers[0].headers)
        }


async def test_the_mail_can_be_sent_again_after_a_minute(world: World) -> None:
    """The first mail is lost sometimes; a stranger must not be able to send hundreds."""
    await mailed(world, "password_reset_token")
    for path in ("/password/resend-otp", "/password/forgot-password"):
        assert (await world.driver.call("POST", path, json_body=ADDRESS)).status == 200
    await world.engine.drain()
    assert len(world.mailer.of("password_reset_token")) == 1
    world.clock.advance(timedelta(seconds=61))
    assert (await world.driver.call("POST", "/password/resend-otp", json_body=ADDRESS)).body == b"{}"
    await world.engine.drain()
    assert len(world.mailer.of("password_reset_token")) == 2


async def test_a_changed_password_spares_the_session_that_changed_it(world: World) -> None:
    """The owner stays signed in; everybody else who knew the old password does not."""
    mine, other = await world.signed_in(), await world.signed_in()
    answer = await world.driver.call("POST", "/password/change", json_body=CHANGE, cookies=mine)
    assert (answer.status, answer.body, answer.all("set-cookie")) == (204, b"", [])
    assert (await world.driver.call("GET", "/me", cookies=mine)).status == 401
    assert (await world.driver.call("POST", "/refresh", cookies=other)).status == 401
    assert (await world.driver.call("POST", "/refresh", cookies=mine)).status == 200
    await world.login(password=NEW_PASSWORD)


async def test_a_native_client_names_its_session_in_the_body(world: World) -> None:
    """It has no cookie that could."""
    mine = await world.signed_in()
    access = {"access_token": mine["access_token"]}
    body = {**CHANGE, "refreshToken": mine["refresh_token"]}
    assert (await world.driver.call("POST", "/password/change", json_body=body, cookies=access)).status == 204
    assert (await world.driver.call("POST", "/refresh", cookies=mine)).status == 200


async def test_without_a_named_session_every_session_ends(world: World) -> None:
    """A session that cannot be told from a thief's is not spared."""
    mine = await world.signed_in()
    access = {"access_token": mine["access_token"]}
    assert (
        await world.driver.call("POST", "/password/change", json_body=CHANGE, cookies=access)
    ).status == 204
    assert (await world.driver.call("POST", "/refresh", cookies=mine)).status == 401


async def test_a_wrong_current_password_is_counted(world: World) -> None:
    """An open laptop must not be a way to guess the password at leisure."""
    cookies = await world.signed_in()
    wrong = {**CHANGE, "currentPassword": "wrong"}
    for _ in range(5):
        answer = await world.driver.call("POST", "/password/change", json_body=wrong, cookies=cookies)
        assert (answer.status, answer.code) == (401, "auth.invalid_credentials")
    answer = await world.driver.call("POST", "/password/change", json_body=CHANGE, cookies=cookies)
    assert (answer.status, answer.code) == (429, "auth.account_locked")
    assert int(answer.header("retry-after") or 0) > 0
    await world.login()


async def test_an_account_without_a_password_has_none_to_change(world: World) -> None:
    """It gets one by recovery, which proves the mailbox."""
    cookies = await world.signed_in()
    world.users.replace(user(password_hash=None))
    answer = await world.driver.call("POST", "/password/change", json_body=CHANGE, cookies=cookies)
    assert (answer.status, answer.code) == (401, "auth.invalid_credentials")


async def test_a_blocked_account_changes_nothing(world: World) -> None:
    """Its owner may be the one who was locked out."""
    cookies = await world.signed_in()
    world.users.replace(user(status="SUSPENDED"))
    answer = await world.driver.call("POST", "/password/change", json_body=CHANGE, cookies=cookies)
    assert (answer.status, answer.code) == (403, "auth.account_suspended")
