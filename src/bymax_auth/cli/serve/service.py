"""Constructs the service from its environment.  Construction opens no connection."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import async_sessionmaker

from bymax_auth.cli.deployment import Database, Deployment, exposure, open_database
from bymax_auth.cli.problems import DeploymentError, Problems, text_of
from bymax_auth.cli.serve.admission import ProviderHooks
from bymax_auth.cli.serve.identity_providers import IdentityProviders
from bymax_auth.cli.serve.settings import ServeSettings
from bymax_auth.config import AuthConfig, Environment
from bymax_auth.config.checks import Collaborators, check_config
from bymax_auth.engine import AuthEngine
from bymax_auth.engine.dependencies import Dependencies, facts_of
from bymax_auth.http import AuthHttpConfig
from bymax_auth.ports.breach import PasswordBreachChecker
from bymax_auth.ports.email import EmailProvider
from bymax_auth.ports.stores import AuthStores
from bymax_auth.ports.telemetry import Telemetry
from bymax_auth.providers.breach import CombinedBreachChecker, CommonPasswordChecker
from bymax_auth.providers.console import ConsoleEmailSink
from bymax_auth.providers.mail import AuthEmailSink, DefaultAuthEmailProvider, DeliveryErrorPolicy
from bymax_auth.repositories.sqlalchemy import SqlAlchemyAuditSink, audit_metadata
from bymax_auth.repositories.sqlalchemy.tables import platform_users, users
from bymax_auth.stores.embedded import EmbeddedStores

__all__ = ["Service", "ServiceParts", "build_service", "dependencies", "read_parts"]

_LOGGER: Final = logging.getLogger("bymax_auth.serve")
_REPORTED_MAILS: Final[Mapping[str, DeliveryErrorPolicy]] = {
    "email_change_verification": "rethrow",
    "password_reset_token": "rethrow",
}
"""The mails with a token that the engine deletes when nobody receives it."""


@dataclass(frozen=True, slots=True)
class Service:
    """An engine, its database, its HTTP configuration, whether OpenAPI is served, and its audit log."""

    engine: AuthEngine
    database: Database
    http: AuthHttpConfig
    openapi: bool
    audit: SqlAlchemyAuditSink | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParts:
    """
    What the environment names, constructed; what is missing or invalid is ``None``.

    `problems` says why, and what else is wrong; each is text for a terminal.
    """

    settings: ServeSettings
    config: AuthConfig
    stores: AuthStores | None
    database: Database | None
    mail: AuthEmailSink | None
    providers: IdentityProviders
    problems: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def stores_refused(self) -> bool:
        """Whether the stores' file is refused, and is therefore not opened."""
        exposed = getattr(self.stores, "exposed_files", ())
        return bool(exposed) and self.config.environment is Environment.PRODUCTION

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that the service reads."""
        administrators = (platform_users.name,) if self.config.platform.enabled else ()
        return (users.name, *administrators, *(audit_metadata.tables if self.settings.audit else ()))

    def service(self, telemetry: Telemetry | None = None) -> Service:
        """
        Return the service, measured by `telemetry`.

        Raises:
            DeploymentError: There are problems; the error has all of them.
            ConfigError: The first password hash could not be computed.
        """
        if self.problems or self.stores is None or self.database is None or self.mail is None:
            raise DeploymentError(*self.problems)
        for warning in exposure(self.config, self.database)[1]:
            _LOGGER.warning("%s", warning, extra={"event": "config.warning"})
        given = dependencies(
            self.config,
            self.stores,
            self.database,
            DefaultAuthEmailProvider(
                self.mail, catalogue=self.settings.catalogue, on_delivery_error=_REPORTED_MAILS
            ),
        )
        given = replace(
            given, hooks=ProviderHooks(self.settings.admission), oauth_providers=self.providers.built
        )
        audit = (
            SqlAlchemyAuditSink(async_sessionmaker(self.database.connections))
            if self.settings.audit
            else None
        )
        engine = AuthEngine(
            self.config,
            users=given.users,
            stores=given.stores,
            platform_users=given.platform_users,
            email=given.email,
            hooks=given.hooks,
            oauth_providers=given.oauth_providers,
            breach_checker=_breach_checker(self.config, self.settings),
            events=audit,
            telemetry=telemetry,
        )
        http = AuthHttpConfig(self.settings.client_ip)
        return Service(engine, self.database, http, self.settings.openapi, audit)


def build_service(environ: Mapping[str, str] = os.environ, *, telemetry: Telemetry | None = None) -> Service:
    """
    Return the service that the environment describes, measured by `telemetry`.

    Raises:
        DeploymentError: A variable is missing, unknown or invalid; the error has every such problem.
        ConfigError: The first password hash could not be computed.
    """
    return read_parts(environ).service(telemetry)


def read_parts(environ: Mapping[str, str]) -> ServiceParts:
    """Return what the environment names, with every problem of it."""
    problems = Problems()
    settings = ServeSettings.in_part(environ, problems)
    deployment, unread = Deployment.in_part(environ, problems, profile=settings.profile)
    config = _with_tenants(deployment.config, settings)
    providers = IdentityProviders.in_part(environ, config, problems)
    config = _with_provider_routes(config, providers)
    stores = problems.attempt(deployment.open_stores, None)
    database = problems.attempt(lambda: deployment.open_database(base_role=settings.base_role), None)
    mail = problems.attempt(lambda: _mail(config, settings), None)
    problems.attempt(lambda: _require_role(config, settings.base_role), None)
    broken, warnings = check_config(config, _facts(config, stores, database, mail, providers), unread)
    problems.add(map(text_of, broken))
    exposed, mentioned = exposure(config, database)
    problems.add(exposed)
    return ServiceParts(
        settings=settings,
        config=config,
        stores=stores,
        database=database,
        mail=mail,
        providers=providers,
        problems=problems.texts,
        warnings=(*warnings, *mentioned),
    )


def dependencies(
    config: AuthConfig, stores: AuthStores, database: Database, email: EmailProvider
) -> Dependencies:
    """Return what the engine of a service is built from, beside its configuration."""
    return Dependencies(
        users=database.users,
        stores=stores,
        platform_users=database.administrators if config.platform.enabled else None,
        email=email,
    )


def _facts(
    config: AuthConfig,
    stores: AuthStores | None,
    database: Database | None,
    mail: AuthEmailSink | None,
    providers: IdentityProviders,
) -> Collaborators:
    """Return the facts that rules read; what is missing is reported already, and counts as present."""
    stand_in = open_database("sqlite:///never-opened.db")
    facts = facts_of(
        dependencies(
            config,
            stores or EmbeddedStores(),
            database or stand_in,
            DefaultAuthEmailProvider(mail or ConsoleEmailSink()),
        )
    )
    facts = replace(facts, oauth_provider_names=providers.names, has_custom_hooks=True)
    return facts if stores else replace(facts, stores_volatile=False)


def _with_tenants(config: AuthConfig, settings: ServeSettings) -> AuthConfig:
    if settings.tenants is None:
        return config
    tenancy = config.tenancy.model_copy(update={"resolver": settings.tenants})
    return config.model_copy(update={"tenancy": tenancy})


def _with_provider_routes(config: AuthConfig, providers: IdentityProviders) -> AuthConfig:
    """Return the configuration with the routes of providers, unless a variable turns them on or off."""
    described = bool(providers.names) or config.oauth.google is not None
    if not described or "oauth" in config.controllers.model_fields_set:
        return config
    controllers = config.controllers.model_copy(update={"oauth": True})
    return config.model_copy(update={"controllers": controllers})


def _breach_checker(config: AuthConfig, settings: ServeSettings) -> PasswordBreachChecker | None:
    """Return the built-in list and then the service, or ``None`` for the list alone."""
    if settings.breach_service is None:
        return None
    return CombinedBreachChecker(CommonPasswordChecker(config.password.blocklist), settings.breach_service)


def _mail(config: AuthConfig, settings: ServeSettings) -> AuthEmailSink | None:
    if settings.sends_mail:
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
