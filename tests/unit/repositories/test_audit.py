"""Events reach a table of the host's database, and no request ever waits for it."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import RepositoryBackendError
from bymax_auth.ports.events import (
    HookFailed,
    LoginRefused,
    LoginSucceeded,
    RefreshFamilyRevoked,
    RefreshReuseDetected,
)
from bymax_auth.repositories.sqlalchemy import (
    AuditEntry,
    SqlAlchemyAuditLog,
    SqlAlchemyAuditSink,
    audit_metadata,
)
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import TEST_PASSWORD, TEST_TENANT, FakeClock, RecordingEvents, build_engine
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from tests.long import rounds
from tests.servers.patience import PATIENCE

EVENTS = 10_000
CAPACITY = 2_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "host.db"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[AsyncEngine]:
    """A database whose writer fails at once while another connection holds the lock."""
    made = create_async_engine(f"sqlite+aiosqlite:///{file}", connect_args={"timeout": 0})
    async with made.begin() as connection:
        await connection.run_sync(audit_metadata.create_all)
    yield made
    await made.dispose()


def signed_in(number: int) -> LoginSucceeded:
    return LoginSucceeded(user_id=f"{number:05}", tenant_id="acme")


async def written(sink: SqlAlchemyAuditSink, count: int, log: SqlAlchemyAuditLog) -> None:
    """Return once so many events are in the table."""
    async with asyncio.timeout(60):
        found = 0
        while found < count:
            # A reader that meets the writer's commit fails at once, as everything does in this database.
            with suppress(RepositoryBackendError):
                found = len(await log.page(limit=EVENTS))
            await asyncio.sleep(0)


async def test_a_database_that_stops_holds_up_nobody_and_the_loss_is_counted(
    database: AsyncEngine, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Everybody waits for the audit log, or events disappear and nobody knows how many."""
    caplog.set_level(logging.ERROR, "bymax_auth")
    sessions = async_sessionmaker(database)
    clock, log = FakeClock(), SqlAlchemyAuditLog(sessions)
    sink = SqlAlchemyAuditSink(sessions, capacity=CAPACITY, also=RecordingEvents(), clock=clock)
    async with build_engine() as ready, sink:
        config, stores = ready.engine.config.auth, EmbeddedStores()
        engine = AuthEngine(
            config, users=ready.users, platform_users=ready.admins, stores=stores, events=sink
        )
        person = ready.add_user()
        for number in range(CAPACITY - 10):
            sink.emit(signed_in(number))
        await written(sink, CAPACITY - 10, log)
        with closing(sqlite3.connect(file, isolation_level=None)) as stopped:
            stopped.execute("BEGIN EXCLUSIVE")
            for number in range(CAPACITY - 10, EVENTS):
                # `emit` is synchronous: nothing in it can wait for the database.
                sink.emit(signed_in(number))
                if number % 100 == 0:
                    await asyncio.sleep(0)
            request = LoginInput(email=person.email, password=TEST_PASSWORD, tenant_id=TEST_TENANT)
            assert await engine.login(request, RequestContext())
            assert sink.lost == EVENTS + 1 - (CAPACITY - 10) - CAPACITY
        await engine.aclose()
    said = [record.__dict__["count"] for record in caplog.records if record.__dict__["event"] == "audit.lost"]
    assert len(await everything(log)) == EVENTS + 1 - sink.lost == 2 * CAPACITY - 10
    assert sum(said) == sink.lost
    assert {record.__dict__["event"] for record in caplog.records} == {"audit.lost", "audit.write_failed"}


@pytest.mark.untraced
async def test_sign_ins_go_on_while_the_database_is_stopped(
    database: AsyncEngine, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """People cannot sign in because a log cannot be written."""
    caplog.set_level(logging.CRITICAL, "bymax_auth")
    sessions, sign_ins = async_sessionmaker(database), rounds(300, EVENTS)
    capacity, log = sign_ins // 3, SqlAlchemyAuditLog(sessions)
    sink = SqlAlchemyAuditSink(sessions, capacity=capacity, also=RecordingEvents(), clock=FakeClock())
    async with build_engine() as ready, sink:
        stores = EmbeddedStores()
        engine = AuthEngine(
            ready.engine.config.auth,
            users=ready.users,
            platform_users=ready.admins,
            stores=stores,
            events=sink,
        )
        people = [ready.add_user(f"p{number}@example.com") for number in range(30)]

        async def sign_in(number: int) -> None:
            request = LoginInput(
                email=people[number % 30].email, password=TEST_PASSWORD, tenant_id=TEST_TENANT
            )
            assert await engine.login(request, RequestContext())

        for number in range(capacity):
            await sign_in(number)
        await written(sink, capacity, log)
        with closing(locking(file)) as stopped:
            # In a thread, because a write of the sink that has begun needs this loop to end.
            await asyncio.to_thread(stopped.execute, "BEGIN EXCLUSIVE")
            for number in range(capacity, sign_ins):
                await sign_in(number)
        await engine.aclose()
    assert len(await everything(log)) + sink.lost == sign_ins
    assert 0 < sink.lost < sign_ins - capacity


def locking(file: Path) -> sqlite3.Connection:
    """A connection that waits until it gets the lock, in whichever thread."""
    return sqlite3.connect(file, isolation_level=None, timeout=PATIENCE, check_same_thread=False)


async def everything(log: SqlAlchemyAuditLog) -> list[AuditEntry]:
    found: list[AuditEntry] = []
    last = 0
    while page := await log.page(after_id=last):
        found += page
        last = page[-1].id
    return found


async def test_a_write_that_the_end_meets_is_neither_lost_nor_repeated(database: AsyncEngine) -> None:
    """The service stops while it writes, and one sign-in stands in the log twice, or not at all."""
    sessions = async_sessionmaker(database)
    async with SqlAlchemyAuditSink(sessions, also=RecordingEvents()) as sink:
        sink.emit(signed_in(1))
        while not sink._writing.locked():  # noqa: ASYNC110 - a lock that is taken has no event
            await asyncio.sleep(0)
    assert [entry.user_id for entry in await everything(SqlAlchemyAuditLog(sessions))] == ["00001"]
    assert sink.lost == 0


async def test_what_the_database_does_not_take_at_the_end_is_counted(
    database: AsyncEngine, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The service stops during an outage, and the last events are lost unseen."""
    sink = SqlAlchemyAuditSink(async_sessionmaker(database), also=RecordingEvents(), clock=FakeClock())
    with closing(sqlite3.connect(file, isolation_level=None)) as stopped:
        async with sink:
            stopped.execute("BEGIN EXCLUSIVE")
            for number in range(7):
                sink.emit(signed_in(number))
    await sink.aclose()
    assert sink.lost == 7
    (record,) = [one for one in caplog.records if one.__dict__["event"] == "audit.lost"]
    assert record.__dict__["count"] == 7


async def test_events_wait_for_a_sink_that_has_not_begun(database: AsyncEngine) -> None:
    """The events of the start are missing."""
    sessions = async_sessionmaker(database)
    sink = SqlAlchemyAuditSink(sessions, also=RecordingEvents())
    sink.emit(signed_in(1))
    await sink.aclose()
    async with sink:
        pass
    assert [entry.user_id for entry in await SqlAlchemyAuditLog(sessions).page()] == ["00001"]


async def test_entries_are_found_by_person_tenant_and_time(database: AsyncEngine) -> None:
    """Somebody asks what happened to their account, and nobody can say."""
    sessions, clock, also = async_sessionmaker(database), FakeClock(), RecordingEvents()
    log, begun = SqlAlchemyAuditLog(sessions), clock.now()
    async with SqlAlchemyAuditSink(sessions, clock=clock, also=also) as sink:
        sink.emit(signed_in(1))
        sink.emit(LoginRefused(masked_email="a***@example.com", tenant_id="acme"))
        clock.advance(timedelta(hours=1))
        sink.emit(RefreshReuseDetected(family_id="f1"))
        sink.emit(RefreshFamilyRevoked(family_id="f1", owner_id="00001", removed=3))
        sink.emit(HookFailed(origin="after_login", exception="ValueError"))
    assert len(also.events) == 5
    everything = await log.page()
    assert [entry.event for entry in everything] == also.names
    assert everything[0].at == begun
    assert dict(everything[3].fields) == {"family_id": "f1", "owner_id": "00001", "removed": 3}
    assert [entry.event for entry in await log.page(user_id="00001")] == [
        "login.ok",
        "refresh.family_revoked",
    ]
    both = await log.page(user_id="00001", masked_email="a***@example.com", tenant_id="acme")
    assert [entry.event for entry in both] == ["login.ok", "login.refused"]
    assert len(await log.page(since=begun + timedelta(minutes=30))) == 3
    assert [entry.id for entry in await log.page(after_id=everything[1].id, limit=1)] == [everything[2].id]


async def test_a_table_that_is_missing_is_a_failure_of_the_repository(tmp_path: Path) -> None:
    """The driver's text, which quotes the statement, reaches a log."""
    empty = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    with pytest.raises(RepositoryBackendError):
        await SqlAlchemyAuditLog(async_sessionmaker(empty)).page()
    await empty.dispose()
