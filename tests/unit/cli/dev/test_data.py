"""Where a development server keeps what it is told."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bymax_auth.cli.dev.data import DataFileUnusable, open_data
from bymax_auth.cli.dev.seed import DEMO_TENANT, seed
from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.embedded import EmbeddedStores


async def test_without_a_file_nothing_is_kept() -> None:
    """Two servers without a file share a secret, and tokens of one open the other, or files pile up."""
    async with open_data(None) as first, open_data(None) as second:
        assert first.secret != second.secret
        assert first.path.is_file()
    assert not first.path.parent.exists()


@pytest.mark.parametrize("name", ["demo.db", ":memory:", "what?.db", "a b%20#c.db"])
async def test_a_file_of_any_name_keeps_accounts_and_secret(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means something to the database loses everything at the next start."""
    monkeypatch.chdir(tmp_path)
    async with open_data(Path(name)) as data:
        secret = data.secret
        known = await seed(data.users, data.admins)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    async with open_data(Path(name)) as data:
        assert data.secret == secret
        assert known.admin is not None
        assert await data.admins.find_by_email(known.admin.email) is not None
        assert await data.users.find_by_email(known.users[0].email, tenant_id=DEMO_TENANT) is not None


async def test_an_account_has_several_identities_after_a_restart(tmp_path: Path) -> None:
    """A visitor links a second identity, and the page says that it is another account's."""
    path = tmp_path / "demo.db"
    async with open_data(path) as data:
        await seed(data.users, data.admins)
        member = await data.users.find_by_email("member@example.com", tenant_id=DEMO_TENANT)
        assert member is not None
        for name in ("noa", "ines"):
            await data.users.link_oauth(member.id, "demo-id", name, tenant_id=DEMO_TENANT)
    async with open_data(path) as data:
        held = await data.users.list_identities(member.id, tenant_id=DEMO_TENANT)
    assert [one.provider_id for one in held] == ["noa", "ines"]
    assert all(one.linked_at for one in held)


async def test_the_store_is_closed_with_the_data(tmp_path: Path) -> None:
    """A server that could not start leaves threads behind, and the terminal hangs."""
    async with open_data(tmp_path / "demo.db") as data:
        pass
    with pytest.raises(StoreUnavailable):
        await data.stores.rate_limits.hit("login", "a" * 64, 1, timedelta(seconds=1))


async def test_what_the_database_refuses_is_one_line(tmp_path: Path) -> None:
    """A file that somebody has worked on by hand shows a page of stack trace."""
    path = tmp_path / "demo.db"
    stores = EmbeddedStores(path)
    await stores.start()
    await stores.aclose()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE dev_secret (something_else TEXT)")
    with pytest.raises(DataFileUnusable) as caught:
        async with open_data(path):
            pytest.fail("opened")
    assert str(caught.value) == f"The data file {path} cannot be used: no such column: dev_secret.value."
