"""
One report of everything that keeps the service from starting: variables, stores, database and mail.

`bymax-auth serve` and `bymax-auth check --serve` print the same report.
"""

import asyncio
import logging
import os
from collections.abc import Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

from bymax_auth.cli.exits import database_failure
from bymax_auth.cli.problems import DeploymentError, Problems, text_of
from bymax_auth.cli.serve.service import ServiceParts, read_parts
from bymax_auth.cli.serve.settings import ServeSettings
from bymax_auth.config import ConfigError
from bymax_auth.engine import AuthEngine
from bymax_auth.errors import RepositoryBackendError, StoreError

__all__ = ["Report", "report_of"]


@dataclass(frozen=True, slots=True)
class Report:
    """
    Every problem, as text for a terminal, and every warning.

    `invalid` says whether variables are at fault, and not only the servers that they name.
    """

    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    invalid: bool


def report_of(environ: Mapping[str, str] = os.environ, *, migrate: bool = False) -> Report:
    """
    Construct the service, open its stores and read its database once, as each worker will.

    Args:
        environ: The variables of the service.
        migrate: Whether to create missing tables, if there is no other problem.
    """
    settings = ServeSettings.in_part(environ, Problems())
    if settings.workers > 1:
        # The workers share the memory for hashing; the configuration takes their number from here.
        os.environ["WEB_CONCURRENCY"] = str(settings.workers)
    # Each worker logs the same warnings again, in the service's format.
    with _logging_disabled():
        return asyncio.run(_report(read_parts(environ), migrate=migrate))


async def _report(parts: ServiceParts, *, migrate: bool) -> Report:
    try:
        engine, invalid = _engine(parts)
        stores, database = await asyncio.gather(
            _stores(parts, engine), _database(parts, migrate=migrate, valid=not invalid)
        )
    finally:
        if parts.database is not None:
            await parts.database.dispose()
    return Report((*invalid, *stores, *database), parts.warnings, invalid=bool(invalid))


def _engine(parts: ServiceParts) -> tuple[AuthEngine | None, tuple[str, ...]]:
    """Return the engine, or the problems for which there is none."""
    try:
        return parts.service().engine, ()
    except DeploymentError as error:
        return None, error.problems
    except ConfigError as error:
        return None, tuple(map(text_of, error.problems))


async def _stores(parts: ServiceParts, engine: AuthEngine | None) -> tuple[str, ...]:
    """Open and close the stores; an engine does that with its own."""
    async with AsyncExitStack() as closing:
        try:
            if engine is not None:
                closing.push_async_callback(engine.aclose)
                await closing.enter_async_context(engine)
            elif parts.stores is not None and not parts.stores_refused:
                closing.push_async_callback(parts.stores.aclose)
                await parts.stores.start()
        except ConfigError as error:
            return tuple(map(text_of, error.problems))
        except StoreError as error:
            return (f"the stores cannot be opened: {str(error) or type(error).__name__}",)
    return ()


async def _database(parts: ServiceParts, *, migrate: bool, valid: bool) -> tuple[str, ...]:
    if parts.database is None:
        return ()
    try:
        if migrate and valid:
            await parts.database.create_missing_tables(audit=parts.settings.audit)
        missing = await parts.database.missing_tables(parts.tables)
        if missing:
            return () if migrate else (_no_tables(missing),)
        await parts.database.read_once()
    except RepositoryBackendError as error:
        return (database_failure(error),)
    return ()


def _no_tables(missing: tuple[str, ...]) -> str:
    return (
        f"the database has no table {' and '.join(missing)}.\n"
        "`bymax-auth migrations apply` creates missing tables, and so does `bymax-auth serve --migrate`; "
        "`bymax-auth migrations` writes a migration for Alembic."
    )


@contextmanager
def _logging_disabled() -> Generator[None]:
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
