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
from bymax_auth.cli.deployment import Deployment, exposure
from bymax_auth.cli.exits import database_failure, exit_without_values, stop
from bymax_auth.cli.problems import DeploymentError, Problems, text_of
from bymax_auth.cli.serve.settings import ServeSettings
from bymax_auth.config import ConfigError, StaticTenantResolver
from bymax_auth.config.profiles import Profile
from bymax_auth.engine.composition import compose
from bymax_auth.engine.dependencies import Dependencies
from bymax_auth.engine.flow_records import AccountFlows
from bymax_auth.engine.services import Services
from bymax_auth.errors import AuthError, InternalError, RepositoryBackendError, RepositoryConflict
from bymax_auth.providers.mail import DefaultAuthEmailProvider
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository
from bymax_auth.services.addresses import canonical_email, require_display_name, require_tenant_id
from bymax_auth.types.account import AuthUser, CreateUserData
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import ForgotPasswordInput
from bymax_auth.types.session import ActiveSessionInfo

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
    sends_mail: bool

    async def create(self, account: NewAccount, password: str) -> AuthUser:
        """
        Store a new account.

        Raises:
            Refused: No role of the configuration has this name, or the status is not printable text.
            ValidationFailed, PasswordCompromised: A value breaks a rule.
            RepositoryConflict: The tenant has an account with this address.
        """
        self._require_role(account.role)
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
        """Clear the wrong passwords and codes of an address, known or not; return whether it was locked."""
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

    async def change_role(self, email: str, role: str) -> AuthUser:
        """
        Set the role of an account, and end its sessions, whose tokens carry the old one.

        Raises:
            Refused: There is no such account, or no role of the configuration has this name.
        """
        self._require_role(role)
        user = await self._find(email)
        await self.users.update_role(user.id, role, tenant_id=self.tenant_id)
        await self.flows.revoke_all_sessions(user.id, tenant_id=self.tenant_id)
        return await self._find(email)

    async def set_password(self, email: str, password: str) -> AuthUser:
        """
        Set the password of an account, end its sessions and lift its lockout.

        Raises:
            Refused: There is no such account.
            ValidationFailed, PasswordCompromised: The password breaks a rule.
        """
        user = await self._find(email)
        await self.services.passwords.assert_acceptable(password, "password")
        hashed = await self.services.passwords.hash(password)
        await self.users.update_password(user.id, hashed, tenant_id=self.tenant_id)
        await self.flows.revoke_all_sessions(user.id, tenant_id=self.tenant_id)
        await self.flows.unlock_account(email, tenant_id=self.tenant_id)
        return user

    async def send_reset_mail(self, email: str) -> AuthUser:
        """
        Mail a reset link or code to the account's owner.

        Raises:
            Refused: There is no such account, it is blocked, or no mail server is configured.
        """
        user = await self._find(email)
        if not self.sends_mail:
            raise Refused(
                "no mail server is configured: set BYMAX_AUTH_SMTP__HOST and BYMAX_AUTH_SMTP__SENDER."
            )
        if self.services.status_gate.blocks(user.status):
            raise Refused(f"this account is blocked: its status is {user.status!r}.")
        request = ForgotPasswordInput(email=user.email, tenant_id=self.tenant_id)
        await self.flows.forgot_password(request, RequestContext())
        await self.services.background.drain()
        return user

    async def verify(self, email: str) -> AuthUser:
        """
        Record that the address of an account is proven.  Idempotent.

        Raises:
            Refused: There is no such account.
        """
        user = await self._find(email)
        await self.users.update_email_verified(user.id, True, tenant_id=self.tenant_id)  # noqa: FBT003
        await self.services.account_status.forget(user.id, self.tenant_id)
        return await self._find(email)

    async def delete(self, email: str) -> AuthUser:
        """
        Delete an account and end its sessions.

        Raises:
            Refused: There is no such account.
        """
        user = await self._find(email)
        # Before, since a failure in between must leave no session of a deleted account; after, for a
        # session that was created between the two steps.
        await self.flows.revoke_all_sessions(user.id, tenant_id=self.tenant_id)
        await self.users.remove(user.id, tenant_id=self.tenant_id)
        await self.flows.revoke_all_sessions(user.id, tenant_id=self.tenant_id)
        await self.services.account_status.forget(user.id, self.tenant_id)
        return user

    async def show(self, email: str) -> tuple[AuthUser, tuple[ActiveSessionInfo, ...], bool]:
        """
        Return an account, its sessions and whether failed sign-ins have locked it.

        Raises:
            Refused: There is no such account.
        """
        user = await self._find(email)
        sessions = await self.flows.list_sessions(user.id, tenant_id=self.tenant_id)
        return user, sessions, await self.flows.is_account_locked(email, tenant_id=self.tenant_id)

    def _require_role(self, role: str) -> None:
        roles = self.services.config.auth.roles.hierarchy
        if role not in roles:
            raise Refused(f"{role!r} is not a role of the configuration: {', '.join(sorted(roles))}.")

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
    database = problems.attempt(deployment.open_database, None)
    stores = problems.attempt(deployment.open_stores, None)
    broken, _ = rules_broken(deployment.config, unread, stores)
    problems.add([*map(text_of, broken), *exposure(deployment.config, database)[0]])
    if database is None or stores is None:
        raise DeploymentError(*problems.texts)
    settings = ServeSettings.in_part(environ, problems)
    mail = settings.mail
    problems.raise_all()
    tenant = require_tenant_id(tenant_id)
    # The operator names the tenant, not a request.
    tenancy = deployment.config.tenancy.model_copy(update={"resolver": StaticTenantResolver(tenant)})
    config = deployment.config.model_copy(update={"tenancy": tenancy})
    async with AsyncExitStack() as closing:
        closing.push_async_callback(database.dispose)
        closing.push_async_callback(stores.aclose)
        await stores.start()
        email = None if mail is None else DefaultAuthEmailProvider(mail, catalogue=settings.catalogue)
        composition = compose(config, Dependencies(users=database.users, stores=stores, email=email))
        services = composition.services
        closing.push_async_callback(services.passwords.aclose)
        yield Operator(
            users=database.users,
            services=services,
            flows=composition.accounts,
            tenant_id=tenant,
            sends_mail=mail is not None,
        )


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
