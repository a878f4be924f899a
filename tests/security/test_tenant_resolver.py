"""Where the host decides the tenant, nobody else does (I-8)."""

from typing import Any

import pytest

from bymax_auth.config.resolvers import RequestParts
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.types.account import AuthUser
from bymax_auth.types.identity import Realm
from tests.integration.http.world import EMAIL, LOGIN, NEW_PASSWORD, TENANT, a_world, user

THEIRS = "globex"
OURS = TENANT


class ByHost:
    """A host that serves one tenant."""

    async def resolve(self, parts: RequestParts) -> str:
        return OURS


REQUESTS: list[tuple[str, str, dict[str, Any], str | None]] = [
    ("token", "/register", {"email": "new@example.com", "password": NEW_PASSWORD, "name": "N"}, None),
    ("token", "/login", LOGIN, None),
    ("token", "/resend-verification", {"email": EMAIL}, "email_verification_otp"),
    ("token", "/verify-email", {"email": EMAIL, "otp": "123456"}, None),
    ("token", "/password/forgot-password", {"email": EMAIL}, "password_reset_token"),
    ("otp", "/password/forgot-password", {"email": EMAIL}, "password_reset_otp"),
    ("otp", "/password/resend-otp", {"email": EMAIL}, "password_reset_otp"),
    ("otp", "/password/verify-otp", {"email": EMAIL, "otp": "123456"}, None),
    ("otp", "/password/reset-password", {"email": EMAIL, "newPassword": NEW_PASSWORD, "otp": "123456"}, None),
]


@pytest.mark.parametrize(("method", "path", "body", "mail"), REQUESTS)
async def test_a_request_cannot_name_another_tenant(
    method: str, path: str, body: dict[str, Any], mail: str | None
) -> None:
    """A customer of one tenant could work on the accounts of another by writing its name."""
    ours = user(email_verified="login" in path)
    theirs: AuthUser = user(tenant_id=THEIRS, id="u2", email_verified=False)
    options: dict[str, Any] = {"tenancy": {"resolver": ByHost()}, "password_reset": {"method": method}}
    async with a_world(accounts=(ours, theirs), **options) as world:
        asked: list[object] = []
        for name in [name for name in vars(UserRepository) if not name.startswith("_")]:
            watch(world.users, name, asked)
        await world.driver.call("POST", path, json_body={**body, "tenantId": THEIRS})
        await world.engine.drain()
        assert set(asked) <= {OURS}
        assert [sent.tenant_id for sent in world.mailer.sent if sent.tenant_id != OURS] == []
        assert mail is None or [sent.kind for sent in world.mailer.sent] == [mail]
        assert await world.users.find_by_id("u2", tenant_id=THEIRS) == theirs
        subject = world.engine.identifiers.subject(Realm.DASHBOARD, "u2", THEIRS)
        assert len(await world.stores.sessions.list(subject)) == 0


def watch(users: Any, name: str, asked: list[object]) -> None:
    """Keep the tenant of every call of a repository's method."""
    inner = getattr(users, name)

    async def watched(*given: Any, **named: Any) -> Any:
        asked.append(given[0].tenant_id if name == "create" else named["tenant_id"])
        return await inner(*given, **named)

    setattr(users, name, watched)


async def test_failures_are_counted_in_the_tenant_of_the_host() -> None:
    """Whoever changes the tenant with each guess would get a fresh budget each time."""
    async with a_world(tenancy={"resolver": ByHost()}) as world:
        for number in range(5):
            body = {**LOGIN, "password": "wrong and long", "tenantId": f"tenant-{number}"}
            assert (await world.driver.call("POST", "/login", json_body=body)).status == 401
        locked = await world.driver.call("POST", "/login", json_body={**LOGIN, "tenantId": "tenant-6"})
        assert locked.code == "auth.account_locked"
