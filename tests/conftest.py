"""What every test shares: how hypothesis searches, and a watch over what is logged."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.log_scan import LogScan

# The machine's speed must not decide whether a property holds, so nothing here depends on the clock.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.register_profile("thorough", settings.get_profile("local"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "local"))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LogScan(), "log-scan")
