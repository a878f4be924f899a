"""The initial accounts of a development server."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.errors import RepositoryConflict
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.types.account import CreateUserData

__all__ = ["DEMO_ACCOUNTS", "DEMO_TENANT", "DemoAccount", "seed"]

DEMO_TENANT: Final = "demo"
"""The tenant of a request that specifies none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """An account with a public password."""

    email: str
    name: str
    role: str
    password: str = field(repr=False)


DEMO_ACCOUNTS: Final = (
    DemoAccount(
        email="member@example.com", name="Demo Member", role="MEMBER", password="pebble-compass-violin-47"
    ),
    DemoAccount(
        email="admin@example.com", name="Demo Admin", role="ADMIN", password="lantern-orbit-velvet-92"
    ),
)


async def seed(users: UserRepository) -> tuple[DemoAccount, ...]:
    """
    Create the demo accounts, verified and active, where they are missing.

    Returns:
        The accounts whose password is still the public one.
    """
    hasher = PasswordHasher(Argon2Parameters(memory_kib=19_456, iterations=2, parallelism=1))
    return tuple([account for account in DEMO_ACCOUNTS if await _ensure_account(users, hasher, account)])


async def _ensure_account(users: UserRepository, hasher: PasswordHasher, account: DemoAccount) -> bool:
    found = await users.find_by_email(account.email, tenant_id=DEMO_TENANT)
    if found is not None:
        stored = found.password_hash or ""
        return await asyncio.to_thread(hasher.verify, account.password, stored)
    data = CreateUserData(
        email=account.email,
        name=account.name,
        password_hash=await asyncio.to_thread(hasher.hash, account.password),
        tenant_id=DEMO_TENANT,
        role=account.role,
        status="active",
        email_verified=True,
    )
    try:
        await users.create(data)
    except RepositoryConflict:  # another server created it in the same file
        return True
    return True
