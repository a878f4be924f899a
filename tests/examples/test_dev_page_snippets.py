"""The lines of Python that the page of `bymax-auth dev` shows run, each in an application of its own."""

import base64
import re
import secrets
from pathlib import Path
from typing import Any

import fastapi
import pytest

import bymax_auth
import bymax_auth.fastapi
import bymax_auth.http
from bymax_auth import AuthConfig, AuthEngine, EmbeddedStores
from bymax_auth.http import AuthHttpConfig, PeerAddress, StaticTenantResolver
from bymax_auth.providers import ConsoleEmailSink, DefaultAuthEmailProvider
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from tests.cheap import COST_OPTIONS

ROOT = Path(__file__).resolve().parents[2]
SNIPPETS = sorted((ROOT / "packages" / "python-auth" / "dev-page" / "snippets").glob("*.py"))
SETTINGS: dict[str, Any] = {
    "environment": "development",
    "jwt": {"secret": secrets.token_urlsafe(48)},
    "roles": {"hierarchy": {"ADMIN": [], "MEMBER": []}, "platform_hierarchy": {"ROOT": []}},
    "password": {"active_algorithm": "scrypt", "scrypt": COST_OPTIONS},
    "tenancy": {"resolver": StaticTenantResolver("default")},
}


def engine_of(config: AuthConfig) -> AuthEngine:
    return AuthEngine(
        config,
        users=InMemoryUserRepository(),
        platform_users=InMemoryPlatformUserRepository(),
        stores=EmbeddedStores(),
        email=DefaultAuthEmailProvider(ConsoleEmailSink()),
    )


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.stem)
def test_a_snippet_runs(snippet: Path) -> None:
    """Somebody copies the lines beside a demonstration, and they name what there is not."""
    config, app = AuthConfig.secure_defaults(**SETTINGS), fastapi.FastAPI()
    engine = engine_of(config)
    auth = bymax_auth.fastapi.install(app, engine, AuthHttpConfig(PeerAddress()))
    names: dict[str, Any] = {**vars(fastapi), **vars(bymax_auth.http), **vars(bymax_auth.fastapi)}
    names |= {name: getattr(bymax_auth, name) for name in bymax_auth.__all__}
    names |= {"app": app, "auth": auth, "config": config, "engine": engine, "settings": SETTINGS}
    names |= {"users": InMemoryUserRepository(), "key": base64.b64encode(secrets.token_bytes(32)).decode()}
    text = snippet.read_text("utf-8")
    exec(compile(text, snippet.name, "exec"), names)
    # What it configures starts, and what it declares is served.
    if names["config"] is not config:
        engine_of(names["config"])
    paths = {getattr(route, "path", "") for route in names["app"].routes}
    assert paths >= set(re.findall(r'@app\.\w+\("([^"]+)"', text))


def test_every_snippet_has_both_sides() -> None:
    """A demonstration shows how the server does it, and leaves out the page."""
    assert SNIPPETS
    without = {path.stem for path in SNIPPETS if not path.with_suffix(".tsx").exists()}
    # Administrators of the platform have pages of their own, which the package has no part in.
    assert without == {"platform"}
