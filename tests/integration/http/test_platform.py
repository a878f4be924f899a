"""Platform administrators: sign-in, refresh, sign-out and the end of every session."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.http.config import RateLimitConfig
from bymax_auth.ports.hooks import AuthHooks, HookContext, LoginFailure
from bymax_auth.types.account import SafeAuthUser
from bymax_auth.types.identity import Realm
from tests.integration.http.driver import Answer
from tests.integration.http.world import (
    EMAIL,
    LOGIN,
    PASSWORD,
    PLATFORM_LOGIN,
    ROOT_EMAIL,
    ROOT_PASSWORD,
    TENANT,
    World,
    a_world,
    administrator,
)

ROOT = (
    b'{"id":"u1","email":"root@example.com","name":"Grace Hopper","role":"OPERATOR","status":"ACTIVE",'
    b'"mfaEnabled":false,"platformId":null,"lastLoginAt":null,'
    b'"updatedAt":"2026-01-02T03:04:05.678Z","createdAt":"2026-01-02T03:04:05.678Z"}'
)
ALL_MODES = pytest.mark.parametrize("delivery", [*TokenDelivery])


async def login(world: World, **changed: object) -> Answer:
    return await world.driver.call("POST", "/platform/login", json_body={**PLATFORM_LOGIN, **changed})


async def me(world: World, access: str) -> Answer:
    return await world.driver.call("GET", "/platform/me", bearer=access)


async def refresh(world: World, token: str) -> Answer:
    return await world.driver.call("POST", "/platform/refresh", json_body={"refreshToken": token})


@ALL_MODES
async def test_an_administrator_signs_in_refreshes_and_signs_out(delivery: str) -> None:
    """The console's whole day: a field or a status that differs breaks every client of it."""
    async with a_world(token_delivery=delivery) as world:
        signed_in = await login(world, email=f" {ROOT_EMAIL.upper()} ")
        assert signed_in.status == 200
        assert signed_in.body.startswith(b'{"admin":%b,"accessToken":"' % ROOT)
        assert list(signed_in.members) == ["admin", "accessToken", "refreshToken"]
        access, token = str(signed_in.members["accessToken"]), str(signed_in.members["refreshToken"])
        await world.engine.drain()

        shown = await me(world, access)
        assert shown.status == 200
        assert shown.members["lastLoginAt"] == "2026-01-01T12:00:00.000Z"

        renewed = await refresh(world, token)
        assert (renewed.status, list(renewed.members)) == (200, ["admin", "accessToken", "refreshToken"])
        assert renewed.members["admin"] == shown.json()
        assert renewed.members["refreshToken"] != token
        access, token = str(renewed.members["accessToken"]), str(renewed.members["refreshToken"])
        assert (await me(world, access)).status == 200

        left = await world.driver.call(
            "POST", "/platform/logout", bearer=access, json_body={"refreshToken": token}
        )
        assert (left.status, left.body) == (204, b"")
        assert (await me(world, access)).code == "auth.platform_auth_required"
        assert (await refresh(world, token)).code == "auth.refresh_token_invalid"
        assert [answer.all("set-cookie") for answer in (signed_in, shown, renewed, left)] == [[]] * 4


@ALL_MODES
async def test_no_channel_but_header_and_body_carries_an_administrators_token(delivery: str) -> None:
    """A browser attaches cookies to any page's requests, and an administrator would act for that page."""
    async with a_world(token_delivery=delivery) as world:
        access, token = await world.administrators_tokens()
        for name in ("access_token", "platform_access_token", "__Host-access_token"):
            answer = await world.driver.call("GET", "/platform/me", cookies={name: access})
            assert (answer.status, answer.code) == (401, "auth.platform_auth_required")
        for name in ("refresh_token", "platform_refresh_token"):
            answer = await world.driver.call("POST", "/platform/refresh", cookies={name: token})
            assert (answer.status, answer.code) == (401, "auth.refresh_token_invalid")
            answer = await world.driver.call("POST", "/platform/logout", cookies={name: token})
            assert (answer.status, answer.all("set-cookie")) == (204, [])
        assert (await refresh(world, token)).status == 200


async def test_a_delivery_that_a_client_asks_for_does_not_concern_administrators() -> None:
    """A header that another route obeys would put the most powerful token of all into a cookie."""
    async with a_world(token_delivery="both") as world:
        for choice in ("cookie", "bearer"):
            answer = await world.driver.call(
                "POST",
                "/platform/login",
                json_body=PLATFORM_LOGIN,
                headers=[("x-auth-delivery", choice), ("sec-fetch-mode", "cors")],
            )
            assert list(answer.members) == ["admin", "accessToken", "refreshToken"]
            assert answer.all("set-cookie") == []


@pytest.mark.parametrize(
    "changed", [{"password": "wrong"}, {"email": "nobody@example.com"}, {"email": EMAIL}]
)
async def test_a_wrong_sign_in_of_an_administrator_says_nothing_more(
    world: World, changed: dict[str, str]
) -> None:
    """A door that tells a wrong password from an unknown address lists the platform's administrators."""
    answer = await login(world, **changed)
    assert (answer.status, answer.body) == (
        401,
        b'{"error":{"code":"auth.invalid_credentials","message":"Invalid email or password","details":null}}',
    )


async def test_the_realms_do_not_know_each_others_accounts(world: World) -> None:
    """An administrator's password would open a tenant, or a tenant's user the platform."""
    world.admins.replace(administrator(email=EMAIL))
    assert (await login(world, email=EMAIL, password=PASSWORD)).code == "auth.invalid_credentials"
    assert (await login(world, email=EMAIL, password=ROOT_PASSWORD)).status == 200
    for tenant in (TENANT, "platform"):
        answer = await world.driver.call(
            "POST", "/login", json_body={**LOGIN, "password": ROOT_PASSWORD, "tenantId": tenant}
        )
        assert answer.code == "auth.invalid_credentials"


@pytest.mark.parametrize("tenant", [TENANT, "platform", "", None])
async def test_an_administrator_has_no_tenant(world: World, tenant: str | None) -> None:
    """A tenant that is silently ignored looks to its sender like one that was checked."""
    answer = await login(world, tenantId=tenant)
    assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", ["tenantId"])


async def test_a_tenant_that_the_host_resolves_is_not_asked_for() -> None:
    """Administrators would be locked out of a deployment whose tenants are hosts."""

    class Nowhere:
        async def resolve(self, _parts: object) -> str:
            raise AssertionError("The platform has no tenant to resolve.")

    async with a_world(tenancy={"resolver": Nowhere()}, enforce_tenant_binding=True) as world:
        access, token = await world.administrators_tokens()
        assert (await me(world, access)).status == 200
        assert (await refresh(world, token)).status == 200


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("BANNED", "account_banned"),
        ("suspended", "account_suspended"),
        ("Inactive", "account_inactive"),
        ("pending_approval", "pending_approval"),
    ],
)
async def test_a_blocked_administrator_is_told_so_after_the_password(status: str, code: str) -> None:
    """Somebody who proves who they are may learn why they cannot come in; a stranger may not."""
    async with a_world(blocked_statuses=("BANNED", "SUSPENDED", "INACTIVE", "PENDING_APPROVAL")) as world:
        world.admins.replace(administrator(status=status))
        answer = await login(world)
        assert (answer.status, answer.code) == (403, f"auth.{code}")
        assert (await login(world, password="wrong")).code == "auth.invalid_credentials"


async def test_an_administrator_whose_second_factor_nothing_checks_stays_out() -> None:
    """The password alone must not open what the factor protects."""
    async with a_world(mfa=None, controllers={"mfa": False}) as world:
        world.admins.replace(administrator(mfa_enabled=True))
        answer = await login(world)
        assert (answer.status, answer.code) == (401, "auth.invalid_credentials")


async def test_five_failures_lock_an_administrators_address_and_no_users(world: World) -> None:
    """Guessing must stop; and nobody may lock the platform out by guessing at a tenant's sign-in."""
    world.admins.replace(administrator(email=EMAIL))
    for _ in range(5):
        answer = await world.driver.call(
            "POST", "/login", json_body={**LOGIN, "tenantId": "platform", "password": "wrong"}
        )
        assert answer.status == 401
    assert (await login(world, email=EMAIL)).status == 200
    for _ in range(5):
        assert (await login(world, email=EMAIL, password="wrong")).status == 401
    answer = await login(world, email=EMAIL)
    assert (answer.status, answer.code) == (429, "auth.account_locked")
    assert answer.error["details"] == {"retryAfterSeconds": int(answer.header("retry-after") or 0)}
    assert (await world.driver.call("POST", "/login", json_body=LOGIN)).status == 200


async def test_a_refresh_carries_what_the_administrator_is_now(world: World) -> None:
    """A demoted administrator would keep the old role for a week of refreshes."""
    _, token = await world.administrators_tokens()
    world.admins.replace(administrator(role="ROOT", name="Grace"))
    renewed = await refresh(world, token)
    shown = renewed.members["admin"]
    assert isinstance(shown, dict)
    assert (shown["role"], shown["name"]) == ("ROOT", "Grace")
    claims = (await world.engine.platform.authenticate(str(renewed.members["accessToken"]))).claims
    assert (claims.role, claims.mfa_enabled, claims.mfa_verified) == ("ROOT", False, False)


async def test_a_refresh_of_a_blocked_administrator_ends_everything(world: World) -> None:
    """A dismissed administrator would stay signed in on the other device."""
    access, token = await world.administrators_tokens()
    other_access, other = await world.administrators_tokens()
    world.admins.replace(administrator(status="BANNED"))
    answer = await refresh(world, token)
    assert (answer.status, answer.code) == (403, "auth.account_banned")
    world.admins.replace(administrator())
    for ended in (token, other):
        assert (await refresh(world, ended)).code == "auth.refresh_token_invalid"
    for ended in (access, other_access):
        assert (await me(world, ended)).code == "auth.platform_auth_required"


async def test_a_removed_administrator_has_neither_page_nor_session(world: World) -> None:
    """An account that is gone must not be served, and its tokens must end."""
    access, token = await world.administrators_tokens()
    world.admins._rows.clear()
    answer = await me(world, access)
    assert (answer.status, answer.code) == (401, "auth.token_invalid")
    answer = await refresh(world, token)
    assert (answer.status, answer.code) == (401, "auth.refresh_token_invalid")
    assert (await me(world, access)).code == "auth.platform_auth_required"


async def test_a_blocked_administrator_sees_why(world: World) -> None:
    """Somebody whose account was suspended a minute ago must be able to see that."""
    access, _ = await world.administrators_tokens()
    world.admins.replace(administrator(status="SUSPENDED"))
    answer = await me(world, access)
    assert (answer.status, answer.members["status"]) == (200, "SUSPENDED")


async def test_an_administrator_ends_every_session(world: World) -> None:
    """A lost laptop stays signed in, or a user with the same id is signed out."""
    users = await world.signed_in()
    access, token = await world.administrators_tokens()
    other_access, other = await world.administrators_tokens()
    subject = world.engine.identifiers.subject(Realm.PLATFORM, "u1", None)
    before = await world.stores.revocation.current_epoch(subject)
    answer = await world.driver.call("DELETE", "/platform/sessions", bearer=access)
    assert (answer.status, answer.body, answer.all("set-cookie")) == (204, b"", [])
    assert await world.stores.revocation.current_epoch(subject) == before + 1
    for ended in (access, other_access):
        assert (await me(world, ended)).code == "auth.platform_auth_required"
        again = await world.driver.call("DELETE", "/platform/sessions", bearer=ended)
        assert again.code == "auth.platform_auth_required"
    for ended in (token, other):
        assert (await refresh(world, ended)).code == "auth.refresh_token_invalid"
    assert (await world.driver.call("GET", "/me", cookies=users)).status == 200
    assert (await world.driver.call("POST", "/refresh", cookies=users)).status == 200
    access, _ = await world.administrators_tokens()
    assert (await me(world, access)).status == 200


async def test_a_replayed_token_ends_the_administrators_login(world: World) -> None:
    """Whoever copied an administrator's token would be renewed beside its owner."""
    _, token = await world.administrators_tokens()
    first = await refresh(world, token)
    assert (await refresh(world, token)).members["refreshToken"] == first.members["refreshToken"]
    world.clock.advance(timedelta(minutes=2))
    assert (await refresh(world, token)).code == "auth.refresh_token_invalid"
    assert (await refresh(world, str(first.members["refreshToken"]))).code == "auth.refresh_token_invalid"


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b'{"refreshToken":""}', b'{"refreshToken":null}', b'{"refreshToken":"garbage"}'],
)
async def test_a_refresh_without_a_token_is_refused(world: World, raw: bytes) -> None:
    """There is no cookie that could carry one."""
    answer = await world.driver.call("POST", "/platform/refresh", raw=raw, content_type=None)
    assert (answer.status, answer.code) == (401, "auth.refresh_token_invalid")


@pytest.mark.parametrize("raw", [b"{", b"[]", b"\xff", b'{"refreshToken":7}', b'{"other":1}'])
async def test_a_malformed_refresh_is_told_what_is_wrong_and_a_sign_out_is_not(
    world: World, raw: bytes
) -> None:
    """A client without a usable token must get out, and a broken client must be found."""
    answer = await world.driver.call("POST", "/platform/refresh", raw=raw)
    assert (answer.status, answer.code) == (400, "auth.validation")
    assert (await world.driver.call("POST", "/platform/logout", raw=raw)).status == 204


async def test_an_expired_access_token_does_not_keep_an_administrator_in(world: World) -> None:
    """Somebody who comes back after lunch and signs out means it."""
    access, token = await world.administrators_tokens()
    world.clock.advance(timedelta(minutes=16))
    answer = await world.driver.call(
        "POST", "/platform/logout", bearer=access, json_body={"refreshToken": token}
    )
    assert answer.status == 204
    assert (await refresh(world, token)).status == 401


async def test_an_access_token_alone_is_revoked_by_signing_out(world: World) -> None:
    """A console that lost its refresh token would leave the other one working."""
    access, token = await world.administrators_tokens()
    assert (await world.driver.call("POST", "/platform/logout", bearer=access)).status == 204
    assert (await me(world, access)).code == "auth.platform_auth_required"
    assert (await refresh(world, token)).status == 200


async def test_a_forged_token_cannot_sign_an_administrator_out(world: World) -> None:
    """Anybody can copy a token's id; only its signature makes it theirs."""
    access, _ = await world.administrators_tokens()
    head, payload, _ = access.split(".")
    forged = f"{head}.{payload}.{'A' * 43}"
    assert (await world.driver.call("POST", "/platform/logout", bearer=forged)).status == 204
    assert (await me(world, access)).status == 200


async def test_a_store_that_is_down_does_not_keep_an_administrator_in(world: World) -> None:
    """The console forgets the session even when the server cannot."""
    access, token = await world.administrators_tokens()
    await world.stores.aclose()
    answer = await world.driver.call(
        "POST", "/platform/logout", bearer=access, json_body={"refreshToken": token}
    )
    assert (answer.status, answer.body) == (204, b"")


async def test_administrators_are_counted_apart_from_users() -> None:
    """Sign-ins of a tenant's users from an office would use up those of its administrators."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        for _ in range(5):
            assert (await world.driver.call("POST", "/login", raw=b"{")).status == 400
            assert (await world.driver.call("POST", "/platform/login", raw=b"{")).status == 400
        assert (await world.driver.call("POST", "/login", raw=b"{")).status == 429
        assert (await world.driver.call("POST", "/platform/login", raw=b"{")).status == 429
        assert (await world.driver.call("POST", "/platform/refresh", raw=b"{")).status == 400


async def test_an_administrator_may_be_read_as_often_as_it_takes() -> None:
    """Every page of the console asks who is signed in."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        access, _ = await world.administrators_tokens()
        for _ in range(60):
            assert (await me(world, access)).status == 200


class _Watching(AuthHooks):
    """A host that notes what its hooks hear."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    async def before_login(self, email: str, tenant_id: str, context: HookContext) -> None:
        self.heard.append(("before_login", tenant_id))

    async def after_login(self, user: SafeAuthUser, context: HookContext) -> None:
        self.heard.append(("after_login", user.tenant_id))

    async def on_login_failed(self, failure: LoginFailure, context: HookContext) -> None:
        self.heard.append(("on_login_failed", failure.tenant_id))

    async def after_logout(self, user_id: str, context: HookContext) -> None:
        self.heard.append(("after_logout", user_id))


async def test_hooks_of_users_sign_in_are_not_told_of_administrators() -> None:
    """A hook that creates a tenant's records at each sign-in would create them for the platform."""
    hooks = _Watching()
    async with a_world(hooks=hooks) as world:
        await login(world, password="wrong")
        access, token = await world.administrators_tokens()
        await world.driver.call("POST", "/platform/logout", bearer=access, json_body={"refreshToken": token})
        await world.engine.drain()
    assert hooks.heard == [("on_login_failed", "platform"), ("after_logout", "u1")]


async def test_nothing_of_an_administrators_secrets_is_shown(world: World) -> None:
    """The console would show, and its logs would keep, what opens the account."""
    world.admins.replace(administrator(mfa_secret="sealed", mfa_recovery_codes=("one", "two")))
    access, _ = await world.administrators_tokens()
    shown: dict[str, Any] = json.loads((await me(world, access)).body)
    assert not [name for name in shown if "ecret" in name or "assword" in name or "odes" in name]
    assert b"sealed" not in (await me(world, access)).body
