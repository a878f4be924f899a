"""Every call against the routes of our own server, without sockets."""

from typing import Any

import httpx2
import pytest

from bymax_auth.client import (
    AccountCreated,
    ApiError,
    AuthClient,
    Authenticated,
    CookieNames,
    MfaRequired,
    OtpProof,
    PlatformAuthClient,
    PlatformAuthenticated,
)
from bymax_auth.crypto import totp
from bymax_auth.errors import (
    InvalidCredentials,
    MfaInvalidCode,
    RefreshTokenInvalid,
    SessionNotFound,
    TokenInvalid,
    ValidationFailed,
)
from tests.integration.client.deployments import CREDENTIALS, URL, CountingApp, asgi_client, expire
from tests.integration.http.providers import Open, arrive
from tests.integration.http.world import (
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    ROOT_EMAIL,
    ROOT_PASSWORD,
    TENANT,
    World,
    a_world,
    user,
)

BOB = "bob@example.com"
NEW: dict[str, Any] = {"email": BOB, "password": NEW_PASSWORD, "name": "Bob", "tenant_id": TENANT}


def code_of(world: World, secret: str) -> str:
    """What an authenticator app shows."""
    return f"{totp.generate(totp.base32_decode(secret), int(world.clock.now().timestamp())):06d}"


async def mailed(world: World, to: str) -> str:
    """The code or the token of the latest mail."""
    await world.engine.drain()
    return world.mailer.last(to=to).code


async def test_a_registration_is_verified(world: World) -> None:
    """Whoever signs people up by a script must be able to bring them to the end."""
    async with asgi_client(world.driver.app) as http:
        client = AuthClient(URL, http=http)
        assert isinstance(await client.register(**NEW), Authenticated)
        assert not (await client.me()).email_verified
        await client.verify_email(email=BOB, otp=await mailed(world, BOB), tenant_id=TENANT)
        assert (await client.me()).email_verified
        await client.resend_verification(BOB, TENANT)


async def test_a_registration_may_have_no_session() -> None:
    """A server that signs nobody in before the address is verified does not look broken."""
    later = {"session": "verified"}
    async with (
        a_world(token_delivery="bearer", registration=later) as world,
        asgi_client(world.driver.app) as http,
    ):
        client = AuthClient(URL, http=http)
        outcome = await client.register(**NEW)
        assert isinstance(outcome, AccountCreated)
        assert (outcome.user.email, client.has_session) == (BOB, False)


async def test_a_code_resets_a_password() -> None:
    """The code is exchanged for a proof, and the proof sets the password."""
    by_code = {"method": "otp"}
    async with (
        a_world(token_delivery="bearer", password_reset=by_code) as world,
        asgi_client(world.driver.app) as http,
    ):
        client = AuthClient(URL, http=http)
        await client.forgot_password(EMAIL, TENANT)
        code = await mailed(world, EMAIL)
        await client.resend_reset_otp(EMAIL, TENANT)
        proof = await client.verify_reset_otp(email=EMAIL, otp=code, tenant_id=TENANT)
        await client.reset_password(email=EMAIL, new_password=NEW_PASSWORD, proof=proof, tenant_id=TENANT)
        assert isinstance(await client.login(**{**CREDENTIALS, "password": NEW_PASSWORD}), Authenticated)
        spent = OtpProof(code)
        with pytest.raises(ApiError):
            await client.reset_password(email=EMAIL, new_password=PASSWORD, proof=spent, tenant_id=TENANT)


async def test_a_changed_password_keeps_the_session_that_changed_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The refresh token goes along, or the server would end the caller's own session too."""
    caplog.set_level("WARNING", "httpx2")  # it logs addresses, and a session's digest is in one
    async with asgi_client(world.driver.app) as http:
        client, other = AuthClient(URL, http=http), AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        await other.login(**CREDENTIALS)
        sessions = await client.list_sessions()
        assert [one.is_current for one in sessions].count(True) == 1
        (own,) = (one for one in sessions if one.is_current)
        (theirs,) = (one for one in sessions if not one.is_current)
        await client.change_password(current_password=PASSWORD, new_password=NEW_PASSWORD)
        assert (await client.me()).email == EMAIL
        with pytest.raises(ApiError) as ended:
            await other.me()
        assert ended.value.refusal is RefreshTokenInvalid
        with pytest.raises(ApiError) as gone:
            await client.revoke_session(theirs.session_hash)
        assert gone.value.refusal is SessionNotFound
        (own,) = await client.list_sessions()
        await client.revoke_session(own.session_hash)
        with pytest.raises(ApiError):
            await client.me()


async def test_a_wrong_password_changes_nothing_and_renews_nothing(world: World) -> None:
    """A 401 about a password is no reason to exchange the refresh token, and none to guess again."""
    async with asgi_client(app := CountingApp(world.driver.app)) as http:
        client = AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        with pytest.raises(ApiError) as wrong:
            await client.change_password(current_password="wrong horse", new_password=NEW_PASSWORD)
        assert wrong.value.refusal is InvalidCredentials
        assert app.paths["/auth/password/change"] == 1
        assert app.paths["/auth/refresh"] == 0


async def test_a_second_factor_is_enrolled_asked_for_and_removed(world: World) -> None:
    """A tool for accounts is of no use for the ones that are protected best."""
    async with asgi_client(world.driver.app) as http:
        client = AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        setup = await client.mfa_setup(PASSWORD)
        await client.mfa_verify_enable(code_of(world, setup.secret))
        assert not client.has_session
        outcome = await client.login(**CREDENTIALS)
        assert isinstance(outcome, MfaRequired)
        with pytest.raises(ApiError) as wrong:
            await client.mfa_challenge(outcome.mfa_temp_token, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA")
        assert wrong.value.refusal is MfaInvalidCode
        signed_in = await client.mfa_challenge(outcome.mfa_temp_token, setup.recovery_codes[0])
        assert signed_in.user.mfa_enabled
        expire(world)
        codes = await client.mfa_recovery_codes(code_of(world, setup.secret))
        assert len(codes) == len(setup.recovery_codes)
        expire(world)
        await client.mfa_disable(code_of(world, setup.secret))
        assert not client.has_session
        assert isinstance(await client.login(**CREDENTIALS), Authenticated)


async def test_a_person_is_invited(world: World) -> None:
    """An invitation by a script makes the same account as one by a page."""
    world.users.add(user(id="boss", email="boss@example.com", role="ADMIN"))
    async with asgi_client(world.driver.app) as http:
        boss, guest = AuthClient(URL, http=http), AuthClient(URL, http=http)
        await boss.login(**{**CREDENTIALS, "email": "boss@example.com"})
        await boss.invite(email="eve@example.com", role="MEMBER")
        await boss.revoke_invitation("eve@example.com")
        await boss.invite(email=BOB, role="MEMBER", tenant_name="Acme")
        token = await mailed(world, BOB)
        outcome = await guest.accept_invitation(token=token, name="Bob", password=NEW_PASSWORD)
        assert isinstance(outcome, Authenticated)
        assert (await guest.me()).role == "MEMBER"


async def test_an_address_is_changed(world: World) -> None:
    """Ada reads her mail elsewhere from now on."""
    async with asgi_client(world.driver.app) as http:
        client = AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        await client.request_email_change(new_email="ada@new.example.com", current_password=PASSWORD)
        await client.confirm_email_change(await mailed(world, "ada@new.example.com"))
        assert (await client.me()).email == "ada@new.example.com"


@pytest.mark.parametrize("prefix", ["", "__Host-"])
async def test_an_identity_is_linked_listed_and_unlinked(prefix: str) -> None:
    """A service that manages accounts by a script could not take a stolen identity away."""
    options: dict[str, Any] = {"token_delivery": "bearer", "cookies": {"prefixed_names": bool(prefix)}}
    async with a_world(hooks=Open(), **options) as world, asgi_client(world.driver.app) as http:
        client, other = AuthClient(URL, http=http), AuthClient(URL, http=http)
        for one in (client, other):
            await one.login(**CREDENTIALS)
        assert await client.list_identities() == ()
        departure = await client.link_identity("memory", password=PASSWORD)
        assert departure.state not in repr(departure)
        given = world.provider.sign_in(departure.authorize_url, email=EMAIL)
        linked = await arrive(world, given, {f"{prefix}oauth_state": departure.state})
        assert linked.status == 200, linked.body
        [identity] = await client.list_identities()
        assert (identity.provider, identity.provider_id) == ("memory", "1234")
        with pytest.raises(ApiError) as wrong:
            await client.unlink_identity(identity.id, password="wrong")
        assert wrong.value.refusal is InvalidCredentials
        await client.unlink_identity(identity.id, password=PASSWORD)
        assert await client.list_identities() == ()
        with pytest.raises(ApiError):
            await other.me()
        for call in (client.link_identity("../me"), client.unlink_identity("a/b")):
            with pytest.raises(ValueError, match="characters"):
                await call


async def test_a_ticket_is_issued(world: World) -> None:
    """A program opens a WebSocket as a page does."""
    async with asgi_client(world.driver.app) as http:
        client = AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        expire(world)
        ticket = await client.ws_ticket()
        assert (len(ticket.ticket), ticket.expires_in) == (64, 30)


async def test_a_mistake_is_refused_with_its_field(world: World) -> None:
    """The caller learns what is wrong with which field."""
    async with asgi_client(world.driver.app) as http:
        with pytest.raises(ApiError) as refused:
            await AuthClient(URL, http=http).login(email="nobody", password="x", tenant_id=TENANT)
    assert refused.value.refusal is ValidationFailed
    assert [field.field for field in refused.value.fields] == ["email"]


async def test_an_administrator_is_served_below_the_platform(world: World) -> None:
    """The operator's tool signs in to the other realm, and its tokens are good there alone."""
    async with asgi_client(app := CountingApp(world.driver.app)) as http:
        root = PlatformAuthClient(URL, http=http)
        outcome = await root.login(email=ROOT_EMAIL, password=ROOT_PASSWORD)
        assert isinstance(outcome, PlatformAuthenticated)
        assert (await root.me()).email == outcome.result.admin.email == ROOT_EMAIL
        expire(world)
        assert (await root.me()).email == ROOT_EMAIL
        assert app.paths["/auth/platform/refresh"] == 1
        with pytest.raises(ApiError) as foreign:
            await AuthClient(URL, http=http, session=root.session).me()
        assert foreign.value.refusal in {TokenInvalid, RefreshTokenInvalid}
        await root.revoke_all_sessions()
        assert not root.has_session
        await root.login(email=ROOT_EMAIL, password=ROOT_PASSWORD)
        setup = await root.mfa_setup(ROOT_PASSWORD)
        await root.mfa_verify_enable(code_of(world, setup.secret))
        challenge = await root.login(email=ROOT_EMAIL, password=ROOT_PASSWORD)
        assert isinstance(challenge, MfaRequired)
        signed_in = await root.mfa_challenge(challenge.mfa_temp_token, setup.recovery_codes[0])
        assert signed_in.admin.mfa_enabled
        await root.logout()
        assert not root.has_session


@pytest.mark.parametrize("delivery", ["cookie", "both"])
@pytest.mark.parametrize("cookies", [{}, {"prefixed_names": True, "refuse_conflicts": True}])
async def test_cookies_work_where_the_server_sets_them(delivery: str, cookies: dict[str, Any]) -> None:
    """A script signs in to a server that is set up for browsers, whatever prefix its cookies have."""
    async with a_world(token_delivery=delivery, cookies=cookies) as world:
        async with asgi_client(app := CountingApp(world.driver.app)) as http:
            client = AuthClient(URL, http=http, cookies=CookieNames())
            await client.login(**CREDENTIALS)
            expire(world)
            assert (await client.me()).email == EMAIL
            (own,) = await client.list_sessions()
            assert own.is_current
            await client.revoke_other_sessions()
            assert (await client.me()).email == EMAIL
            kept = client.session.held
            await client.logout()
            assert not client.has_session
            client.session.replace(kept)
            with pytest.raises(ApiError):
                await client.me()
            assert list(http.cookies.jar) == []
        assert all("authorization" not in headers for _, headers in app.headers)


async def test_a_server_of_both_ways_sets_no_cookie_for_a_bearer_client() -> None:
    """What nobody reads should not be sent."""
    async with a_world(token_delivery="both") as world:
        answers: list[httpx2.Response] = []

        async def keep(response: httpx2.Response) -> None:
            answers.append(response)

        async with asgi_client(world.driver.app, event_hooks={"response": [keep]}) as http:
            client = AuthClient(URL, http=http)
            await client.login(**CREDENTIALS)
            await client.refresh()
            await client.logout()
    assert [answer.headers.get_list("set-cookie") for answer in answers] == [[], [], []]
