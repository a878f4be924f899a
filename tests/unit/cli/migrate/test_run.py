"""Moving accounts batch by batch, while others register."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bymax_auth.cli.migrate.candidates import Candidate, Identity, Page
from bymax_auth.cli.migrate.judgement import Judge
from bymax_auth.cli.migrate.report import Header, Report, batches_of
from bymax_auth.cli.migrate.run import migrate_accounts
from bymax_auth.errors import RepositoryConflict
from bymax_auth.repositories.sqlalchemy.bulk import Completion, KnownAccount
from bymax_auth.types.account import AuthUser

HEADER = Header(origin="csv", source="x", tenant_id="acme", dry_run=False)
JUDGE = Judge(
    tenant_id="acme",
    role="MEMBER",
    superuser_role="MEMBER",
    roles=frozenset({"MEMBER"}),
    disabled_status="inactive",
    all_verified=False,
    drop_factors=False,
    seal=None,
    now=datetime(2026, 1, 1, tzinfo=UTC),
)


@dataclass
class People:
    """A source in memory, in one page."""

    candidates: Sequence[Candidate]

    async def total(self) -> int | None:
        return len(self.candidates)

    async def pages(self, after: str | None) -> AsyncIterator[Page]:
        if after is None:
            yield Page(candidates=self.candidates, cursor="end")

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass
class Table:
    """A destination in memory, to which others add accounts just before a write."""

    registrations: list[KnownAccount] = field(default_factory=list[KnownAccount])
    rows: dict[str, KnownAccount] = field(default_factory=dict[str, KnownAccount])

    async def known(self, candidates: Sequence[Candidate]) -> Sequence[KnownAccount]:
        return list(self.rows.values())

    async def write(self, created: Sequence[AuthUser], completed: Sequence[Completion]) -> None:
        if self.registrations:
            other = self.registrations.pop()
            self.rows[other.id] = other
            raise RepositoryConflict("taken")
        for one in created:
            self.rows[one.id] = known(one.id, one.email)


def known(account_id: str, email: str, *, verified: bool = False) -> KnownAccount:
    return KnownAccount(
        id=account_id,
        email=email,
        email_verified=verified,
        mfa_enabled=False,
        has_password=True,
        oauth_provider=None,
        oauth_provider_id=None,
    )


PEOPLE = People([Candidate(id="1", email="ada@example.com"), Candidate(id="2", email="bob@example.com")])


async def test_an_address_that_is_registered_at_that_moment_is_judged_again(tmp_path: Path) -> None:
    """The move would stop, or write over the account of whoever was first."""
    table = Table([known("other", "ada@example.com")])
    report = Report.begin(tmp_path / "r.jsonl", HEADER)
    summary = await migrate_accounts(PEOPLE, table, JUDGE, report, lambda _: None)
    report.close()

    assert (summary.kept, dict(summary.refused)) == (1, {"address_taken": 1})
    assert set(table.rows) == {"other", "2"}
    assert [batch["created"] for batch in batches_of(tmp_path / "r.jsonl")] == [["1", "2"], ["2"]]


async def test_a_conflict_that_does_not_end_is_an_error() -> None:
    """The command would run for ever."""
    table = Table([known(f"other{number}", f"x{number}@example.com") for number in range(9)])

    with pytest.raises(RepositoryConflict):
        await migrate_accounts(PEOPLE, table, JUDGE, None, lambda _: None)


async def test_an_ended_migration_is_not_repeated(tmp_path: Path) -> None:
    """Running the command once more would say that everything was moved twice."""
    table, path = Table(), tmp_path / "r.jsonl"
    first = Report.begin(path, HEADER)
    await migrate_accounts(PEOPLE, table, JUDGE, first, lambda _: None)
    first.close()
    size = path.stat().st_size
    again = Report.resume(path, HEADER)
    summary = await migrate_accounts(PEOPLE, table, JUDGE, again, lambda _: None)
    again.close()

    assert (summary.kept, summary.read) == (2, 2)
    assert path.stat().st_size == size


def test_an_identity_belongs_to_one_account() -> None:
    """The index that ensures it would refuse the whole batch."""
    google = (Identity(provider="google", provider_id="1"),)
    batch = JUDGE.judge(
        [
            Candidate(id="1", email="ada@example.com", identities=google),
            Candidate(id="2", email="bob@example.com", identities=google),
        ],
        [],
    )

    assert [account.oauth_provider_id for account in batch.created] == ["1", None]
    assert batch.notes["identities_not_kept"] == 1


def test_a_second_factor_is_not_lost_by_becoming_one_account() -> None:
    """The password of the protected account would open it without the factor."""
    judge = Judge(
        **{name: getattr(JUDGE, name) for name in JUDGE.__slots__ if name != "seal"},
        seal=lambda _, secret: secret,
    )
    candidate = Candidate(id="1", email="ada@example.com", verified=True, totp_secret="A" * 32)
    batch = judge.judge([candidate], [known("other", "ada@example.com", verified=True)])

    assert [one.reason for one in batch.refused] == ["second_factor_would_be_lost"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Ada", "Ada"),
        ("", "ada@example.com"),
        ("A", "ada@example.com"),
        ("x" * 300, "x" * 128),
        ("A\0da", "A da"),
    ],
)
def test_a_name_is_made_to_fit(name: str, kept: str) -> None:
    """An account without a name could not be shown, and one with a NUL not be stored."""
    batch = JUDGE.judge([Candidate(id="1", email="ada@example.com", name=name)], [])

    assert [account.name for account in batch.created] == [kept]
