"""The accounts that an operator works on: those of one tenant, or the platform's administrators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bymax_auth.config.features import RolesConfig
from bymax_auth.repositories.sqlalchemy import SqlAlchemyPlatformUserRepository, SqlAlchemyUserRepository
from bymax_auth.types.account import Account, AuthPlatformUser, AuthUser, CreateUserData

__all__ = ["Administrators", "NewAccount", "OperatedAccounts", "TenantUsers"]

_PAGE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account as an operator describes it; an administrator has no address to prove."""

    email: str
    name: str
    role: str
    status: str
    verified: bool = True


class OperatedAccounts(Protocol):
    """The accounts of one tenant, or of the platform."""

    @property
    def tenant_id(self) -> str | None:
        """The tenant, ``None`` for the platform."""
        ...

    @property
    def unknown(self) -> str:
        """What is said of an address without an account."""
        ...

    def roles(self, config: RolesConfig) -> Mapping[str, Sequence[str]]:
        """Return the roles that these accounts may have."""
        ...

    async def find_by_email(self, email: str) -> Account | None:
        """Return the account with this canonical address."""
        ...

    async def create(self, account: NewAccount, password_hash: str) -> Account:
        """
        Store a new account, whose values are canonical.

        Raises:
            RepositoryConflict: There is an account with this address.
        """
        ...

    async def page(self, after_id: str | None = None) -> Sequence[Account]:
        """Return the accounts after an id; an empty page is the last."""
        ...

    async def update_status(self, account_id: str, status: str) -> None:
        """Store a status."""
        ...

    async def update_role(self, account_id: str, role: str) -> None:
        """Store a role."""
        ...

    async def update_password(self, account_id: str, password_hash: str) -> None:
        """Store a hash."""
        ...

    async def remove(self, account_id: str) -> None:
        """Delete an account."""
        ...


@dataclass(frozen=True, slots=True)
class TenantUsers:
    """Implements `OperatedAccounts` for the users of one tenant."""

    users: SqlAlchemyUserRepository
    tenant_id: str
    unknown: str = "this tenant has no account with this address."

    def roles(self, config: RolesConfig) -> Mapping[str, Sequence[str]]:
        """Return the roles that these accounts may have."""
        return config.hierarchy

    async def find_by_email(self, email: str) -> AuthUser | None:
        """Return the account with this canonical address."""
        return await self.users.find_by_email(email, tenant_id=self.tenant_id)

    async def create(self, account: NewAccount, password_hash: str) -> AuthUser:
        """Store a new account, whose values are canonical."""
        return await self.users.create(
            CreateUserData(
                email=account.email,
                name=account.name,
                password_hash=password_hash,
                tenant_id=self.tenant_id,
                role=account.role,
                status=account.status,
                email_verified=account.verified,
            )
        )

    async def page(self, after_id: str | None = None) -> Sequence[AuthUser]:
        """Return the accounts after an id; an empty page is the last."""
        return await self.users.page(tenant_id=self.tenant_id, after_id=after_id, limit=_PAGE)

    async def update_status(self, account_id: str, status: str) -> None:
        """Store a status."""
        await self.users.update_status(account_id, status, tenant_id=self.tenant_id)

    async def update_role(self, account_id: str, role: str) -> None:
        """Store a role."""
        await self.users.update_role(account_id, role, tenant_id=self.tenant_id)

    async def update_password(self, account_id: str, password_hash: str) -> None:
        """Store a hash."""
        await self.users.update_password(account_id, password_hash, tenant_id=self.tenant_id)

    async def remove(self, account_id: str) -> None:
        """Delete an account."""
        await self.users.remove(account_id, tenant_id=self.tenant_id)


@dataclass(frozen=True, slots=True)
class Administrators:
    """Implements `OperatedAccounts` for the platform's administrators."""

    admins: SqlAlchemyPlatformUserRepository
    tenant_id: None = None
    unknown: str = "no administrator has this address."

    def roles(self, config: RolesConfig) -> Mapping[str, Sequence[str]]:
        """Return the roles that these accounts may have."""
        return config.platform_hierarchy or {}

    async def find_by_email(self, email: str) -> AuthPlatformUser | None:
        """Return the account with this canonical address."""
        return await self.admins.find_by_email(email)

    async def create(self, account: NewAccount, password_hash: str) -> AuthPlatformUser:
        """Store a new account, whose values are canonical."""
        return await self.admins.create(
            email=account.email,
            name=account.name,
            password_hash=password_hash,
            role=account.role,
            status=account.status,
        )

    async def page(self, after_id: str | None = None) -> Sequence[AuthPlatformUser]:
        """Return the accounts after an id; an empty page is the last."""
        return await self.admins.page(after_id=after_id, limit=_PAGE)

    async def update_status(self, account_id: str, status: str) -> None:
        """Store a status."""
        await self.admins.update_status(account_id, status)

    async def update_role(self, account_id: str, role: str) -> None:
        """Store a role."""
        await self.admins.update_role(account_id, role)

    async def update_password(self, account_id: str, password_hash: str) -> None:
        """Store a hash."""
        await self.admins.update_password(account_id, password_hash)

    async def remove(self, account_id: str) -> None:
        """Delete an account."""
        await self.admins.remove(account_id)
