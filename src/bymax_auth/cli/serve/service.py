"""Constructs the service from its environment.  Construction opens no connection."""

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
    """An engine, its database, its HTTP configuration, and whether OpenAPI is served."""

    engine: AuthEngine
    database: Database
    http: AuthHttpConfig
    openapi: bool

    async def check_database(self) -> None:
        """
        Read an account that does not exist, to check the database.

        Raises:
            RepositoryBackendError: The database is unreachable, or its tables are missing.
        """
        await self.database.users.find_by_id(_UNKNOWN_ID, tenant_id=_UNKNOWN_ID)


def build_service(environ: Mapping[str, str] = os.environ) -> Service:
    """
    Return the service that the environment describes.

    Raises:
        ConfigError: An option is unknown, has the wrong type or violates a rule.
        DeploymentError: A URL or a setting of the service is missing or invalid.
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
            "BYMAX_AUTH_SMTP__HOST is not set. It is required in production, where mail is not printed."
        )
    return ConsoleEmailSink()


def _require_role(config: AuthConfig, role: str) -> None:
    roles = config.roles.hierarchy
    if roles and role not in roles:
        raise DeploymentError(
            f"BYMAX_AUTH_SERVE__BASE_ROLE ({role}) is not a role of the configuration: "
            f"{', '.join(sorted(roles))}."
        )
