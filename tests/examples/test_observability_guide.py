"""The guide to logs, audit log, telemetry and metrics: its code runs, and its names are the product's."""

import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth import AuthEngine, EmbeddedStores
from bymax_auth.cli.serve.metrics import PrometheusTelemetry
from bymax_auth.providers.opentelemetry import OpenTelemetry
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.repositories.sqlalchemy import audit_metadata
from bymax_auth.testing import config_for_tests
from bymax_auth.types.identity import Realm
from tests.examples.guides import ROOT, blocks

GUIDE = (ROOT / "docs" / "guides" / "observability.md").read_text(encoding="utf-8")


async def test_the_code_of_the_guide_runs(tmp_path: Path) -> None:
    """A reader copies a name that does not exist."""
    database = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/app.db")
    async with database.begin() as connection:
        await connection.run_sync(audit_metadata.create_all)
    names: dict[str, Any] = {
        "AuthEngine": AuthEngine,
        "FastAPI": FastAPI,
        "asynccontextmanager": asynccontextmanager,
        "config": config_for_tests(platform={"enabled": False}, controllers={"platform": False}),
        "sessions": async_sessionmaker(database),
        "stores": EmbeddedStores(),
        "users": InMemoryUserRepository(),
    }
    audit, telemetry = blocks("observability.md", "python")
    exec(audit.text, names)
    async with names["lifespan"](FastAPI()):
        pass
    exec(telemetry.text, names)
    async with names["engine"]:
        pass
    await database.dispose()


def test_the_metrics_of_the_guide_are_those_that_there_are() -> None:
    """A dashboard is built on a metric that nothing writes."""
    reader = InMemoryMetricReader()
    meters = MeterProvider(metric_readers=[reader], shutdown_on_exit=False)
    registry = CollectorRegistry()
    for telemetry in (OpenTelemetry(meter_provider=meters), PrometheusTelemetry(registry)):
        telemetry.flow_began("login", Realm.DASHBOARD)("ok")
        telemetry.store_call_began("sessions.create")("ok")
        telemetry.reuse_detected(Realm.DASHBOARD)
        telemetry.locked_out("login", Realm.DASHBOARD)
    data = reader.get_metrics_data()
    assert data is not None
    scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics]
    in_tables = set(re.findall(r"^\| `(bymax_auth[._][a-z_.]+)` \|", GUIDE, re.MULTILINE))
    counted = {metric.name for scope in scopes for metric in scope.metrics}
    exposed = {metric.name + ("_total" if metric.type == "counter" else "") for metric in registry.collect()}
    assert in_tables == counted | exposed
    meters.shutdown()
