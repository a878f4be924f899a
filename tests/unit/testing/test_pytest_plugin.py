"""The fixtures, as a host switches them on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SETTINGS = """[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""
CONFTEST = 'pytest_plugins = ["bymax_auth.testing.pytest_plugin"]\n'
SUITE = """
import pytest
from bymax_auth.testing import TEST_PASSWORD, TEST_TENANT
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput

async def test_somebody_can_sign_in(auth_engine):
    auth_engine.add_user("ada@example.com")
    login = LoginInput(email="ada@example.com", password=TEST_PASSWORD, tenant_id=TEST_TENANT)
    result = await auth_engine.engine.login(login, RequestContext())
    assert result.user.email == "ada@example.com"

class TestWithOptions:
    @pytest.fixture
    def auth_engine_options(self):
        return {"sessions": {"default_max_sessions": 3}}

    async def test_options_can_be_overridden(self, auth_engine):
        assert auth_engine.engine.config.auth.sessions.default_max_sessions == 3
"""


@pytest.mark.untraced
@pytest.mark.processes
def test_one_line_gives_a_host_a_running_engine(tmp_path: Path) -> None:
    """The documented line would do nothing, or break the host's whole test run."""
    (tmp_path / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (tmp_path / "test_host.py").write_text(SUITE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin"],
        cwd=tmp_path,
        # The other plugins of this environment take longer to import than the tests take to run.
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
