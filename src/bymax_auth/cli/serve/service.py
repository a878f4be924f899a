"""The service's parts, wired as the environment says.  Building them opens nothing."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import async_sessionmaker

from bymax_auth.cli.deployment import Database, Deployment, DeploymentError
from bymax_auth.cli.serve.settings import ServeSettings
from bymax_auth.config import AuthConfig, Environment
from bymax_auth.engine import AuthEngine
from bymax_auth.http import AuthHttpConfig
from bymax_auth.providers.console import ConsoleEmailSink
from bymax_auth.providers.mail import AuthEmailSink, DefaultAuthEmailProvider
from bymax_auth.repositories.sqlalchemy import SqlAlchemyPlatformUserRepository

__all__ = ["Service", "build_service"]

_UNKNOWN_ID: Final = "readiness"


@dataclass(frozen=True, slots=True)
class Service:
    """An engine, the database behind it, how HTTP meets them, and whether it is described to callers."""

    engine: AuthEngine
    database: Database
    http: AuthHttpConfig
    openapi: bool

    async def check_database(self) -> None:
        """
        Read an account that nobody has.

        Raises:
            RepositoryBackendError: The database does not answer, or its tables are not there.
        """
        await self.database.users.find_by_id(_UNKNOWN_ID, tenant_id=_UNKNOWN_ID)


def build_service(environ: Mapping[str, str] = os.environ) -> Service:
    """
    Return the service that the environment describes.

    Raises:
        ConfigError: An option is unknown, has the wrong type or breaks a rule.
        DeploymentError: An address or a setting of the service is missing or means nothing.
    """
    settings = ServeSettings.from_env(environ)
    deployment = Deployment.from_env(environ, profile=settings.profile)
    config = _with_tenants(deployment.config, settings)
    mail = _mail(config, settings)
    _require_role(config, settings.base_role)
    stores = deployment.open_stores()
    database = deployment.open_database(base_role=settings.base_role)
    engine = AuthEngine(
        config,
        users=database.users,
        stores=stores,
        platform_users=(
            SqlAlchemyPlatformUserRepository(async_sessionmaker(database.connections))
            if config.platform.enabled
            else None
        ),
        email=DefaultAuthEmailProvider(mail),
    )
    return Service(engine, database, AuthHttpConfig(settings.client_ip), settings.openapi)


def _with_tenants(config: AuthConfig, settings: ServeSettings) -> AuthConfig:
    if settings.tenants is None:
        return config
    tenancy = config.tenancy.model_copy(update={"resolver": settings.tenants})
    return config.model_copy(update={"tenancy": tenancy})


def _mail(config: AuthConfig, settings: ServeSettings) -> AuthEmailSink:
    if settings.mail is not None:
        return settings.mail
    if config.environment is Environment.PRODUCTION:
        raise DeploymentError(
            "BYMAX_AUTH_SMTP__HOST is not set, and in production mail is never written to a terminal."
        )
    return ConsoleEmailSink()


def _require_role(config: AuthConfig, role: str) -> None:
    roles = config.roles.hierarchy
    if roles and role not in roles:
        raise DeploymentError(
            f"BYMAX_AUTH_SERVE__BASE_ROLE ({role}) is not a role of the configuration: "
            f"{', '.join(sorted(roles))}."
        )
