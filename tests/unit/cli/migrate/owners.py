"""A database of FastAPI Users in which the ids of accounts and their owners' column have chosen types."""

from collections.abc import Iterator, Mapping, Sequence

from bymax_auth.cli.migrate.candidates import Candidate, Page
from bymax_auth.cli.migrate.sources import open_source
from bymax_auth.cli.migrate.systems import System

__all__ = ["found_in", "pages_of", "tables"]


def tables(ids: str, owners: str, accounts: Sequence[object], owned: Sequence[object]) -> Iterator[str]:
    """The statements that make the tables; the identity of each owner is its place."""
    yield f'CREATE TABLE "user" (id {ids}, email VARCHAR(99), hashed_password VARCHAR(99), is_active INT, \
is_superuser INT, is_verified INT)'
    yield f"CREATE TABLE oauth_account (user_id {owners}, oauth_name VARCHAR(99), account_id VARCHAR(99))"
    for number, account in enumerate(accounts):
        yield f"INSERT INTO \"user\" VALUES ({account!r}, 'a{number}@example.com', '', 1, 0, 1)"
    for number, owner in enumerate(owned):
        yield f"INSERT INTO oauth_account VALUES ({owner!r}, 'github', '{number}')"


async def pages_of(url: str, after: str | None = None) -> list[Page]:
    """Read everything after a cursor."""
    source = open_source(System.FASTAPI_USERS, url, None)
    try:
        return [page async for page in source.pages(after)]
    finally:
        await source.aclose()


async def found_in(url: str) -> tuple[Mapping[str, Sequence[str]], Mapping[str, str]]:
    """Return the identities of each account that is moved, and the reasons for refusing others."""
    found: list[Candidate] = [one for page in await pages_of(url) for one in page.candidates]
    kept = {one.id: [identity.provider_id for identity in one.identities] for one in found if not one.refused}
    return kept, {one.id: one.refused for one in found if one.refused}
