"""
The audit log: events in a table of the host's database.

    audit = SqlAlchemyAuditSink(sessions)
    engine = AuthEngine(config, …, events=audit)
    async with audit, engine: …

A request only puts its events into a queue; one task writes them, many in a transaction.  While the
database does not answer, the queue fills, further events are lost, and the log counts them.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    and_,
    insert,
    or_,
    select,
)

from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import AuthEvent, EventSink
from bymax_auth.repositories.sqlalchemy.failures import translated
from bymax_auth.repositories.sqlalchemy.tables import bounded, moment
from bymax_auth.repositories.sqlalchemy.transactions import SessionFactory
from bymax_auth.services.privacy import log_safe
from bymax_auth.services.system import LoggingEventSink, SystemClock
from bymax_auth.types.wire import as_utc

__all__ = ["AuditEntry", "SqlAlchemyAuditLog", "SqlAlchemyAuditSink", "audit_metadata", "audit_table"]

_LOGGER: Final = logging.getLogger("bymax_auth")
_COLUMNS: Final = frozenset({"realm", "user_id", "tenant_id", "masked_email"})
_BATCH: Final = 500
_WRITE_SECONDS: Final = 10.0
_LONGEST_PAUSE_SECONDS: Final = 30.0


def audit_table(into: MetaData, name: str = "auth_audit_log") -> Table:
    """Return the table of the audit log, declared in `into` as `name`."""
    table = Table(
        name,
        into,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), nullable=False, autoincrement=True),
        Column("at", moment(), nullable=False),
        Column("event", bounded(64), nullable=False),
        Column("realm", bounded(16), nullable=False),
        Column("tenant_id", bounded(128)),
        Column("user_id", bounded(255)),
        Column("masked_email", bounded(320)),
        Column("fields", JSON, nullable=False),
        PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    Index(f"ix_{name}_user", table.c.user_id, table.c.id)
    Index(f"ix_{name}_at", table.c.at)
    return table


audit_metadata = MetaData()
"""The table with its default name, for a host's migrations."""

audit_log = audit_table(audit_metadata)
"""The default table of the audit log."""


class SqlAlchemyAuditSink:
    """
    Implements `EventSink`: writes events to a table, and passes each on to another sink.

    Args:
        sessions: The host's ``async_sessionmaker``.
        table: The table, as `audit_table` declares it.
        capacity: The number of events that wait for the database; further ones are lost.
        also: The sink that receives each event as well; by default the log.
        clock: The time; by default the system's.
    """

    def __init__(
        self,
        sessions: SessionFactory,
        *,
        table: Table = audit_log,
        capacity: int = 10_000,
        also: EventSink | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._sessions = sessions
        self._table = table
        self._capacity = capacity
        self._also: EventSink = also or LoggingEventSink()
        self._clock: Clock = clock or SystemClock()
        self._waiting: deque[dict[str, object]] = deque()
        self._arrived = asyncio.Event()
        self._writing = asyncio.Lock()
        self._writer: asyncio.Task[None] | None = None
        self._unreported = 0
        self.lost = 0

    def emit(self, event: AuthEvent) -> None:
        """Queue an event; a full queue loses it.  Never waits."""
        self._also.emit(event)
        if len(self._waiting) >= self._capacity:
            self.lost += 1
            self._unreported += 1
            return
        self._waiting.append(_row(event, self._clock.now()))
        self._arrived.set()

    async def __aenter__(self) -> Self:
        """Start to write."""
        self._writer = asyncio.create_task(self._write_all())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Write what is queued, once; what the database does not take is lost and counted.  Idempotent."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        # Not during a write: a transaction that is committed all the same would be written again below.
        async with self._writing:
            writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        while self._waiting and await self._write(self._next_batch()):
            pass
        self.lost += len(self._waiting)
        self._unreported += len(self._waiting)
        self._waiting.clear()
        self._report_loss()

    async def _write_all(self) -> None:
        pause = 1.0
        while True:
            await self._arrived.wait()
            async with self._writing:
                written = await self._write(self._next_batch())
            if not written:
                self._report_loss()
                await self._clock.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                continue
            pause = 1.0
            self._report_loss()
            if not self._waiting:
                self._arrived.clear()

    def _next_batch(self) -> list[dict[str, object]]:
        return [self._waiting[index] for index in range(min(_BATCH, len(self._waiting)))]

    async def _write(self, batch: Sequence[Mapping[str, object]]) -> bool:
        """Write the oldest events in one transaction, and remove them from the queue once it is committed."""
        try:
            async with asyncio.timeout(_WRITE_SECONDS):
                with translated():
                    async with self._sessions() as session, session.begin():
                        await session.execute(insert(self._table), batch)
        except Exception as error:  # noqa: BLE001 - whatever fails, events wait for the next attempt
            extra = {
                "event": "audit.write_failed",
                "exception": type(error).__qualname__,
                "cause": str(error),
            }
            _LOGGER.error("The audit log cannot be written", extra=extra)
            return False
        for _ in batch:
            self._waiting.popleft()
        return True

    def _report_loss(self) -> None:
        if self._unreported:
            _LOGGER.error(
                "Events of the audit log were lost", extra={"event": "audit.lost", "count": self._unreported}
            )
            self._unreported = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One event of the audit log."""

    id: int
    at: datetime
    event: str
    realm: str
    tenant_id: str | None
    user_id: str | None
    masked_email: str | None
    fields: Mapping[str, Any]


class SqlAlchemyAuditLog:
    """Reads the audit log, page by page, oldest first."""

    def __init__(self, sessions: SessionFactory, *, table: Table = audit_log) -> None:
        self._sessions = sessions
        self._table = table

    async def page(
        self,
        *,
        user_id: str | None = None,
        masked_email: str | None = None,
        tenant_id: str | None = None,
        since: datetime | None = None,
        after_id: int = 0,
        limit: int = 200,
    ) -> tuple[AuditEntry, ...]:
        """
        Return the oldest entries after `after_id` that fit; a shorter page is the last.

        Args:
            user_id: Entries of this account, or of `masked_email`; ``None`` for every account.
            masked_email: The masked address, which several addresses may share.
            tenant_id: Entries of this tenant; ``None`` for every tenant.
            since: Entries at this time or later.
            after_id: The id of the last entry of the previous page.
            limit: The maximum number of entries.

        Raises:
            RepositoryBackendError: The database failed.
        """
        columns = self._table.c
        where = [columns.id > after_id]
        whose = [
            column == value
            for column, value in ((columns.user_id, user_id), (columns.masked_email, masked_email))
            if value is not None
        ]
        if whose:
            where.append(or_(*whose))
        if tenant_id is not None:
            where.append(columns.tenant_id == tenant_id)
        if since is not None:
            where.append(columns.at >= as_utc(since))
        statement = select(self._table).where(and_(*where)).order_by(columns.id).limit(limit)
        with translated():
            async with self._sessions() as session:
                rows = (await session.execute(statement)).mappings().all()
        return tuple(_entry({str(name): value for name, value in row.items()}) for row in rows)


def _entry(row: dict[str, Any]) -> AuditEntry:
    row["at"] = as_utc(row["at"])
    return AuditEntry(**row)


def _row(event: AuthEvent, at: datetime) -> dict[str, object]:
    values = {part.name: getattr(event, part.name) for part in fields(event)}
    return {
        "at": as_utc(at),
        "event": event.name,
        "realm": str(event.realm),
        "tenant_id": values.get("tenant_id"),
        "user_id": values.get("user_id") or values.get("owner_id"),
        "masked_email": values.get("masked_email"),
        "fields": {name: _plain(value) for name, value in values.items() if name not in _COLUMNS},
    }


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int) else log_safe(str(value))
