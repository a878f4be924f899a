"""One migration, or the undoing of one, on the deployment of the environment."""

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bymax_auth.cli.deployment import Database
from bymax_auth.cli.migrate.destination import DryRun, Stored
from bymax_auth.cli.migrate.hashes import formats_to_accept
from bymax_auth.cli.migrate.judgement import Judge
from bymax_auth.cli.migrate.lines import Header, ReportUnusable
from bymax_auth.cli.migrate.progress import progressing
from bymax_auth.cli.migrate.report import Report, Summary, header_of
from bymax_auth.cli.migrate.run import migrate_accounts
from bymax_auth.cli.migrate.sources import open_source
from bymax_auth.cli.migrate.systems import System
from bymax_auth.cli.migrate.undo import Outcome, Undo
from bymax_auth.cli.operator import Refused, TenantOperator
from bymax_auth.crypto import totp
from bymax_auth.engine.services import Services
from bymax_auth.engine.wiring.second_factor import mfa_secrets
from bymax_auth.repositories.sqlalchemy.bulk import BulkAccounts
from bymax_auth.types.identity import Realm

__all__ = ["Migration", "Result", "migrate", "undo"]

_DISABLED: Final = "inactive"
_SECRET_BYTES: Final = range(10, 65)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What an operator asks for."""

    system: System
    source: str
    table: str | None
    role: str
    superuser_role: str | None
    all_verified: bool
    drop_factors: bool
    write: bool
    report: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of the accounts, and the formats of hashes that the configuration does not accept yet."""

    summary: Summary
    formats_to_accept: list[str]


async def migrate(asked: Migration, operator: TenantOperator, database: Database) -> Result:
    """
    Move the accounts, or without `write` find out what would become of them.

    Raises:
        Refused: A role is unknown, or nothing blocks the accounts that are disabled.
        SourceUnusable: The source cannot be read.
        ReportUnusable: The report is of another migration.
        RepositoryError: The database failed.
        OSError: The report cannot be written.
    """
    tenant_id, services = operator.accounts.tenant_id, operator.services
    judge = _judge(asked, tenant_id, services)
    accounts = BulkAccounts(database.connections, tenant_id)
    source = open_source(asked.system, asked.source, asked.table)
    try:
        with ExitStack() as closing:
            destination = Stored(accounts) if asked.write else closing.enter_context(DryRun(accounts))
            report = _report(asked, tenant_id)
            if report is not None:
                closing.callback(report.close)
            advance = closing.enter_context(progressing("accounts", await source.total()))
            summary = await migrate_accounts(source, destination, judge, report, advance)
    finally:
        await source.aclose()
    accepted = services.config.auth.password.importers
    return Result(summary=summary, formats_to_accept=formats_to_accept(summary.formats, accepted))


async def undo(path: Path, operator: TenantOperator, database: Database, *, with_used: bool) -> Outcome:
    """
    Undo a migration by its report, with or without the accounts that people have used since.

    Raises:
        Refused: The report is of another tenant, or of a dry run.
        ReportUnusable: The file is no report, or a damaged one.
        RepositoryBackendError: The database failed.
        InternalError: The stores failed.
        OSError: The report cannot be read or written.
    """
    header, tenant_id = header_of(path), operator.accounts.tenant_id
    if header.tenant_id != tenant_id:
        raise Refused(f"{path} is the report of another tenant.")
    if header.dry_run:
        raise Refused(f"{path} is the report of a dry run, which wrote nothing.")

    async def end_sessions(account_id: str) -> None:
        await operator.flows.revoke_all_sessions(account_id, tenant_id=tenant_id)

    accounts = BulkAccounts(database.connections, tenant_id)
    with progressing("accounts", None) as advance:
        undoing = Undo(accounts=accounts, end_sessions=end_sessions, with_used=with_used, advance=advance)
        return await undoing.run(path)


def _judge(asked: Migration, tenant_id: str, services: Services) -> Judge:
    config = services.config.auth
    roles = frozenset(config.roles.hierarchy)
    superuser_role = asked.superuser_role or asked.role
    for role in (asked.role, superuser_role):
        if role not in roles:
            raise Refused(f"{role!r} is not a role of the configuration: {', '.join(sorted(roles))}.")
    if not services.status_gate.blocks(_DISABLED):
        raise Refused(f"the configuration does not block the status {_DISABLED!r} (see blocked_statuses).")
    return Judge(
        tenant_id=tenant_id,
        role=asked.role,
        superuser_role=superuser_role,
        roles=roles,
        disabled_status=_DISABLED,
        all_verified=asked.all_verified,
        drop_factors=asked.drop_factors,
        seal=_sealing(services, tenant_id),
        clock=services.clock,
    )


def _sealing(services: Services, tenant_id: str) -> Callable[[str, str], str | None] | None:
    """Return what encrypts a TOTP secret as this deployment does; nothing where the feature is off."""
    chosen = services.config.auth.mfa
    if chosen is None:
        return None
    secrets = mfa_secrets(services, chosen)

    def seal(account_id: str, base32: str) -> str | None:
        try:
            raw = totp.base32_decode(base32)
        except ValueError:
            return None
        if len(raw) not in _SECRET_BYTES:
            return None
        return secrets.seal(services.identifiers.subject(Realm.DASHBOARD, account_id, tenant_id), raw)

    return seal


def _report(asked: Migration, tenant_id: str) -> Report | None:
    if asked.report is None:
        return None
    digest = hashlib.sha256(f"{asked.source}\0{asked.table or ''}".encode()).hexdigest()
    header = Header(origin=asked.system, source=digest[:16], tenant_id=tenant_id, dry_run=not asked.write)
    try:
        return Report.begin(asked.report, header)
    except FileExistsError:
        if not asked.write:
            raise ReportUnusable(f"{asked.report} exists already.") from None
        return Report.resume(asked.report, header)
