"""
One operation on the accounts of a deployment: what it opens, and how it ends.

Only the start-up rules differ from the service's: what a host passes in code is not here.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from bymax_auth.cli.check import rules_broken
from bymax_auth.cli.deployment import Database, Deployment, exposure
from bymax_auth.cli.exits import database_failure, exit_without_values, stop
from bymax_auth.cli.operated_accounts import Administrators, TenantUsers
from bymax_auth.cli.operator import Operator, Refused, TenantOperator
from bymax_auth.cli.problems import DeploymentError, Problems, text_of
from bymax_auth.cli.serve.settings import ServeSettings
from bymax_auth.config import AuthConfig, ConfigError, StaticTenantResolver
from bymax_auth.config.profiles import Profile
from bymax_auth.engine.composition import Composition, compose
from bymax_auth.engine.dependencies import Dependencies
from bymax_auth.engine.wiring.sessions import list_sessions
from bymax_auth.errors import AuthError, InternalError, RepositoryBackendError, RepositoryConflict
from bymax_auth.ports.email import EmailProvider
from bymax_auth.providers.mail import DefaultAuthEmailProvider
from bymax_auth.services.addresses import require_tenant_id
from bymax_auth.services.realm import platform_policy

__all__ = ["perform", "perform_in_tenant", "perform_with_database"]

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class _OpenDeployment:
    """The composed parts of a deployment."""

    composition: Composition
    database: Database
    sends_mail: bool

    def of_tenant(self, tenant_id: str) -> TenantOperator:
        accounts = self.composition.accounts
        return TenantOperator(
            accounts=TenantUsers(self.database.users, tenant_id),
            services=self.composition.services,
            flows=accounts,
            list_sessions=accounts.list_sessions,
            sends_mail=self.sends_mail,
        )

    def of_platform(self) -> Operator:
        services = self.composition.services
        return Operator(
            accounts=Administrators(self.database.administrators),
            services=services,
            flows=self.composition.platform,
            list_sessions=list_sessions(services, platform_policy(services.config)),
        )


def perform(
    work: Callable[[Operator], Awaitable[ResultT]], tenant_id: str | None, profile: Profile
) -> ResultT:
    """
    Run `work` on the deployment of the environment; an error ends the command with one line.

    Without a tenant, the accounts are the platform's administrators.
    """
    if tenant_id is not None:
        return perform_in_tenant(work, tenant_id, profile)

    async def run() -> ResultT:
        async with _opened(os.environ, None, profile) as deployment:
            return await work(deployment.of_platform())

    return _ended(run, "an administrator has this address.")


def perform_in_tenant(
    work: Callable[[TenantOperator], Awaitable[ResultT]], tenant_id: str, profile: Profile
) -> ResultT:
    """Run `work` on the accounts of one tenant; an error ends the command with one line."""
    return perform_with_database(lambda operator, _: work(operator), tenant_id, profile)


def perform_with_database(
    work: Callable[[TenantOperator, Database], Awaitable[ResultT]], tenant_id: str, profile: Profile
) -> ResultT:
    """Run `work` on a tenant's accounts and their database; an error ends the command with one line."""

    async def run() -> ResultT:
        async with _opened(os.environ, tenant_id, profile) as deployment:
            return await work(deployment.of_tenant(tenant_id), deployment.database)

    return _ended(run, "this tenant has an account with this address.")


@asynccontextmanager
async def _opened(
    environ: Mapping[str, str], tenant_id: str | None, profile: Profile
) -> AsyncGenerator[_OpenDeployment]:
    """
    Open the database and the stores of the environment, and close them when the block ends.

    Raises:
        DeploymentError: A variable is missing, unknown or invalid; the error has every such problem.
        ValidationFailed: The tenant breaks a rule of form.
        Refused: There are no administrators, because the platform is off.
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
    config = _config_for(deployment.config, tenant_id)
    async with AsyncExitStack() as closing:
        closing.push_async_callback(database.dispose)
        closing.push_async_callback(stores.aclose)
        await stores.start()
        email: EmailProvider | None = None
        if mail is not None:
            email = DefaultAuthEmailProvider(mail, catalogue=settings.catalogue)
        given = Dependencies(
            users=database.users,
            stores=stores,
            platform_users=database.administrators if config.platform.enabled else None,
            email=email,
        )
        composition = compose(config, given)
        closing.push_async_callback(composition.services.passwords.aclose)
        yield _OpenDeployment(composition, database, sends_mail=mail is not None)


def _config_for(config: AuthConfig, tenant_id: str | None) -> AuthConfig:
    """Return the configuration in which the operator names the tenant, and no request does."""
    if tenant_id is None:
        if not config.platform.enabled:
            raise Refused(
                "the platform is off: set BYMAX_AUTH_PLATFORM__ENABLED to true, and "
                "BYMAX_AUTH_ROLES__PLATFORM_HIERARCHY."
            )
        return config
    resolver = StaticTenantResolver(require_tenant_id(tenant_id))
    return config.model_copy(update={"tenancy": config.tenancy.model_copy(update={"resolver": resolver})})


def _ended(run: Callable[[], Coroutine[object, object, ResultT]], taken: str) -> ResultT:
    """Run the operation; end the command with one line if it fails."""
    with exit_without_values():
        try:
            return asyncio.run(run())
        except (ConfigError, DeploymentError) as error:
            stop(str(error), 2)
        except Refused as error:
            stop(str(error))
        except RepositoryConflict:
            stop(taken)
        except AuthError as error:
            stop("; ".join(f"{one.field}: {one.message}" for one in error.fields) or str(error))
        except RepositoryBackendError as error:
            stop(database_failure(error))
        except InternalError as error:
            stop(f"the stores failed: {str(error) or type(error).__name__}")
