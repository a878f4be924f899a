"""The providers that Node runs, each started once for the tests of a process."""

from collections.abc import Generator

import pytest

from tests.servers.identity_providers import mock_provider, openid_provider


@pytest.fixture(scope="package")
def certified() -> Generator[str]:
    with openid_provider() as issuer:
        yield issuer


@pytest.fixture(scope="package")
def mocked() -> Generator[str]:
    with mock_provider() as issuer:
        yield issuer
