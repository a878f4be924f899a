"""
Tests that run without coverage, which makes everything that a test does several times as slow.

What they run of the package is run by other tests as well, so nothing is missing from the report: they look
at it from outside, repeat it on other kinds of stores, or search among many inputs.  Processes that they
start are not measured either.
"""

import os
import pkgutil
from collections.abc import Generator
from importlib import import_module
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import find, settings
from hypothesis import strategies as st

import bymax_auth

__all__ = ["Untraced"]

FOLDERS = ("benchmarks", "browser", "examples", "house", "property", "security")
ROOT = Path(__file__).parent
FOR_PROCESSES = "COVERAGE_PROCESS_CONFIG"
"""What tells each Python process that is started to measure itself."""


class Untraced:
    """Stops the measuring for the tests of some folders, and for those that are marked."""

    def __init__(self) -> None:
        self._paused: Coverage | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        # What runs at the import of the package is measured, and what pytest does to find the tests is not.
        for module in pkgutil.walk_packages(bymax_auth.__path__, "bymax_auth."):
            if Coverage.current() is not None:
                import_module(module.name)
        self._stop()
        if not hasattr(session.config, "workerinput"):
            # Hypothesis reads Unicode's tables once, and writes a file that the workers find.
            find(st.text(), lambda _text: True, settings=settings(database=None))
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        if item.get_closest_marker("untraced") or item.path.relative_to(ROOT).parts[0] in FOLDERS:
            self._stop()
        else:
            self._go_on()
        return (yield)

    def pytest_sessionfinish(self) -> None:
        """Save what was measured: a worker that takes long to exit is killed before coverage saves it."""
        self._go_on()
        if (measuring := Coverage.current()) is not None:
            measuring.stop()
            measuring.save()

    def _stop(self) -> None:
        measuring = Coverage.current()
        if self._paused is None and measuring is not None:
            measuring.stop()
            os.environ.pop(FOR_PROCESSES, None)
            self._paused = measuring

    def _go_on(self) -> None:
        measuring, self._paused = self._paused, None
        if measuring is not None:
            # Each start wraps this function once more, and sets the variable for processes.
            ending = os._exit
            measuring.start()
            os._exit = ending
