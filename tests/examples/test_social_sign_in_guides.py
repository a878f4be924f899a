"""The guides to sign-in with providers: what they print makes providers that are where each page says."""

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth.providers.oauth.oauth2 import OAuth2Provider
from bymax_auth.repositories.sqlalchemy import users_table
from bymax_auth.types.account import CreateUserData
from bymax_auth.types.oauth import AuthorizationRequest
from tests.examples.guides import ROOT, write_files

REQUEST = AuthorizationRequest(state="5" * 64, code_challenge="c" * 43, nonce="n" * 43)

Printed = Callable[[str, str], ModuleType]


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Printed]:
    """A file of a guide as a module; what it takes from the environment is there."""
    key = tmp_path / "AuthKey.p8"
    key.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    monkeypatch.syspath_prepend(tmp_path)
    imported: list[str] = []

    def read(guide: str, name: str) -> ModuleType:
        files = write_files(guide, tmp_path)
        for variable in re.findall(r'environ\["(\w+)"\]', "".join(file.read_text("utf-8") for file in files)):
            monkeypatch.setenv(variable, f"the-{variable.lower()}")
        monkeypatch.setenv("APPLE_PRIVATE_KEY_FILE", str(key))
        monkeypatch.setenv("MICROSOFT_TENANT_ID", "0a1b2c3d-1111-2222-3333-444455556666")
        imported.append(name)
        return importlib.import_module(name)

    yield read
    for name in imported:
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("guide", "module", "provider", "name", "address"),
    [
        ("sign-in-google.md", "google_provider", "google", "google", "https://accounts.google.com/o/oauth2"),
        ("sign-in-github.md", "github_provider", "github", "github", "https://github.com/login/oauth/"),
        ("sign-in-github.md", "enterprise_provider", "enterprise", "github", "https://git.example.com/login"),
        ("sign-in-apple.md", "apple_provider", "apple", "apple", "https://appleid.apple.com/auth/authorize"),
    ],
)
async def test_the_provider_of_a_page_sends_the_browser_to_it(
    printed: Printed, guide: str, module: str, provider: str, name: str, address: str
) -> None:
    """Whoever copies the page gets an error, or another provider."""
    built = getattr(printed(guide, module), provider)
    assert built.name == name
    sent = await built.authorize_url(REQUEST)
    assert sent.startswith(address)
    assert f"oauth%2F{name}%2Fcallback" in sent


@pytest.mark.parametrize(
    ("guide", "module", "names"),
    [
        ("sign-in-microsoft.md", "microsoft_provider", {"microsoft"}),
        ("sign-in-openid.md", "company", {"company"}),
        ("sign-in-openid.md", "rows", {"okta", "keycloak", "gitlab"}),
        ("sign-in-openid.md", "special", {"special"}),
    ],
)
def test_the_providers_of_a_page_are_built(
    printed: Printed, guide: str, module: str, names: set[str]
) -> None:
    """Their metadata is looked up at the first sign-in; everything else is checked now."""
    built = printed(guide, module)
    assert {getattr(built, name).name for name in names} == names


def test_the_overview_builds_what_its_table_lists(printed: Printed) -> None:
    """An engine takes them as they are."""
    built = printed("social-sign-in.md", "providers").providers
    assert [provider.name for provider in built] == ["google", "github", "discord"]
    example = printed("social-sign-in.md", "example_service").EXAMPLE
    own = OAuth2Provider(example, client_id="i", client_secret="s", redirect_uri="https://app.example.com/c")
    assert own.name == "example"


async def test_the_repository_of_the_guide_keeps_several_identities(printed: Printed, tmp_path: Path) -> None:
    """A host with a table of its own would copy what keeps one identity of each user."""
    tables = MetaData()
    members = users_table(tables, "members")
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/members.db")
    users = printed("social-sign-in.md", "repository_of_members").repository(
        async_sessionmaker(engine), members
    )
    async with engine.begin() as connection:
        await connection.run_sync(tables.create_all)
    data = CreateUserData(email="ada@example.com", name="Ada", password_hash=None, tenant_id="acme")
    user = await users.create(data)
    for provider in ("google", "github"):
        await users.link_oauth(user.id, provider, "1", tenant_id="acme")
    held = await users.list_identities(user.id, tenant_id="acme")
    assert [one.provider for one in held] == ["google", "github"]
    await engine.dispose()


def test_every_page_is_reached_from_the_overview() -> None:
    """A page that nothing leads to is not read."""
    folder = ROOT / "docs" / "guides"
    overview = (folder / "social-sign-in.md").read_text(encoding="utf-8")
    pages = {page.name for page in folder.glob("sign-in-*.md")}
    assert {page for page in pages if f"({page}" in overview} == pages
