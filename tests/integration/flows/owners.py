"""Ana, who is signed in with a password and adds an account that she has at a provider."""

from dataclasses import replace
from typing import Any

from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.account import AuthUser
from bymax_auth.types.results import AuthResult, IdentityInfo
from tests.cheap import COST_OPTIONS
from tests.integration.flows.strangers import Doorkeeper, Return, arrive, world_of
from tests.integration.flows.world import ANA, PASSWORD, TENANT, PlainVerifier, World

__all__ = ["ELSEWHERE", "ana", "begun", "identities", "linked", "opened", "unlink", "world_with"]

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
