"""
Which tests are measured for the coverage gates, and how.

Measuring makes everything that a test does several times as slow.  `make test` measures the tests that show
the branches of the gated packages, and `make test-long` those of the rest as well.  Tests run without it
where others run the same of the package: they look at it from outside, repeat it on other kinds of stores,
or search among many inputs.  Tests in which SQLAlchemy switches greenlets are measured by a slower way,
which follows them.  Processes that tests start are not measured.
"""

import os
import pkgutil
from collections.abc import Generator
from importlib import import_module
from pathlib import Path

import greenlet
import pytest
from coverage import Coverage
from hypothesis import find, settings
from hypothesis import strategies as st

import bymax_auth
from tests.long import LONG

__all__ = ["Measuring"]

GATED = (
    "conformance/",
    "contract/",
    "integration/engine/",
    "integration/fastapi/test_extra_claims.py",
    "integration/fastapi/test_profiles.py",
    "integration/faults/",
    "integration/flows/",
    "integration/http/test_email_change.py",
    "integration/redis/",
    "unit/crypto/",
    "unit/jwt/",
    "unit/services/",
    "unit/stores/",
)
"""Where tests show the branches of the gated packages."""
NEVER = (
    "benchmarks/",
    "browser/",
    "contract/test_account_races.py",
    "contract/test_bulk_accounts.py",
    "contract/test_host_administrators.py",
    "contract/test_host_models.py",
    "contract/test_owners_of_rows.py",
    "contract/test_user_repository.py",
    "examples/",
    "house/",
    "property/",
    "security/",
)
GREENLETS = (
    "integration/cli/",
    "integration/fastapi/test_host_tables.py",
    "integration/fastapi/test_profiles.py",
    "integration/flows/test_database_failures.py",
    "unit/cli/",
    "unit/repositories/",
)
"""Where tests use SQLAlchemy."""
ROOT = Path(__file__).parent
FOR_PROCESSES = "COVERAGE_PROCESS_CONFIG"
"""What tells each Python process that is started to measure itself, as the workers do."""


class Measuring:
    """Measures each test in its own way: by threads, by greenlets, or not at all."""

    def __init__(self) -> None:
        self._now = self._by_threads = Coverage.current()
        self._by_greenlets: Coverage | None = None
        if self._by_threads is not None:
            self._by_greenlets = _by_greenlets(self._by_threads)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        # What pytest does to find the tests is not measured, and what runs at the import of the package is:
        # once, and not in every worker.
        if self._now is not None and not hasattr(session.config, "workerinput"):
            for module in pkgutil.walk_packages(bymax_auth.__path__, "bymax_auth."):
                import_module(module.name)
            # Hypothesis reads Unicode's tables once, and writes a file that the workers find.
            find(st.text(), lambda _text: True, settings=settings(database=None))
        self._measure(None)
        os.environ.pop(FOR_PROCESSES, None)
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        where = item.path.relative_to(ROOT).as_posix()
        measured = LONG or where.startswith(GATED)
        if item.get_closest_marker("untraced") or where.startswith(NEVER) or not measured:
            self._measure(None)
        else:
            self._measure(self._by_greenlets if where.startswith(GREENLETS) else self._by_threads)
        os.environ.pop(FOR_PROCESSES, None)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        if self._now is None or self._now is self._by_greenlets:
            return (yield)
        switches: list[str] = []
        before = greenlet.settrace(lambda event, _: switches.append(event))
        try:
            answer = yield
        finally:
            greenlet.settrace(before)
        assert not switches, "greenlets are switched here: add the module to GREENLETS of tests/measuring.py"
        return answer

    def pytest_sessionfinish(self) -> None:
        """Save what was measured: a worker that takes long to exit is killed before coverage saves it."""
        self._measure(None)
        for measured in (self._by_threads, self._by_greenlets):
            if measured is not None:
                measured.save()

    def _measure(self, wanted: Coverage | None) -> None:
        if wanted is self._now:
            return
        if self._now is not None:
            self._now.stop()
        self._now = wanted
        if wanted is not None:
            # Each start wraps this function once more, and sets the variable for processes.
            ending = os._exit
            wanted.start()
            os._exit = ending


def _by_greenlets(by_threads: Coverage) -> Coverage:
    measuring = Coverage(data_file=str(by_threads.get_option("run:data_file")))
    measuring.set_option("run:concurrency", ["greenlet", "thread"])
    measuring.set_option("run:disable_warnings", ["module-not-measured", "no-data-collected"])
    return measuring
