"""
Every kind of token in every place of a request, at every route and every guard.

A token is good for one purpose in one realm.  Whatever else it is presented for, the answer is the one that
a stranger gets, and nothing is changed by it.
"""

import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.crypto.tokens import new_uuid
from bymax_auth.errors import AuthError
from bymax_auth.http.app import auth_app
from bymax_auth.http.asgi import Connection
from bymax_auth.http.guards import BoundGuards, Guards, platform_user
from bymax_auth.http.request import RequestView
from bymax_auth.http.routes import AnyRoute, mounted_routes
from bymax_auth.jwt.hs256 import sign
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.types.claims import MfaTempClaims
from bymax_auth.types.context import RequestContext
from bymax_auth.types.secret import Secret
from tests.integration.fastapi.faces import installed_app
from tests.integration.fastapi.host import Host
from tests.integration.http.driver import Answer, Driver
from tests.integration.http.requests import BODIES, path_of
from tests.integration.http.world import TENANT, World, a_world
from tests.long import long_only

FACES: dict[str, Callable[[World], Any]] = {
    "plain ASGI": lambda world: auth_app(world.engine, world.http, app_at_prefix=True),
    "FastAPI": installed_app,
}
ALL_MODES = pytest.mark.parametrize("delivery", [*TokenDelivery])

USER = "a user's access token"
USER_REFRESH = "a user's refresh token"
ADMIN = "an administrator's access token"
ADMIN_REFRESH = "an administrator's refresh token"
USER_FACTOR = "a user's token before the second factor"
ADMIN_FACTOR = "an administrator's token before the second factor"

HEADER, BODY = "header", "body"
ACCESS_COOKIE, REFRESH_COOKIE, FACTOR_COOKIE = "access_token", "refresh_token", "mfa_temp_token"
QUERY = "query"
CHANNELS = (HEADER, BODY, ACCESS_COOKIE, REFRESH_COOKIE, FACTOR_COOKIE, QUERY)

READS: dict[str, dict[str, set[str]]] = {
    # where a user's access token, and a user's refresh token, is read in each mode
    "cookie": {USER: {ACCESS_COOKIE}, USER_REFRESH: {REFRESH_COOKIE, BODY}},
    "bearer": {USER: {HEADER}, USER_REFRESH: {BODY}},
    "both": {USER: {ACCESS_COOKIE, HEADER}, USER_REFRESH: {REFRESH_COOKIE, BODY}},
}
ADMINISTRATORS_READ = {ADMIN: {HEADER}, ADMIN_REFRESH: {BODY}}
"""In every mode."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a route is asked with, and how it refuses everything else."""

    token: str | None
    refusal: str = ""


FOR_USERS = Kind(USER, "auth.token_invalid")
FOR_ADMINISTRATORS = Kind(ADMIN, "auth.platform_auth_required")
TOKENLESS = Kind(None)
PUBLIC: dict[str, Kind] = {
    "refresh": Kind(USER_REFRESH, "auth.refresh_token_invalid"),
    "platform_refresh": Kind(ADMIN_REFRESH, "auth.refresh_token_invalid"),
    "register": TOKENLESS,
    "login": TOKENLESS,
    "logout": TOKENLESS,
    "verify_email": TOKENLESS,
    "resend_verification": TOKENLESS,
    "forgot_password": TOKENLESS,
    "reset_password": TOKENLESS,
    "verify_reset_otp": TOKENLESS,
    "resend_reset_otp": TOKENLESS,
    "mfa_challenge": TOKENLESS,
    "email_change_confirm": TOKENLESS,
    "invitation_accept": TOKENLESS,
    "platform_login": TOKENLESS,
    "platform_mfa_challenge": TOKENLESS,
    "platform_logout": TOKENLESS,
    "oauth_initiate": TOKENLESS,
    "oauth_callback": TOKENLESS,
    "oauth_form_post": TOKENLESS,
}
"""The routes without a guard; of those that take no token, the answer does not depend on one."""


def kind_of(spec: AnyRoute) -> Kind:
    if not spec.access.guards:
        return PUBLIC[spec.name]
    return FOR_ADMINISTRATORS if platform_user in spec.access.guards else FOR_USERS


def reads(kind: Kind, delivery: str) -> set[str]:
    """The places in which the route takes its token."""
    if kind.token is None:
        return set()
    return ADMINISTRATORS_READ.get(kind.token) or READS[delivery][kind.token]


@dataclass(slots=True)
class Credentials:
    """A fresh token of every kind, and forgeries of both access tokens."""

    world: World

    async def tokens(self) -> dict[str, str]:
        world = self.world
        signed_in = await world.login()
        users = signed_in.cookies
        for name, member in ((ACCESS_COOKIE, "accessToken"), (REFRESH_COOKIE, "refreshToken")):
            users.setdefault(name, str(signed_in.members.get(member)))
        access, refresh = await world.administrators_tokens()
        own = {
            USER: users[ACCESS_COOKIE],
            USER_REFRESH: users[REFRESH_COOKIE],
            ADMIN: access,
            ADMIN_REFRESH: refresh,
            USER_FACTOR: self._before_the_factor("dashboard", TENANT),
            ADMIN_FACTOR: self._before_the_factor("platform", None),
        }
        return own | dict(self._forged(own))

    def _before_the_factor(self, context: Any, tenant_id: str | None) -> str:
        now = int(self.world.clock.now().timestamp())
        claims = MfaTempClaims(
            sub="u1",
            jti=new_uuid(),
            type="mfa_challenge",
            context=context,
            tenant_id=tenant_id,
            iat=now,
            exp=now + 300,
        )
        return sign(claims, self.world.engine._services.keys)

    def _forged(self, own: dict[str, str]) -> Iterator[tuple[str, str]]:
        """Tokens that say that they are of the other kind, unsigned or signed with another key."""
        other = KeyRing(Secret("another-secret-that-nobody-configured-0123456789"))
        for kind, said in ((USER, "platform"), (ADMIN, "dashboard"), (USER_FACTOR, "dashboard")):
            head, payload, signature = own[kind].split(".")
            claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
            changed = encoded({**claims, "type": said, "role": "ROOT", "tenantId": TENANT})
            yield f"{kind} that says {said}", f"{head}.{changed}.{signature}"
            unsigned = encoded({"alg": "none", "typ": "JWT"})
            yield f"{kind} that says {said}, unsigned", f"{unsigned}.{changed}."
            tag = base64.urlsafe_b64encode(other.tag(f"{head}.{changed}".encode())).rstrip(b"=").decode()
            yield f"{kind} that says {said}, by another key", f"{head}.{changed}.{tag}"


def encoded(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def sent(channel: str, token: str, body: dict[str, object] | None) -> dict[str, Any]:
    """The arguments of a request that carries the token in this place."""
    request: dict[str, Any] = {"json_body": body}
    match channel:
        case "header":
            return request | {"bearer": token}
        case "body":
            return {"json_body": {"refreshToken": token}}
        case "query":
            return request | {"query": f"access_token={token}&refreshToken={token}&token={token}".encode()}
        case _:
            return request | {"cookies": {channel: token}}


def body_without_token(spec: AnyRoute) -> dict[str, object] | None:
    """A body of the route that carries no refresh token."""
    body = {key: value for key, value in BODIES.get(spec.name, {}).items() if key != "refreshToken"}
    return body or None


async def all_live(world: World, tokens: dict[str, str], delivery: str) -> bool:
    """Whether all four tokens that were issued still work, where each is meant to."""
    engine = world.engine
    await engine.authenticate(tokens[USER])
    await engine.platform.authenticate(tokens[ADMIN])
    for name, prefix in ((USER_REFRESH, ""), (ADMIN_REFRESH, "/platform")):
        answer = await world.driver.call(
            "POST", f"{prefix}/refresh", json_body={"refreshToken": tokens[name]}
        )
        assert answer.status == 200, (name, delivery, answer.body)
    return True


@pytest.mark.parametrize(
    ("face", "delivery"),
    [
        *(("plain ASGI", mode) for mode in TokenDelivery),
        ("FastAPI", TokenDelivery.BOTH),
        pytest.param("FastAPI", TokenDelivery.COOKIE, marks=long_only),
        pytest.param("FastAPI", TokenDelivery.BEARER, marks=long_only),
    ],
)
async def test_a_token_is_good_at_its_own_routes_in_its_own_place_and_nowhere_else(
    face: str, delivery: str
) -> None:
    """A customer's token would administer the platform, or an administrator's would act in a tenant."""
    async with a_world(token_delivery=delivery) as world:
        driver = replace(world.driver, app=FACES[face](world), scopes=[])
        for spec in mounted_routes(world.engine):
            await check_route(Credentials(world), driver, spec, delivery)
        assert world.failures == []


async def check_route(credentials: Credentials, driver: Driver, spec: AnyRoute, delivery: str) -> None:
    kind, body = kind_of(spec), body_without_token(spec)
    tokens = await credentials.tokens()

    async def ask(channel: str, token: str) -> Answer:
        return await driver.call(spec.method, path_of(spec), **sent(channel, token, body))

    if kind.token is None:
        if spec.name.endswith("logout"):
            return
        for _ in range(2):  # the first one may create what the next one meets
            without = await driver.call(spec.method, path_of(spec), json_body=body)
        for name, token in tokens.items():
            for channel in CHANNELS:
                answer = await ask(channel, token)
                if channel == BODY:
                    assert (answer.status, answer.code) == (400, "auth.validation"), (spec.name, name)
                else:
                    seen = (answer.status, answer.members.keys() if answer.body else None)
                    assert seen == (without.status, without.members.keys() if without.body else None)
        return
    places = reads(kind, delivery)
    for name, token in tokens.items():
        for channel in CHANNELS:
            if name == kind.token and channel in places:
                continue
            answer = await ask(channel, token)
            found = (answer.status, answer.code)
            assert found == (401, kind.refusal), (spec.name, name, channel, found)
            assert answer.all("set-cookie") == []
    assert await all_live(credentials.world, tokens, delivery)
    for channel in places:
        # Without its own body, so that what an admitted request would change does not concern the next one.
        admitted = sent(channel, (await credentials.tokens())[kind.token], None)
        answer = await driver.call(spec.method, path_of(spec), **admitted)
        assert answer.status < 400 or answer.code != kind.refusal, (spec.name, channel, answer.body)


@ALL_MODES
@pytest.mark.parametrize("face", FACES)
async def test_signing_out_of_one_realm_ends_nothing_of_the_other(face: str, delivery: str) -> None:
    """Whoever leaves the console would be signed out of the product, or find the console still open."""
    async with a_world(token_delivery=delivery) as world:
        driver = replace(world.driver, app=FACES[face](world), scopes=[])
        for path, own in (
            ("/logout", READS[delivery]),
            ("/platform/logout", ADMINISTRATORS_READ),
        ):
            tokens = await Credentials(world).tokens()
            for name, token in tokens.items():
                for channel in CHANNELS:
                    if channel not in own.get(name, ()):
                        answer = await driver.call("POST", path, **sent(channel, token, None))
                        assert (answer.status, answer.body) == (204, b"")
            assert await all_live(world, tokens, delivery)
            for name, channels in own.items():
                for channel in channels:
                    token = (await Credentials(world).tokens())[name]
                    assert (await driver.call("POST", path, **sent(channel, token, None))).status == 204
                    assert not await is_live(world, name, token)


async def is_live(world: World, name: str, token: str) -> bool:
    engine = world.engine if name in {USER, USER_REFRESH} else world.engine.platform
    try:
        if name in {USER, ADMIN}:
            await engine.authenticate(token)
        else:
            await engine.refresh(token, RequestContext())
    except AuthError:
        return False
    return True


Built = Callable[[BoundGuards], Callable[[Connection], Awaitable[object]]]
GUARDS: dict[str, tuple[Kind, Built]] = {
    "auth_user": (FOR_USERS, lambda auth: auth.auth_user),
    "current_user": (FOR_USERS, lambda auth: auth.current_user),
    "require_role": (FOR_USERS, lambda auth: auth.require_role("MEMBER")),
    "self_or_admin": (FOR_USERS, lambda auth: auth.self_or_admin("ADMIN")),
    "user_status": (FOR_USERS, lambda auth: auth.user_status),
    "verified_user": (FOR_USERS, lambda auth: auth.verified_user),
    "mfa_satisfied": (FOR_USERS, lambda auth: auth.mfa_satisfied),
    "platform_user": (FOR_ADMINISTRATORS, lambda auth: auth.platform_user),
    "require_platform_role": (FOR_ADMINISTRATORS, lambda auth: auth.require_platform_role("OPERATOR")),
}
PLACES = tuple(channel for channel in CHANNELS if channel != BODY)
"""A guard reads no body."""


def carried(channel: str, token: str) -> dict[str, Any]:
    """The arguments of a handshake or request without a body."""
    return {"bearer": token} if channel == HEADER else {"cookies": {channel: token}}


@ALL_MODES
@pytest.mark.parametrize("name", GUARDS)
async def test_a_guard_admits_its_own_token_in_its_own_place_and_nothing_else(
    name: str, delivery: str
) -> None:
    """A host's most dangerous route is behind one of these, and sees no more than the guard lets through."""
    kind, build = GUARDS[name]
    async with a_world(token_delivery=delivery) as world:
        tokens = await Credentials(world).tokens()
        host = Host.of(world)
        host.guarded_by(build(host.auth))
        plain = build(Guards(world.engine, world.http))
        for held, token in tokens.items():
            for channel in PLACES:
                good = held == kind.token and channel in reads(kind, delivery)
                expected = "admitted" if good else kind.refusal
                answers = await asked(world, host, plain, channel, token)
                assert answers == dict.fromkeys(answers, expected), (held, channel)
        assert await all_live(world, tokens, delivery)


@ALL_MODES
async def test_a_guard_that_lets_visitors_pass_takes_no_administrator_for_a_user(delivery: str) -> None:
    """A page that greets its visitors would greet the administrator as the customer with the same id."""
    async with a_world(token_delivery=delivery) as world:
        tokens = await Credentials(world).tokens()
        bound = Guards(world.engine, world.http)
        for held, token in tokens.items():
            for channel in PLACES:
                seen = await bound.optional_auth_user(view(world, channel, token))
                good = held == USER and channel in READS[delivery][USER]
                assert (seen is not None) is good, (held, channel)


def view(world: World, channel: str, token: str, kind: str = "http") -> RequestView:
    lines = {HEADER: ("authorization", f"Bearer {token}"), QUERY: ("x-nothing", "")}
    line = lines.get(channel, ("cookie", f"{channel}={token}"))
    query = f"access_token={token}&token={token}".encode() if channel == QUERY else b""
    scope = {**world.driver.scope("GET", "/anything", [line], query), "path_params": {"user_id": "u1"}}
    if kind == "websocket":
        scope["type"] = kind
        scope.pop("method")
    return RequestView(scope)


async def asked(
    world: World,
    host: Host,
    plain: Callable[[Connection], Awaitable[object]],
    channel: str,
    token: str,
) -> dict[str, str]:
    """What each form of connection says to the token, behind plain ASGI and FastAPI."""
    said: dict[str, str] = {}
    for kind in ("http", "websocket"):
        try:
            await plain(view(world, channel, token, kind))
        except AuthError as refusal:
            said[f"plain {kind}"] = refusal.code.value
        else:
            said[f"plain {kind}"] = "admitted"
    if channel == QUERY:
        query = f"access_token={token}&token={token}".encode()
        page = await host.driver.call("GET", "/guarded/u1", query=query)
    else:
        page = await host.get(**carried(channel, token))
        socket = await host.open(**carried(channel, token))
        said["FastAPI websocket"] = "admitted" if socket.accepted else socket.code
    said["FastAPI http"] = "admitted" if page.status == 200 else str(page.code)
    return said
