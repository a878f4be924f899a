"""The second factor over HTTP: enrolment, the second step of a sign-in, and its management."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bymax_auth.http.config import RateLimit, RateLimitConfig
from bymax_auth.types.claims import MfaTempClaims
from tests.integration.http.factors import App, begun, enrolled, session_of
from tests.integration.http.world import LOGIN, PASSWORD, TENANT, World, a_world, user

MODES = ["cookie", "bearer", "both"]
CLEARED = (
    "mfa_temp_token=; Path=/auth/mfa; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; "
    "HttpOnly; Secure; SameSite=Strict"
)


# ── enrolment ──


async def test_a_code_confirms_and_every_session_ends(world: World) -> None:
    """What was signed in without the factor must not go on without it."""
    first, second = await world.login(), await world.login()
    app = await begun(world, first)
    assert app.shown["qrCodeUri"].startswith("otpauth://totp/Bymax%20One:ada%40example.com?secret=")
    answer = await app.call("/mfa/verify-enable", app.code(), first)
    assert (answer.status, answer.all("set-cookie")) == (204, [])
    for session in (first, second):
        assert (await world.driver.call("GET", "/me", **session_of(session))).code == "auth.token_invalid"
        refused = await world.driver.call("POST", "/refresh", cookies=session.cookies)
        assert refused.code == "auth.refresh_token_invalid"
    await world.engine.drain()
    assert world.mailer.last("mfa_enabled").to == "ada@example.com"


async def test_setup_without_a_body_is_setup_without_a_password(world: World) -> None:
    """An account that signs in with a provider has none to send."""
    signed_in = await world.login()
    answer = await world.driver.call("POST", "/mfa/setup", **session_of(signed_in))
    assert (answer.status, answer.code) == (401, "auth.invalid_credentials")
    world.users.replace(user(password_hash=None))
    assert (await world.driver.call("POST", "/mfa/setup", **session_of(signed_in))).status == 201
    world.clock.advance(timedelta(seconds=301))
    answer = await world.driver.call("POST", "/mfa/setup", **session_of(signed_in))
    assert (answer.status, answer.code) == (403, "auth.reauthentication_required")


@pytest.mark.parametrize("path", ["setup", "verify-enable", "disable", "recovery-codes"])
async def test_an_unproven_mailbox_gets_no_factor(path: str) -> None:
    """Whoever registers with somebody else's address must not lock them out for good."""
    async with a_world(email_verification={"required": True}) as world:
        signed_in = await world.login()
        world.users.replace(user(email_verified=False))
        body = {"code": "123456"} if path != "setup" else {"password": PASSWORD}
        await world.engine.invalidate_user_status("u1", tenant_id=TENANT)
        answer = await world.driver.call("POST", f"/mfa/{path}", json_body=body, **session_of(signed_in))
        assert (answer.status, answer.code) == (403, "auth.email_not_verified")


async def test_each_refusal_of_an_enrolment_has_its_status(world: World) -> None:
    """A client decides by the code, and a proxy by the status."""
    signed_in = await world.login()
    answer = await world.driver.call(
        "POST", "/mfa/verify-enable", json_body={"code": "123456"}, **session_of(signed_in)
    )
    assert (answer.status, answer.code) == (400, "auth.mfa_setup_required")
    app = await begun(world, signed_in)
    answer = await app.call("/mfa/verify-enable", app.wrong_code(), signed_in)
    assert (answer.status, answer.code) == (401, "auth.mfa_invalid_code")
    answer = await app.call("/mfa/verify-enable", "12345", signed_in)
    assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", ["code"])
    subject = world.engine.identifiers.subject_factory(world.engine.login.policy.realm)("u1", TENANT)
    assert world.stores.mfa is not None
    await world.stores.mfa.acquire_lock(subject, "another", timedelta(seconds=10))
    answer = await app.call("/mfa/verify-enable", app.code(), signed_in)
    assert (answer.status, answer.code) == (409, "auth.mfa_state_conflict")
    await world.stores.mfa.release_lock(subject, "another")
    app = await begun(world, signed_in)
    assert (await app.call("/mfa/verify-enable", app.code(1), signed_in)).status == 204
    app = replace(app, world=world)
    passed = await app.sign_in(app.recovery_codes[0])
    for path, body in (("setup", {"password": PASSWORD}), ("verify-enable", {"code": app.code(-1)})):
        answer = await world.driver.call("POST", f"/mfa/{path}", json_body=body, **session_of(passed))
        assert (answer.status, answer.code) == (409, "auth.mfa_already_enabled")


# ── the second step of a sign-in ──


@pytest.mark.parametrize("delivery", MODES)
async def test_the_challenge_is_the_same_in_every_delivery_mode(delivery: str) -> None:
    """There is no session yet, so there is nothing for a cookie."""
    async with a_world(token_delivery=delivery) as world:
        await enrolled(world)
        answer = await world.driver.call("POST", "/login", json_body=LOGIN)
        assert (answer.status, answer.all("set-cookie")) == (200, [])
        assert list(answer.members) == ["mfaRequired", "mfaTempToken"]
        assert answer.members["mfaRequired"] is True
        assert str(answer.members["mfaTempToken"]).count(".") == 2


@pytest.mark.parametrize("delivery", MODES)
async def test_a_passed_challenge_delivers_like_a_sign_in(delivery: str) -> None:
    """A script that can read a token can send it away, after a code too."""
    async with a_world(token_delivery=delivery) as world:
        app = await enrolled(world)
        answer = await app.sign_in()
        names = [line.partition("=")[0] for line in answer.all("set-cookie")]
        assert names == ([] if delivery == "bearer" else ["access_token", "refresh_token", "has_session"])
        tokens = [] if delivery == "cookie" else ["accessToken", "refreshToken"]
        assert list(answer.members) == ["user", *tokens]
        assert (await world.driver.call("GET", "/me", **session_of(answer))).members["mfaEnabled"] is True


async def test_a_code_passes_the_second_factor(world: World) -> None:
    """A wrong one leaves the token, and a right one uses it."""
    app = await enrolled(world)
    token = await app.challenge()
    wrong = await app.answer(token, app.wrong_code())
    assert (wrong.status, wrong.code, wrong.all("set-cookie")) == (401, "auth.mfa_invalid_code", [])
    assert (await app.answer(token, app.code())).status == 200
    again = await app.answer(token, app.code(1))
    assert (again.status, again.code) == (401, "auth.mfa_temp_token_invalid")


async def test_a_recovery_code_passes_once(world: World) -> None:
    """The printed list is what is left of a lost phone."""
    app = await enrolled(world)
    code = app.recovery_codes[0].lower().replace("-", " ")
    await app.sign_in(code)
    answer = await app.answer(await app.challenge(), code)
    assert (answer.status, answer.code) == (401, "auth.mfa_invalid_code")


async def test_one_code_at_two_challenges_opens_one_session(world: World) -> None:
    """The replay mark and the acceptance are one step."""
    app = await enrolled(world)
    tokens, code = [await app.challenge(), await app.challenge()], app.code()
    answers = await asyncio.gather(*(app.answer(token, code) for token in tokens))
    assert sorted(answer.status for answer in answers) == [200, 401]


async def test_two_codes_at_one_challenge_open_one_session(world: World) -> None:
    """One proven password is one session."""
    app = await enrolled(world)
    token = await app.challenge()
    answers = await asyncio.gather(app.answer(token, app.code()), app.answer(token, app.code(1)))
    assert sorted(answer.status for answer in answers) == [200, 401]


async def test_one_recovery_code_at_two_challenges_opens_one_session(world: World) -> None:
    """Two thieves with one line of the list are one too many."""
    app = await enrolled(world)
    tokens, code = [await app.challenge(), await app.challenge()], app.recovery_codes[0]
    answers = await asyncio.gather(*(app.answer(token, code) for token in tokens))
    assert sorted(answer.status for answer in answers) == [200, 401]


async def test_guesses_lock_the_second_step(world: World) -> None:
    """A million codes must not be tried, and a client is told when to come back."""
    app = await enrolled(world)
    token = await app.challenge()
    for _ in range(5):
        assert (await app.answer(token, app.wrong_code())).code == "auth.mfa_invalid_code"
    answer = await app.answer(token, app.code())
    assert (answer.status, answer.code) == (429, "auth.account_locked")
    assert int(answer.header("retry-after") or 0) > 0


@pytest.mark.parametrize("body", [{"code": "123456"}, {"code": "123456", "mfaTempToken": None}])
async def test_without_a_token_there_is_no_challenge(world: World, body: dict[str, object]) -> None:
    """It is answered like a token that is not valid, because a cookie may have carried it."""
    answer = await world.driver.call("POST", "/mfa/challenge", json_body=body)
    assert (answer.status, answer.code) == (401, "auth.mfa_temp_token_invalid")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"mfaTempToken": "", "code": "123456"}, ["mfaTempToken"]),
        ({"mfaTempToken": "x" * 4097, "code": "123456"}, ["mfaTempToken"]),
        ({"mfaTempToken": "x", "code": ""}, ["code"]),
        ({"mfaTempToken": "x", "code": "x" * 129}, ["code"]),
        ({"mfaTempToken": "x"}, ["code"]),
    ],
)
async def test_a_malformed_challenge_is_named(
    world: World, body: dict[str, object], fields: list[str]
) -> None:
    """A client with a bug hears of it."""
    answer = await world.driver.call("POST", "/mfa/challenge", json_body=body)
    assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", fields)


async def test_a_token_that_names_long_ids_is_accepted() -> None:
    """A tenant's id may have 128 characters, and issuer and audience stand in the token too."""
    tenant = "t" * 128
    named = {"issuer": "https://auth.example.com/some/path", "audience": "https://api.example.com/some/path"}
    account = user(tenant_id=tenant, id="u" * 128)
    async with a_world(accounts=(account,), jwt=named) as world:
        signed_in = await world.login(tenantId=tenant)
        app = await begun(world, signed_in)
        assert (await app.call("/mfa/verify-enable", app.code(-1), signed_in)).status == 204
        answer = await world.driver.call("POST", "/login", json_body={**LOGIN, "tenantId": tenant})
        token = str(answer.members["mfaTempToken"])
        assert len(token) > 512
        assert (await app.answer(token, app.code())).status == 200


# ── the cookie that a redirect leaves behind ──


@pytest.mark.parametrize("delivery", MODES)
async def test_the_cookie_carries_the_token_where_the_body_does_not(delivery: str) -> None:
    """A browser cannot carry a body across a redirect."""
    async with a_world(token_delivery=delivery) as world:
        app = await enrolled(world)
        cookies = {"mfa_temp_token": await app.challenge()}
        wrong = await app.answer(None, app.wrong_code(), cookies=cookies)
        assert (wrong.code, wrong.all("set-cookie")) == ("auth.mfa_invalid_code", [])
        passed = await app.answer(None, app.code(), cookies=cookies)
        assert (passed.status, passed.all("set-cookie")[-1]) == (200, CLEARED)
        again = await app.answer(None, app.code(1), cookies=cookies)
        assert (again.status, again.code) == (401, "auth.mfa_temp_token_invalid")
        assert again.all("set-cookie") == [CLEARED]


async def test_the_body_wins_over_the_cookie(world: World) -> None:
    """A cookie of an earlier sign-in must not stand in the way of this one."""
    app = await enrolled(world)
    stale = {"mfa_temp_token": "a.b.c"}
    passed = await app.answer(await app.challenge(), app.code(), cookies=stale)
    assert (passed.status, passed.all("set-cookie")[-1]) == (200, CLEARED)


async def test_the_cookie_is_kept_while_its_token_is_usable(world: World) -> None:
    """A browser that lost it would have to sign in again."""
    app = await enrolled(world)
    cookies = {"mfa_temp_token": await app.challenge()}
    for _ in range(5):
        await app.answer(None, app.wrong_code(), cookies=cookies)
    locked = await app.answer(None, app.code(), cookies=cookies)
    assert (locked.code, locked.all("set-cookie")) == ("auth.account_locked", [])
    world.users.replace(replace(await _ada(world), status="BANNED"))
    world.clock.advance(timedelta(seconds=1))
    assert (await app.answer(None, "", cookies=cookies)).all("set-cookie") == []


async def _ada(world: World) -> object:
    found = await world.users.find_by_id("u1", tenant_id=TENANT)
    assert found is not None
    return found


async def test_the_cookie_is_cleared_on_the_path_that_the_browser_knows() -> None:
    """A cookie of another path is another cookie."""
    async with a_world(cookies={"mfa_temp_cookie_path": "/api/auth/mfa"}) as world:
        answer = await world.driver.call(
            "POST", "/mfa/challenge", json_body={"code": "123456"}, cookies={"mfa_temp_token": "x"}
        )
        assert "; Path=/api/auth/mfa;" in answer.all("set-cookie")[0].replace("mfa_temp_token=", "; ")
    async with a_world() as world:
        mounted = replace(world.driver, root_path="/api")
        answer = await mounted.call(
            "POST", "/mfa/challenge", json_body={"code": "123456"}, cookies={"mfa_temp_token": "x"}
        )
        assert "Path=/api/auth/mfa;" in answer.all("set-cookie")[0]


# ── management ──


async def test_a_removed_factor_is_not_asked_for(world: World) -> None:
    """What has passed the factor ends with it."""
    app = await enrolled(world)
    passed = await app.sign_in()
    answer = await app.call("/mfa/disable", app.code(1), passed)
    assert (answer.status, answer.body) == (204, b"")
    assert (await world.driver.call("GET", "/me", **session_of(passed))).code == "auth.token_invalid"
    await world.login()
    assert world.mailer.last("mfa_disabled").to == "ada@example.com"


async def test_new_recovery_codes_are_shown_once(world: World) -> None:
    """Sessions go on, and the old list is void."""
    app = await enrolled(world)
    passed = await app.sign_in()
    answer = await app.call("/mfa/recovery-codes", app.code(1), passed)
    assert answer.status == 200
    codes = answer.members["recoveryCodes"]
    assert isinstance(codes, list)
    assert not set(codes) & set(app.recovery_codes)
    assert (await world.driver.call("GET", "/me", **session_of(passed))).status == 200
    await app.sign_in(codes[0])


@pytest.mark.parametrize("path", ["/mfa/disable", "/mfa/recovery-codes"])
async def test_each_refusal_of_a_change_has_its_status(world: World, path: str) -> None:
    """A client decides by the code, and a proxy by the status."""
    signed_in = await world.login()
    bare = App(world, {"secret": "A" * 32})
    answer = await bare.call(path, "123456", signed_in)
    assert (answer.status, answer.code) == (400, "auth.mfa_not_enabled")
    app = await enrolled(world)
    passed = await app.sign_in(app.recovery_codes[0])
    answer = await app.call(path, app.recovery_codes[1], passed)
    assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", ["code"])
    for _ in range(5):
        answer = await app.call(path, app.wrong_code(), passed)
        assert (answer.status, answer.code) == (401, "auth.mfa_invalid_code")
    answer = await app.call(path, app.code(), passed)
    assert (answer.status, answer.code) == (429, "auth.account_locked")


async def test_a_session_that_has_not_passed_the_factor_may_still_manage_it(world: World) -> None:
    """After a refresh no session says that it has; its owner must not be locked out."""
    app = await enrolled(world)
    passed = await app.sign_in()
    refreshed = await world.driver.call("POST", "/refresh", cookies=passed.cookies)
    answer = await app.call("/mfa/recovery-codes", app.code(1), refreshed)
    assert answer.status == 200


# ── around it ──


async def test_a_temporary_token_opens_no_route(world: World) -> None:
    """The password alone must not be a session."""
    token = await (await enrolled(world)).challenge()
    for how in ({"cookies": {"access_token": token}}, {"bearer": token}):
        answer = await world.driver.call("GET", "/me", **how)
        assert (answer.status, answer.code) == (401, "auth.token_invalid")
    answer = await world.driver.call("POST", "/refresh", cookies={"refresh_token": token})
    assert answer.code == "auth.refresh_token_invalid"


async def test_new_codes_share_the_limit_of_the_removal_and_not_its_counter() -> None:
    """Recovery codes are as good as the factor, so that guessing for them is as slow."""
    limits = replace(RateLimitConfig.unlimited(), mfa_disable=RateLimit(1, 300))
    async with a_world(rate_limits=limits) as world:
        app = await enrolled(world)
        passed = await app.sign_in()
        for path in ("/mfa/recovery-codes", "/mfa/disable"):
            assert (await app.call(path, app.wrong_code(), passed)).status == 401
            assert (await app.call(path, app.wrong_code(), passed)).code == "auth.too_many_requests"


async def test_without_configuration_nobody_is_let_in_past_the_factor() -> None:
    """A row with a factor and a deployment without its key: never a session."""
    async with a_world(mfa=None, controllers={"mfa": False}, accounts=(user(mfa_enabled=True),)) as world:
        answer = await world.driver.call("POST", "/login", json_body=LOGIN)
        assert (answer.status, answer.code) == (500, "auth.internal")
        assert (await world.driver.call("POST", "/mfa/challenge", json_body={"code": "1"})).status == 404


async def test_an_outage_passes_nobody(world: World) -> None:
    """A second factor that cannot be checked has not been passed."""
    app = await enrolled(world)
    token = await app.challenge()
    await world.stores.aclose()
    answer = await app.answer(token, app.code())
    assert (answer.status, answer.code) == (503, "auth.unavailable")


async def test_no_text_of_a_second_factor_reaches_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A log is read by more people than may sign in."""
    app = await enrolled(world)
    await app.sign_in()
    await app.sign_in(app.recovery_codes[0])
    shown = [app.shown["secret"], *app.recovery_codes]
    assert not [record for record in caplog.records if any(text in str(vars(record)) for text in shown)]


def test_a_temporary_token_has_no_claims_of_a_session() -> None:
    """A guard that reads a role must find none."""
    assert not {"role", "status", "mfa_verified"} & set(MfaTempClaims.model_fields)
