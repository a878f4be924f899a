"""What Prometheus is told of a service, and what becomes of the files of its workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from bymax_auth.cli.serve.metrics import PrometheusTelemetry
from bymax_auth.cli.serve.metrics_server import drop_ended
from bymax_auth.errors import AuthError
from bymax_auth.services.kdf_pool import KdfBudget, KdfPool
from bymax_auth.testing import (
    TEST_PASSWORD,
    TEST_TENANT,
    FakeClock,
    RecordingEvents,
    build_engine,
    config_for_tests,
)
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import LoginInput

EMAIL, ADDRESS = "ada.lovelace@example.com", "203.0.113.77"


async def test_what_happens_is_counted_and_no_label_names_anybody() -> None:
    """An operator sees no attack, or everybody who may read the graphs sees who signed in."""
    registry = CollectorRegistry()
    telemetry = PrometheusTelemetry(registry)
    config = config_for_tests(brute_force={"max_attempts": 1})
    async with build_engine(config, telemetry=telemetry) as auth:
        person = auth.add_user(EMAIL)
        context = RequestContext(ip=ADDRESS)
        for password in (TEST_PASSWORD, "not-this-one", "not-this-one"):
            try:
                await auth.engine.login(
                    LoginInput(email=EMAIL, password=password, tenant_id=TEST_TENANT), context
                )
            except AuthError:
                assert password != TEST_PASSWORD
        await auth.engine.drain()
    telemetry.reuse_detected(Realm.PLATFORM)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    login = {"operation": "login", "realm": "dashboard"}
    assert value("bymax_auth_flows_total", **login, outcome="ok") == 1
    assert value("bymax_auth_flows_total", **login, outcome="auth.invalid_credentials") == 1
    assert value("bymax_auth_flows_total", **login, outcome="auth.account_locked") == 1
    assert value("bymax_auth_lockouts_total", **login) == 1
    assert value("bymax_auth_refresh_reuses_total", realm="platform") == 1
    assert value("bymax_auth_refresh_reuses_total", realm="dashboard") == 0
    created = {"operation": "sessions.create", "outcome": "ok"}
    assert value("bymax_auth_store_duration_seconds_count", **created) == 1
    samples = [sample for metric in registry.collect() for sample in metric.samples]
    assert {name for one in samples for name in one.labels} == {"operation", "realm", "outcome", "le"}
    for secret in (EMAIL, "lovelace", ADDRESS, TEST_TENANT, person.id):
        assert secret not in str(samples)


async def test_the_queue_is_sampled_while_the_service_runs() -> None:
    """Sign-ins pile up, and the graph says that nobody waits."""
    registry = CollectorRegistry()
    telemetry = PrometheusTelemetry(registry)
    pool = KdfPool(KdfBudget(workers=1, max_waiting=4), RecordingEvents(), FakeClock())
    telemetry.watch(pool)
    slots = [pool.acquire("a") for _ in range(3)]
    telemetry.sample()
    assert registry.get_sample_value("bymax_auth_kdf_waiting") == 2
    for slot in slots:
        slot.release()
    async with telemetry.sampling():
        pass
    telemetry.sample()
    assert registry.get_sample_value("bymax_auth_kdf_waiting") == 0


def test_the_queue_of_a_worker_that_has_ended_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker is killed under load, and its queue is reported for as long as the service runs."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    of_ended = [tmp_path / f"{kind}_{ended.pid}.db" for kind in ("gauge_livesum", "counter", "histogram")]
    kept = [tmp_path / f"gauge_livesum_{os.getpid()}.db", tmp_path / "gauge_livesum_x.db"]
    for file in (*of_ended, *kept):
        file.touch()
    drop_ended(tmp_path)
    assert set(tmp_path.iterdir()) == {*of_ended[1:], *kept}

    def of_another_user(_process: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", of_another_user)
    drop_ended(tmp_path)
    assert kept[0].exists()
