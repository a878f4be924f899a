"""Mistakes of a host, told when the app is built."""

import pytest
from fastapi import FastAPI

from bymax_auth.config.problems import ConfigError
from bymax_auth.engine import AuthEngine
from bymax_auth.fastapi import InstalledAuth, auth_router, install
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig, RateLimit
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import RecordingMailer
from tests.integration.http.world import settings


@pytest.fixture(scope="module")
def engine() -> AuthEngine:
    return AuthEngine(
        settings(), users=InMemoryUserRepository(), stores=EmbeddedStores(), email=RecordingMailer()
    )


@pytest.mark.parametrize("name", ["login", "revoke_all_sessions", "", "a:b", "a b", "ü", "x" * 65])
def test_a_hosts_limit_cannot_take_one_of_our_counters(engine: AuthEngine, name: str) -> None:
    """A busy page of the host would lock its users out of the sign-in."""
    auth = InstalledAuth(engine, AuthHttpConfig(PeerAddress()))
    with pytest.raises(ValueError, match="cannot name a rate limit"):
        auth.rate_limit(name, RateLimit(5, 60))


@pytest.mark.parametrize("build", ["require_role", "require_platform_role", "self_or_admin"])
def test_a_misspelt_role_is_told_at_once(engine: AuthEngine, build: str) -> None:
    """A role that nobody can hold would lock everybody out, and be noticed in production."""
    auth = InstalledAuth(engine, AuthHttpConfig(PeerAddress()))
    with pytest.raises(LookupError, match="ADMNI"):
        getattr(auth, build)("ADMNI")


def test_tenants_cannot_be_bound_without_a_resolver(engine: AuthEngine) -> None:
    """A binding that compares with nothing would refuse everybody, or nobody."""
    http = AuthHttpConfig(PeerAddress(), enforce_tenant_binding=True)
    for attempt in (lambda: install(FastAPI(), engine, http), lambda: auth_router(engine, http)):
        with pytest.raises(ConfigError) as raised:
            attempt()
        assert raised.value.codes == ("tenant_resolver_required",)
