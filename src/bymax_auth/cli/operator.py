"""
Operations on accounts from a terminal, with the deployment's own database and stores.

They use the services and flows of an engine: the same canonical addresses, password policy and hashes, and
a block ends every session.  Only the start-up rules differ: what a host passes in code is not here.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from bymax_auth.cli.check import rules_broken
from bymax_auth.cli.deployment import Deployment
from bymax_auth.cli.exits import database_failure, exit_without_values, stop
from bymax_auth.cli.problems import DeploymentError, Problems, text_of
from bymax_auth.config import ConfigError
from bymax_auth.config.profiles import Profile
from bymax_auth.engine.composition import compose
from bymax_auth.engine.dependencies import Dependencies
from bymax_auth.engine.flow_records import AccountFlows
from bymax_auth.engine.services import Services
from bymax_auth.errors import AuthError, InternalError, RepositoryBackendError, RepositoryConflict
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository
from bymax_auth.services.addresses import canonical_email, require_display_name, require_tenant_id
from bymax_auth.types.account import AuthUser, CreateUserData

__all__ = ["NewAccount", "Operator", "Refused", "open_operator", "perform"]

ResultT = TypeVar("ResultT")

_PAGE: Final = 200


class Refused(Exception):
    """The command does not fit the account or the configuration; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account as an operator describes it."""

    email: str
    name: str
    role: str
    status: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Operations on the accounts of one tenant."""

    users: SqlAlchemyUserRepository
    services: Services
    flows: AccountFlows
    tenant_id: str

    async def create(self, account: NewAccount, password: str) -> AuthUser:
        """
        Store a new account.

        Raises:
            Refused: No role of the configuration has this name, or the status is not printable text.
            ValidationFailed, PasswordCompromised: A value breaks a rule.
            RepositoryConflict: The tenant has an account with this address.
        """
        roles = self.services.config.auth.roles.hierarchy
        if account.role not in roles:
            raise Refused(f"{account.role!r} is not a role of the configuration: {', '.join(sorted(roles))}.")
        _require_status(account.status)
        email, name = canonical_email(account.email), require_display_name(account.name)
        await self.services.passwords.assert_acceptable(password, "password")
        data = CreateUserData(
            email=email,
            name=name,
            password_hash=await self.services.passwords.hash(password),
            tenant_id=self.tenant_id,
            role=account.role,
            status=account.status,
            email_verified=account.verified,
        )
        return await self.users.create(data)

    async def for_each(self, show: Callable[[AuthUser], None]) -> None:
        """Call `show` with every account of the tenant, read page by page."""
        page = await self.users.page(tenant_id=self.tenant_id, limit=_PAGE)
        while page:
            for user in page:
                show(user)
            page = await self.users.page(tenant_id=self.tenant_id, after_id=page[-1].id, limit=_PAGE)

    async def block(self, email: str, status: str) -> None:
        """
        Set a blocked status, and end the sessions of the account.  Idempotent.

        Raises:
            Refused: There is no such account, or the configuration does not block the status.
        """
        if not self.services.status_gate.blocks(status):
            raise Refused(f"the configuration does not block the status {status!r} (see blocked_statuses).")
        user = await self._find(email)
        # In this order, a session created between the two steps is ended too.
        await self.users.update_status(user.id, status, tenant_id=self.tenant_id)
        await self.flows.revoke_all_sessions(user.id, tenant_id=self.tenant_id)

    async def unblock(self, email: str, status: str) -> None:
        """
        Set a status that may sign in on a blocked account.

        Raises:
            Refused: There is no such account, it is not blocked, or the configuration blocks `status` too.
        """
        _require_status(status)
        if self.services.status_gate.blocks(status):
            raise Refused(f"the configuration blocks the status {status!r} as well (see blocked_statuses).")
        user = await self._find(email)
        if not self.services.status_gate.blocks(user.status):
            raise Refused(f"this account is not blocked: its status is {user.status!r}.")
        await self.users.update_status(user.id, status, tenant_id=self.tenant_id)
        await self.services.account_status.forget(user.id, self.tenant_id)

    async def unlock(self, email: str) -> bool:
        """Clear the failed sign-ins of an address, known or not; return whether they had locked it."""
        locked = await self.flows.is_account_locked(email, tenant_id=self.tenant_id)
        await self.flows.unlock_account(email, tenant_id=self.tenant_id)
        return locked

    async def sign_out(self, email: str) -> None:
        """
        End every session and access token of the account.  Idempotent.

        Raises:
            Refused: There is no such account.
        """
        user = await self._find(email)
        await self.flows.revoke_all_sessions(user.id, tenant_id=self.tenant_id)

    async def _find(self, email: str) -> AuthUser:
        user = await self.users.find_by_email(canonical_email(email), tenant_id=self.tenant_id)
        if user is None:
            raise Refused("this tenant has no account with this address.")
        return user


def _require_status(status: str) -> None:
    """Refuse a blank or unprintable status; every other text may be a status of the host."""
    if not (status.strip() and status.isprintable()):
        raise Refused(f"{status!r} is no status: it is blank, or contains unprintable characters.")


@asynccontextmanager
async def open_operator(
    environ: Mapping[str, str], tenant_id: str, *, profile: Profile = "nest_compat"
) -> AsyncGenerator[Operator]:
    """
    Open the database and the stores of the environment, and close them when the block ends.

    Raises:
        DeploymentError: A variable is missing, unknown or invalid; the error has every such problem.
        ValidationFailed: The tenant breaks a rule of form.
        StoreUnavailable: The stores cannot be opened.
    """
    problems = Problems()
    deployment, unread = Deployment.in_part(environ, problems, profile=profile)
    broken, _ = rules_broken(deployment.config, unread)
    problems.add(map(text_of, broken))
    database = problems.attempt(deployment.open_database, None)
    stores = problems.attempt(deployment.open_stores, None)
    if database is None or stores is None:
        raise DeploymentError(*problems.texts)
    problems.raise_all()
    tenant = require_tenant_id(tenant_id)
    async with AsyncExitStack() as closing:
        closing.push_async_callback(database.dispose)
        closing.push_async_callback(stores.aclose)
        await stores.start()
        composition = compose(deployment.config, Dependencies(users=database.users, stores=stores))
        services = composition.services
        closing.push_async_callback(services.passwords.aclose)
        yield Operator(users=database.users, services=services, flows=composition.accounts, tenant_id=tenant)


def perform(work: Callable[[Operator], Awaitable[ResultT]], tenant_id: str, profile: Profile) -> ResultT:
    """Run `work` on the deployment of the environment; an error ends the command with one line."""

    async def run() -> ResultT:
        async with open_operator(os.environ, tenant_id, profile=profile) as operator:
            return await work(operator)

    with exit_without_values():
        try:
            return asyncio.run(run())
        except (ConfigError, DeploymentError) as error:
            stop(str(error), 2)
        except Refused as error:
            stop(str(error))
        except RepositoryConflict:
            stop("this tenant has an account with this address.")
        except AuthError as error:
            stop("; ".join(f"{one.field}: {one.message}" for one in error.fields) or str(error))
        except RepositoryBackendError as error:
            stop(database_failure(error))
        except InternalError as error:
            stop(f"the stores failed: {str(error) or type(error).__name__}")
