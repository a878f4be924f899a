"""The initial accounts of a development server, of both realms."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.errors import RepositoryConflict
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.repositories.sqlalchemy import SqlAlchemyPlatformUserRepository
from bymax_auth.types.account import CreateUserData

__all__ = ["DEMO_TENANT", "DemoAccount", "DemoAccounts", "seed"]

DEMO_TENANT: Final = "demo"
"""The tenant of a request that specifies none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """An account with a public password."""

    email: str
    name: str
    role: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DemoAccounts:
    """The accounts whose password is still the public one."""

    users: tuple[DemoAccount, ...]
    admin: DemoAccount | None


_USERS: Final = (
    DemoAccount(
        email="member@example.com", name="Demo Member", role="MEMBER", password="pebble-compass-violin-47"
    ),
    DemoAccount(
        email="admin@example.com", name="Demo Admin", role="ADMIN", password="lantern-orbit-velvet-92"
    ),
)


_ADMIN: Final = DemoAccount(
    email="root@example.com", name="Demo Root", role="ROOT", password="harbor-meadow-cobalt-58"
)


async def seed(users: UserRepository, admins: SqlAlchemyPlatformUserRepository) -> DemoAccounts:
    """Create the demo accounts, verified and active, where they are missing."""
    hasher = PasswordHasher(Argon2Parameters(memory_kib=19_456, iterations=2, parallelism=1))
    # Together, because each hash takes a while.
    admin_known, *users_known = await asyncio.gather(
        _ensure_admin(admins, hasher), *(_ensure_user(users, hasher, account) for account in _USERS)
    )
    known = tuple(account for account, is_known in zip(_USERS, users_known, strict=True) if is_known)
    return DemoAccounts(known, _ADMIN if admin_known else None)


async def _ensure_user(users: UserRepository, hasher: PasswordHasher, account: DemoAccount) -> bool:
    found = await users.find_by_email(account.email, tenant_id=DEMO_TENANT)
    if found is not None:
        return await asyncio.to_thread(hasher.verify, account.password, found.password_hash or "")
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


async def _ensure_admin(admins: SqlAlchemyPlatformUserRepository, hasher: PasswordHasher) -> bool:
    found = await admins.find_by_email(_ADMIN.email)
    if found is not None:
        return await asyncio.to_thread(hasher.verify, _ADMIN.password, found.password_hash)
    password_hash = await asyncio.to_thread(hasher.hash, _ADMIN.password)
    try:
        await admins.create(
            email=_ADMIN.email, name=_ADMIN.name, password_hash=password_hash, role=_ADMIN.role
        )
    except RepositoryConflict:  # another server created it in the same file
        return True
    return True
