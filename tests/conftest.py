"""What every test shares: how hypothesis searches, what is measured, what a hash costs, a watch over logs."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.cheap import make_it_cheap
from tests.log_scan import LogScan
from tests.long import LONG
from tests.untraced import Untraced

# The machine's speed must not decide whether a property holds, so nothing here depends on the clock.
settings.register_profile(
    "local", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.register_profile("thorough", settings.get_profile("local"), max_examples=5_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "thorough" if LONG else "ci" if os.environ.get("CI") else "local")
)


def pytest_configure(config: pytest.Config) -> None:
    make_it_cheap()
    config.pluginmanager.register(LogScan(), "log-scan")
    config.pluginmanager.register(Untraced(), "untraced")
