"""Register, login, me: the answers a person gets at the door."""

import pytest

from bymax_auth.ports.hooks import (
    Allow,
    AuthHooks,
    HookContext,
    RegisterAttempt,
    RegisterDecision,
    RegisterOverrides,
    Reject,
)
from bymax_auth.types.identity import Realm
from tests.integration.http.world import EMAIL, LOGIN, PASSWORD, TENANT, World, a_world, user

ADA = (
    b'{"id":"u1","email":"ada@example.com","name":"Ada Lovelace","role":"MEMBER","status":"ACTIVE",'
    b'"tenantId":"acme","emailVerified":true,"mfaEnabled":false,"oauthProvider":null,'
    b'"oauthProviderId":null,"lastLoginAt":null,"createdAt":"2026-01-02T03:04:05.678Z"}'
)
REGISTER = {"email": " New@Example.com ", "password": PASSWORD, "name": "Nó Ône", "tenantId": TENANT}


async def test_a_sign_in_answers_with_the_user_to_the_letter(world: World) -> None:
    """A field that is missing, renamed or out of place breaks every client there is."""
    answer = await world.login()
    assert answer.body == b'{"user":%b}' % ADA
    assert answer.cookies.keys() == {"access_token", "refresh_token", "has_session"}


async def test_an_address_is_recognised_however_it_is_typed(world: World) -> None:
    """A phone that capitalises the first letter must not lock its owner out."""
    answer = await world.driver.call("POST", "/login", json_body={**LOGIN, "email": f"  {EMAIL.upper()} "})
    assert answer.status == 200


async def test_the_account_is_shown_bare(world: World) -> None:
    """The client renders what it gets; an envelope would render as nothing."""
    answer = await world.driver.call("GET", "/me", cookies=await world.signed_in())
    signed_in = ADA.replace(b'"lastLoginAt":null', b'"lastLoginAt":"2026-01-01T12:00:00.000Z"')
    assert (answer.status, answer.body) == (200, signed_in)


@pytest.mark.parametrize(
    "changed",
    [{"password": "wrong"}, {"email": "nobody@example.com"}, {"tenantId": "other"}],
)
async def test_a_wrong_sign_in_says_nothing_more(world: World, changed: dict[str, str]) -> None:
    """A door that tells a wrong password from an unknown address lists its users to strangers."""
    answer = await world.driver.call("POST", "/login", json_body={**LOGIN, **changed})
    assert (answer.status, answer.body) == (
        401,
        b'{"error":{"code":"auth.invalid_credentials","message":"Invalid email or password","details":null}}',
    )
    assert answer.all("set-cookie") == []


@pytest.mark.parametrize(
    ("status", "code"),
    [("BANNED", "account_banned"), ("suspended", "account_suspended"), ("Inactive", "account_inactive")],
)
async def test_a_blocked_account_is_told_so_after_its_password(world: World, status: str, code: str) -> None:
    """Somebody who proves who they are may learn why they cannot come in; a stranger may not."""
    world.users.replace(user(status=status))
    answer = await world.driver.call("POST", "/login", json_body=LOGIN)
    assert (answer.status, answer.code) == (403, f"auth.{code}")
    answer = await world.driver.call("POST", "/login", json_body={**LOGIN, "password": "wrong"})
    assert answer.code == "auth.invalid_credentials"


async def test_an_unverified_account_is_asked_to_verify(world: World) -> None:
    """Without the code's own refusal the client cannot show the form for the code."""
    world.users.replace(user(email_verified=False))
    answer = await world.driver.call("POST", "/login", json_body=LOGIN)
    assert (answer.status, answer.code) == (403, "auth.email_not_verified")
    assert answer.all("set-cookie") == []


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
async def test_five_failures_lock_any_address_alike(world: World, email: str) -> None:
    """Guessing must stop, and stopping must not tell whether there was anything to guess."""
    wrong = {**LOGIN, "email": email, "password": "wrong"}
    for _ in range(5):
        assert (await world.driver.call("POST", "/login", json_body=wrong)).status == 401
    answer = await world.driver.call("POST", "/login", json_body={**wrong, "password": PASSWORD})
    assert (answer.status, answer.code) == (429, "auth.account_locked")
    waits = answer.header("retry-after")
    assert waits is not None
    assert 890 <= int(waits) <= 900
    assert answer.error["details"] == {"retryAfterSeconds": int(waits)}


async def test_a_sign_in_without_a_tenant_is_told_what_is_missing(world: World) -> None:
    """Nothing is defaulted: a default would be somebody else's tenant."""
    answer = await world.driver.call("POST", "/login", json_body={"email": EMAIL, "password": PASSWORD})
    assert answer.status == 400
    assert answer.error["details"] == [
        {
            "field": "tenantId",
            "message": "tenantId is required unless the deployment configures a TenantIdResolver",
        }
    ]


async def test_a_registration_signs_in_at_once(world: World) -> None:
    """The client has to show "check your inbox" to somebody it knows."""
    answer = await world.driver.call("POST", "/register", json_body=REGISTER)
    assert answer.status == 201
    assert answer.members.keys() == {"user"}
    shown = answer.members["user"]
    assert isinstance(shown, dict)
    assert (shown["email"], shown["name"], shown["role"]) == ("new@example.com", "Nó Ône", "USER")
    assert shown["emailVerified"] is False
    assert "Nó Ône".encode() in answer.body
    me = await world.driver.call("GET", "/me", cookies=answer.cookies)
    assert me.status == 200
    await world.engine.drain()
    assert len(world.mailer.last("email_verification_otp", to="new@example.com").code) == 6


class _Approval(AuthHooks):
    """A host that looks at every newcomer before letting them in."""

    async def before_register(self, attempt: RegisterAttempt, context: HookContext) -> RegisterDecision:
        return Allow(RegisterOverrides(status="PENDING_APPROVAL"))


@pytest.mark.parametrize("delivery", ["cookie", "bearer", "both"])
@pytest.mark.parametrize("why", ["waits for approval", "unverified"])
async def test_a_registration_that_may_not_sign_in_carries_no_token(delivery: str, why: str) -> None:
    """An account that waits must not be served by any route that asks who is calling."""
    async with a_world(
        token_delivery=delivery,
        hooks=_Approval() if why == "waits for approval" else None,
        blocked_statuses=("PENDING_APPROVAL",),
        registration={"session": "always" if why == "waits for approval" else "verified"},
    ) as world:
        answer = await world.driver.call("POST", "/register", json_body=REGISTER)
        assert (answer.status, answer.members.keys(), answer.all("set-cookie")) == (201, {"user"}, [])
        shown = answer.members["user"]
        assert isinstance(shown, dict)
        assert (shown["email"], shown["emailVerified"]) == ("new@example.com", False)
        signed_in = await world.driver.call("POST", "/login", json_body=LOGIN | {"email": "new@example.com"})
        assert signed_in.status == 403
        newcomer = world.engine.identifiers.subject(Realm.DASHBOARD, str(shown["id"]), TENANT)
        assert len(await world.stores.sessions.list(newcomer)) == 0


async def test_a_taken_address_is_refused(world: World) -> None:
    """Two accounts of one address could not be told apart at sign-in."""
    answer = await world.driver.call("POST", "/register", json_body={**REGISTER, "email": EMAIL})
    assert (answer.status, answer.code) == (409, "auth.email_already_exists")
    other = await world.driver.call(
        "POST", "/register", json_body={**REGISTER, "email": EMAIL, "tenantId": "other"}
    )
    assert other.status == 201


async def test_a_short_or_known_password_is_refused_by_policy(world: World) -> None:
    """A password that everybody tries first protects nothing."""
    short = await world.driver.call("POST", "/register", json_body={**REGISTER, "password": "eight888"})
    assert short.status == 400
    assert short.error["details"] == [
        {"field": "password", "message": "password must be at least 15 characters"}
    ]


class Closed(AuthHooks):
    async def before_register(self, attempt: RegisterAttempt, context: HookContext) -> RegisterDecision:
        return Reject("the host's own reason")

    async def before_login(self, email: str, tenant_id: str, context: HookContext) -> None:
        raise RuntimeError("the host's own words")


async def test_a_hosts_refusal_shows_none_of_its_words() -> None:
    """A reason meant for the host's log must not reach the person it is about."""
    async with a_world(hooks=Closed()) as world:
        for path, body in (("/register", REGISTER), ("/login", LOGIN)):
            answer = await world.driver.call("POST", path, json_body=body)
            assert (answer.status, answer.code) == (403, "auth.forbidden")
            assert b"host's own" not in answer.body


async def test_the_account_behind_a_token_may_be_gone(world: World) -> None:
    """A deleted person must be signed out everywhere, not shown an error page."""
    cookies = await world.signed_in()
    world.users._rows.clear()
    answer = await world.driver.call("GET", "/me", cookies=cookies)
    assert (answer.status, answer.code) == (401, "auth.token_invalid")


@pytest.mark.parametrize("change", [{"status": "BANNED"}, {"email_verified": False}])
async def test_a_blocked_or_unverified_account_may_still_be_seen(
    world: World, change: dict[str, object]
) -> None:
    """The client has to render why nothing else works."""
    cookies = await world.signed_in()
    world.users.replace(user(**change))
    assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 200
