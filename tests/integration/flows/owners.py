"""Ana, who is signed in with a password and adds an account that she has at a provider."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.account import AuthUser
from bymax_auth.types.inputs import LoginInput
from bymax_auth.types.results import AuthResult, IdentityInfo
from tests.cheap import COST_OPTIONS
from tests.integration.flows.strangers import Doorkeeper, Return, arrive, world_of
from tests.integration.flows.world import (
    ANA,
    CONTEXT,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    PlainVerifier,
    World,
)

__all__ = [
    "ELSEWHERE",
    "ENDS",
    "ana",
    "begun",
    "identities",
    "linked",
    "opened",
    "opened_by",
    "unlink",
    "world_with",
]

ELSEWHERE = "ana@elsewhere.example"
"""Ana's address at the provider: it need not be the one that she has here."""


def world_with(provider: InMemoryOAuthProvider, *others: InMemoryOAuthProvider, **overrides: Any) -> World:
    """A world with providers, in which Ana's password costs nothing to verify."""
    cheap = {"scrypt": COST_OPTIONS, "legacy_verifiers": (PlainVerifier(),), "rehash_on_verify": False}
    overrides.setdefault("hooks", Doorkeeper())
    world = world_of(provider, *others, password=cheap, **overrides)
    world.users.replace(replace(ANA, password_hash=f"plain:{PASSWORD}"))
    return world


async def ana(world: World) -> AuthUser:
    user = await world.users.find_by_id(ANA.id, tenant_id=TENANT)
    assert user is not None
    return user


async def opened(world: World) -> AuthResult:
    """A session of Ana's."""
    result = await world.login()
    assert isinstance(result, AuthResult)
    await world.engine.drain()
    return result


async def opened_by(world: World, user_id: str, tenant_id: str) -> AuthResult:
    """A session of somebody else's, with this id."""
    email = "bea@example.com"
    world.users.add(replace(await ana(world), id=user_id, tenant_id=tenant_id, email=email))
    result = await world.engine.login(
        LoginInput(email=email, password=PASSWORD, tenant_id=tenant_id), CONTEXT
    )
    assert isinstance(result, AuthResult)
    await world.engine.drain()
    return result


async def begun(
    world: World,
    session: AuthResult,
    provider: InMemoryOAuthProvider,
    *,
    password: str | None = PASSWORD,
    **person: Any,
) -> Return:
    """A browser that is back from the provider, where it went to add an identity."""
    redirect = await world.engine.link_identity(
        ANA.id, provider.name, tenant_id=TENANT, current_refresh=session.refresh_token, password=password
    )
    brought = provider.sign_in(redirect.authorize_url, email=ELSEWHERE, **person)
    return Return(brought["code"], brought["state"], redirect.state)


async def linked(
    world: World, session: AuthResult, provider: InMemoryOAuthProvider, **person: Any
) -> IdentityInfo:
    """What a whole link ends in."""
    result = await arrive(world, await begun(world, session, provider, **person), provider.name)
    assert isinstance(result, IdentityInfo)
    await world.engine.drain()
    return result


async def identities(world: World, user_id: str = ANA.id) -> list[tuple[str, str]]:
    held = await world.engine.list_identities(user_id, tenant_id=TENANT)
    return [(one.provider, one.provider_id) for one in held]


async def unlink(
    world: World, identity_id: str, session: AuthResult | None = None, password: str | None = PASSWORD
) -> None:
    await world.engine.unlink_identity(
        ANA.id,
        identity_id,
        tenant_id=TENANT,
        current_refresh=None if session is None else session.refresh_token,
        password=password,
    )
    await world.engine.drain()


async def _sign_out(world: World, session: AuthResult) -> None:
    await world.engine.logout(session.access_token, session.refresh_token)


async def _sign_out_after_renewal(world: World, session: AuthResult) -> None:
    renewed = (await world.engine.refresh(session.refresh_token, CONTEXT)).tokens
    await world.engine.logout(renewed.access_token, renewed.refresh_token)


async def _end_all(world: World, _session: AuthResult) -> None:
    await world.engine.revoke_all_sessions(ANA.id, tenant_id=TENANT)


async def _change_password(world: World, session: AuthResult) -> None:
    await world.engine.change_password(
        ANA.id,
        tenant_id=TENANT,
        current_password=PASSWORD,
        new_password=NEW_PASSWORD,
        current_refresh=session.refresh_token,
    )


async def _replace_password(world: World, _session: AuthResult) -> None:
    await world.users.update_password(ANA.id, "plain:new", tenant_id=TENANT)


async def _raise_epoch(world: World, _session: AuthResult) -> None:
    await world.stores.revocation.bump_epoch(world.subject())


ENDS: dict[str, Callable[[World, AuthResult], Awaitable[None]]] = {
    "signed out": _sign_out,
    "signed out after a renewal": _sign_out_after_renewal,
    "every session ended": _end_all,
    "password changed": _change_password,
    "password written": _replace_password,
    "epoch raised": _raise_epoch,
}
"""What ends the login of a link, or the link itself."""
