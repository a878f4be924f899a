"""What happens to one account never happens to another with the same id, address or spelling (I-19)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bymax_auth.errors import AuthError, InvalidCredentials
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import ForgotPasswordInput, LoginInput
from tests.integration.flows.journeys import BUILD
from tests.integration.flows.world import (
    ADMIN_EMAIL,
    ANA,
    CONTEXT,
    PASSWORD,
    WRONG_PASSWORD,
    World,
    build_world,
)

OTHER = "another passphrase altogether"


@dataclass(frozen=True)
class Account:
    """One of the accounts that could be mistaken for another."""

    realm: Realm
    user_id: str
    tenant_id: str | None
    email: str

    def flows(self, world: World) -> Any:
        return world.engine if self.realm is Realm.DASHBOARD else world.engine.platform

    def credentials(self, password: str) -> LoginInput:
        return LoginInput(email=self.email, password=password, tenant_id=self.tenant_id)


ACCOUNTS = [
    Account(Realm.DASHBOARD, "u1", "acme", ADMIN_EMAIL),
    Account(Realm.DASHBOARD, "u1", "globex", ADMIN_EMAIL),
    Account(Realm.DASHBOARD, "u1", "acme:prod", ADMIN_EMAIL),
    Account(Realm.DASHBOARD, "prod:u1", "acme", "prod-" + ADMIN_EMAIL),
    Account(Realm.DASHBOARD, "u1", "platform", ADMIN_EMAIL),
    Account(Realm.PLATFORM, "u1", None, ADMIN_EMAIL),
]


def populated() -> World:
    """Everybody in one deployment."""
    world = build_world(password_reset={"method": "otp"}, **BUILD)
    for account in ACCOUNTS:
        if account.realm is Realm.DASHBOARD and account.tenant_id is not None:
            user = replace(
                ANA,
                id=account.user_id,
                tenant_id=account.tenant_id,
                email=account.email,
                password_hash=f"plain:{PASSWORD}",
            )
            if (account.tenant_id, account.user_id) == ("acme", "u1"):
                world.users.replace(user)
            else:
                world.users.add(user)
    admin = next(iter(world.admins._rows.values()))
    world.admins._rows.clear()
    world.admins._by_email.clear()
    world.admins.add(replace(admin, id="u1", password_hash=f"plain:{PASSWORD}"))
    return world


async def end_every_session(world: World, account: Account) -> None:
    named = {} if account.tenant_id is None else {"tenant_id": account.tenant_id}
    await account.flows(world).revoke_all_sessions(account.user_id, **named)


async def guess_passwords(world: World, account: Account) -> None:
    for _ in range(6):
        with pytest.raises(AuthError):
            await account.flows(world).login(account.credentials(WRONG_PASSWORD), CONTEXT)


async def guess_at_the_change_of_a_password(world: World, account: Account) -> None:
    for _ in range(6):
        with pytest.raises(AuthError):
            await change(world, account, WRONG_PASSWORD)


async def ask_for_a_reset(world: World, account: Account) -> None:
    await forgot(world, account)


async def change(world: World, account: Account, password: str) -> None:
    await world.engine.change_password(
        account.user_id, tenant_id=account.tenant_id or "", current_password=password, new_password=OTHER
    )


async def forgot(world: World, account: Account) -> int:
    """How many codes were sent."""
    world.mail.clear()
    request = ForgotPasswordInput(email=account.email, tenant_id=account.tenant_id)
    await world.engine.forgot_password(request, CONTEXT)
    await world.engine.drain()
    return len(world.mail.sent)


Act = Callable[[World, Account], Awaitable[None]]
ON_BOTH_REALMS: list[Act] = [end_every_session, guess_passwords]
ON_USERS: list[Act] = [guess_at_the_change_of_a_password, ask_for_a_reset]
CASES = [
    pytest.param(act, account, id=f"{act.__name__}-{account.tenant_id}/{account.user_id}")
    for act in [*ON_BOTH_REALMS, *ON_USERS]
    for account in ACCOUNTS
    if act in ON_BOTH_REALMS or account.realm is Realm.DASHBOARD
]


@pytest.mark.parametrize(("act", "target"), CASES)
async def test_only_the_account_that_is_meant_is_touched(act: Act, target: Account) -> None:
    """A customer could lock out or sign out another customer's people, or the operators."""
    world = populated()
    born = {}
    for account in ACCOUNTS:
        born[account] = await account.flows(world).login(account.credentials(PASSWORD), CONTEXT)
    await act(world, target)
    for account in ACCOUNTS:
        if account != target:
            await is_untouched(world, account, born[account])
    await is_touched(act, world, target, born[target])
    await world.engine.aclose()


async def is_untouched(world: World, account: Account, born: Any) -> None:
    flows = account.flows(world)
    assert (await flows.authenticate(born.access_token)).claims.sub == account.user_id
    await flows.refresh(born.refresh_token, RequestContext())
    await flows.login(account.credentials(PASSWORD), CONTEXT)
    if account.realm is Realm.DASHBOARD:
        assert await forgot(world, account) == 1
        await change(world, account, PASSWORD)


async def is_touched(act: Act, world: World, account: Account, born: Any) -> None:
    """The act did what it is for, so leaving the others alone means something."""
    flows = account.flows(world)
    if act is end_every_session:
        with pytest.raises(AuthError):
            await flows.authenticate(born.access_token)
    elif act is guess_passwords:
        with pytest.raises(AuthError):
            await flows.login(account.credentials(PASSWORD), CONTEXT)
    elif act is guess_at_the_change_of_a_password:
        with pytest.raises(AuthError) as locked:
            await change(world, account, PASSWORD)
        assert not isinstance(locked.value, InvalidCredentials)
    else:
        assert await forgot(world, account) == 0
