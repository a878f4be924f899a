"""What a call sends, and what it makes of the answer."""

import inspect
import json

import httpx2
import pytest

from bymax_auth.client import (
    AccountCreated,
    AuthClient,
    Authenticated,
    MfaRequired,
    OtpProof,
    PlatformAuthClient,
    PlatformAuthenticated,
    ResetProof,
    SyncAuthClient,
    SyncPlatformAuthClient,
    TokenProof,
    VerifiedTokenProof,
)
from tests.unit.client.answers import (
    ACCESS_TOKEN,
    REFRESH_TOKEN,
    USER,
    Server,
    client_of,
    ok,
    session,
    setting_cookies,
    signed_in_body,
    sync_client_of,
)

SIGNED_IN = httpx2.Response(200, content=signed_in_body())
DONE = httpx2.Response(204)
RENEWED = httpx2.Response(200, content=signed_in_body("a.b.new"))
HASH = "ab" * 32
REFRESHING = {"refreshToken": REFRESH_TOKEN}
ADDRESSED = {"email": "a@b.c", "tenantId": "acme"}

# Each row: the call, its arguments, its request, its body, whether it is signed.
CALLS: list[tuple[str, dict[str, str], str, dict[str, str] | None, bool]] = [
    (
        "verify_email",
        {"email": "a@b.c", "otp": "123456", "tenant_id": "acme"},
        "POST /verify-email",
        {**ADDRESSED, "otp": "123456"},
        False,
    ),
    (
        "resend_verification",
        {"email": "a@b.c", "tenant_id": "acme"},
        "POST /resend-verification",
        ADDRESSED,
        False,
    ),
    ("forgot_password", {"email": "a@b.c"}, "POST /password/forgot-password", {"email": "a@b.c"}, False),
    (
        "resend_reset_otp",
        {"email": "a@b.c", "tenant_id": "acme"},
        "POST /password/resend-otp",
        ADDRESSED,
        False,
    ),
    (
        "change_password",
        {"current_password": "old", "new_password": "new"},
        "POST /password/change",
        {"currentPassword": "old", "newPassword": "new", **REFRESHING},
        True,
    ),
    ("revoke_session", {"session_hash": HASH}, f"DELETE /sessions/{HASH}", None, True),
    ("revoke_other_sessions", {}, "POST /sessions/revoke-all", REFRESHING, True),
    (
        "invite",
        {"email": "a@b.c", "role": "USER", "tenant_name": "Acme"},
        "POST /invitations",
        {"email": "a@b.c", "role": "USER", "tenantName": "Acme"},
        True,
    ),
    ("revoke_invitation", {"email": "a@b.c"}, "POST /invitations/revoke", {"email": "a@b.c"}, True),
    (
        "request_email_change",
        {"new_email": "n@b.c", "current_password": "old"},
        "POST /email/change",
        {"newEmail": "n@b.c", "currentPassword": "old"},
        True,
    ),
    ("confirm_email_change", {"token": HASH}, "POST /email/change/confirm", {"token": HASH}, False),
    ("mfa_verify_enable", {"code": "123456"}, "POST /mfa/verify-enable", {"code": "123456"}, True),
    ("mfa_disable", {"code": "123456"}, "POST /mfa/disable", {"code": "123456"}, True),
    ("logout", {}, "POST /logout", REFRESHING, True),
]


@pytest.mark.parametrize(
    ("name", "given", "request_line", "body", "signed"), CALLS, ids=[c[0] for c in CALLS]
)
async def test_a_call_without_a_result_sends_its_body(
    caplog: pytest.LogCaptureFixture,
    name: str,
    given: dict[str, str],
    request_line: str,
    body: object,
    signed: bool,
) -> None:
    """A member under another name is refused by the server, and a token too many is one more to leak."""
    caplog.set_level("WARNING", "httpx2")  # it logs addresses, and a session's digest is in one
    method, _, path = request_line.partition(" ")
    server = Server({path: DONE})
    assert await getattr(client_of(server, session()), name)(**given) is None
    assert getattr(sync_client_of(server, session()), name)(**given) is None
    for request in server.requests:
        assert (request.method, request.url.path) == (method, f"/auth{path}")
        assert (json.loads(request.content) if request.content else None) == body
        assert request.headers.get("authorization") == (f"Bearer {ACCESS_TOKEN}" if signed else None)
        assert request.headers.get("content-type") == ("application/json" if method == "POST" else None)
        assert request.headers["x-auth-delivery"] == "bearer"
        assert "cookie" not in request.headers


@pytest.mark.parametrize(
    ("proof", "member"),
    [
        (TokenProof("t" * 64), {"token": "t" * 64}),
        (OtpProof("123456"), {"otp": "123456"}),
        (VerifiedTokenProof("v" * 64), {"verifiedToken": "v" * 64}),
    ],
)
async def test_a_reset_sends_its_one_proof(proof: ResetProof, member: dict[str, str]) -> None:
    """Two proofs, or one under another name, are refused after the mail was already spent."""
    server = Server({"/password/reset-password": DONE})
    await client_of(server).reset_password(email="a@b.c", new_password="new", proof=proof)
    assert json.loads(server.requests[0].content) == {"email": "a@b.c", "newPassword": "new", **member}
    assert next(iter(member.values())) not in repr(proof)


@pytest.mark.parametrize(
    ("kind", "blocking"), [(AuthClient, SyncAuthClient), (PlatformAuthClient, SyncPlatformAuthClient)]
)
def test_both_kinds_have_the_same_calls(kind: type, blocking: type) -> None:
    """A call that one of them lacks, or takes otherwise, is found by whoever moves from one to the other."""
    renamed = {"aclose": "close", "__aenter__": "__enter__", "__aexit__": "__exit__"}
    calls = {renamed.get(name, name): call for name, call in inspect.getmembers(kind, inspect.isfunction)}
    others = dict(inspect.getmembers(blocking, inspect.isfunction))
    assert calls.keys() == others.keys()
    for name in calls.keys() - {"__init__"}:
        assert inspect.signature(calls[name]) == inspect.signature(others[name]), name


async def test_results_are_typed() -> None:
    """A caller must not take apart what the server sends."""
    setup = {"secret": "BASE32", "qrCodeUri": "otpauth://x", "recoveryCodes": ["a", "b"]}
    now = {
        "id": "abababab",
        "sessionHash": HASH,
        "device": "d",
        "ip": "i",
        "isCurrent": False,
        "createdAt": 1,
        "lastActivityAt": 2,
    }
    server = Server(
        {
            "/me": ok({**USER, "profile": {"plan": "pro"}}),
            "/mfa/setup": ok(setup, 201),
            "/mfa/recovery-codes": ok({"recoveryCodes": ["c", "d"]}),
            "/sessions": ok([now]),
            "/ws-ticket": ok({"ticket": HASH, "expiresIn": 30}),
            "/password/verify-otp": ok({"verifiedToken": HASH}),
        }
    )
    client = client_of(server, session())
    me = await client.me()
    assert (me.id, me.profile, me.created_at.tzinfo is not None) == ("u1", {"plan": "pro"}, True)
    assert (await client.mfa_setup("pw")).recovery_codes == ("a", "b")
    assert await client.mfa_recovery_codes("123456") == ("c", "d")
    assert [one.session_hash for one in await client.list_sessions()] == [HASH]
    assert (await client.ws_ticket()).expires_in == 30
    assert await client.verify_reset_otp(email="a@b.c", otp="123456") == VerifiedTokenProof(HASH)
    blocking = sync_client_of(server, session())
    assert blocking.me() == me
    assert blocking.mfa_setup().secret == "BASE32"
    assert blocking.mfa_recovery_codes("123456") == ("c", "d")
    assert [one.created_at for one in blocking.list_sessions()] == [1]
    assert blocking.ws_ticket().ticket == HASH
    assert blocking.verify_reset_otp(email="a@b.c", otp="123456") == VerifiedTokenProof(HASH)
    with pytest.raises(ValueError, match="session hash"):
        await client.revoke_session("../logout")


async def test_an_absent_key_of_an_account_is_null() -> None:
    """Other implementations leave out what is null."""
    null = ("oauthProvider", "oauthProviderId", "lastLoginAt")
    user = {name: value for name, value in USER.items() if name not in null}
    tokens = {"accessToken": "a.b.c", "refreshToken": "r"}
    client = client_of(Server({"/login": ok({"user": user, **tokens}), "/me": ok(user)}))
    outcome = await client.login(email="a@b.c", password="pw")
    assert isinstance(outcome, Authenticated)
    for account in (outcome.result.user, await client.me()):
        assert (account.oauth_provider, account.oauth_provider_id, account.last_login_at) == (
            None,
            None,
            None,
        )


@pytest.mark.parametrize("digits", ["", ".1", ".123456789"])
async def test_a_timestamp_may_have_any_number_of_digits(digits: str) -> None:
    """Every server of the family prints them in its own way."""
    server = Server({"/me": ok({**USER, "createdAt": f"2026-01-02T03:04:05{digits}Z"})})
    assert (await client_of(server, session()).me()).created_at.second == 5


async def test_a_second_factor_leaves_the_session_alone() -> None:
    """Somebody who does not have the code yet must not sign out whoever is signed in."""
    challenge = ok({"mfaRequired": True, "mfaTempToken": "temp"})
    server = Server(
        {
            "/login": challenge,
            "/register": challenge,
            "/mfa/challenge": RENEWED,
        }
    )
    client = client_of(server, held := session())
    outcome = await client.login(email="a@b.c", password="pw")
    assert outcome == await client.register(email="a@b.c", password="pw", name="Ada") == MfaRequired("temp")
    assert held.held.access_token == ACCESS_TOKEN
    assert (await client.mfa_challenge("temp", "123456")).access_token == "a.b.new"
    assert held.held.access_token == "a.b.new"
    assert "temp" not in repr(outcome)


@pytest.mark.parametrize("name", ["register", "accept_invitation"])
async def test_an_account_that_may_not_sign_in_yet_is_no_session(name: str) -> None:
    """Whoever waits for approval is told so, and does not get an error for a right answer."""
    created = ok({"user": USER}, 201)
    server = Server({"/register": created, "/invitations/accept": created})
    client = client_of(server)
    given = {"email": "a@b.c"} if name == "register" else {"token": HASH}
    outcome = await getattr(client, name)(**given, password="pw", name="Ada", profile={"plan": "pro"})
    assert isinstance(outcome, AccountCreated)
    assert not client.has_session
    assert json.loads(server.requests[0].content)["profile"] == {"plan": "pro"}
    server.answers.update(dict.fromkeys(server.answers, SIGNED_IN))
    assert isinstance(await getattr(client, name)(**given, password="pw", name="Ada"), Authenticated)
    assert client.has_session


async def test_a_cookie_of_a_proxy_is_no_token() -> None:
    """Behind a load balancer, every registration that waits for approval would be an error."""
    body = json.dumps({"user": USER}).encode()
    server = Server({"/register": setting_cookies("__cf_bm=abc.def; HttpOnly", body=body)})
    outcome = await client_of(server).register(email="a@b.c", password="pw", name="Ada")
    assert isinstance(outcome, AccountCreated)


async def test_a_client_that_is_given_stays_open() -> None:
    """Its owner still uses it."""
    server = Server({"/login": SIGNED_IN})
    async with client_of(server) as client:
        pass
    await client.login(email="a@b.c", password="pw")
    with sync_client_of(server) as blocking:
        pass
    blocking.login(email="a@b.c", password="pw")


async def test_the_address_may_have_a_path_and_another_prefix() -> None:
    """Servers are mounted where their hosts want them."""
    server = Server({"/api/v1/sign-in/login": SIGNED_IN})
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(server))
    client = AuthClient("https://auth.example.com/api/v1//", http=http, route_prefix="/sign-in/")
    await client.login(email="a@b.c", password="pw")


async def test_both_kinds_serve_an_administrator() -> None:
    """The routes are below the platform's path, and the answer calls its person an admin."""
    admin = {"id": "a1", "email": "root@b.c", "name": "Root", "role": "ROOT", "status": "ACTIVE"}
    admin |= {"mfaEnabled": False, "platformId": None, "lastLoginAt": None}
    admin |= {"createdAt": "2026-01-02T03:04:05Z", "updatedAt": "2026-01-02T03:04:05Z"}
    tokens = {"accessToken": "a.b.c", "refreshToken": "r"}
    server = Server(
        {
            "/platform/login": [
                ok({"mfaRequired": True, "mfaTempToken": "temp"}),
                ok({"admin": admin, **tokens}),
            ],
            "/platform/mfa/challenge": ok({"admin": admin, **tokens}),
            "/platform/me": ok(admin),
            "/platform/refresh": ok({"admin": admin, **tokens}),
            "/platform/sessions": DONE,
        }
    )
    http = httpx2.Client(transport=httpx2.MockTransport(server))
    with SyncPlatformAuthClient("https://auth.example.com", http=http) as client:
        outcome = client.login(email="root@b.c", password="pw")
        assert outcome == MfaRequired("temp")
        assert client.mfa_challenge("temp", "123456").admin == client.me()
        assert isinstance(client.login(email="root@b.c", password="pw"), PlatformAuthenticated)
        assert client.refresh().access_token == "a.b.c"
        client.revoke_all_sessions()
        assert not client.has_session
    assert set(server.paths) == {f"/auth{path}" for path in server.answers}
