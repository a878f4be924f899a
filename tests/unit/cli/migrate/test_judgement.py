"""What becomes of an account, beside those that exist."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.repositories.sqlalchemy.bulk import KnownAccount
from tests.unit.cli.migrate.moves import JUDGE, judging

ADA = Candidate(id="1", email="ada@example.com", verified=True, password_hash=f"$2b$04${'.' * 53}")


def known(account_id: str, **values: Any) -> KnownAccount:
    usual: dict[str, Any] = {
        "email": "ada@example.com",
        "email_verified": True,
        "mfa_enabled": False,
        "has_password": False,
        "oauth_provider": None,
        "oauth_provider_id": None,
    }
    return KnownAccount(id=account_id, **(usual | values))


def sealed(_account_id: str, secret: str) -> str:
    return secret


def reasons(candidates: Iterable[Candidate], *existing: KnownAccount) -> list[str]:
    return [one.reason for one in JUDGE.judge(list(candidates), existing).refused]


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


FACTOR = {"a secret": {"totp_secret": "A" * 32}, "one that cannot be read": {"unreadable_factor": True}}


@pytest.mark.parametrize("factor", FACTOR)
def test_a_second_factor_is_not_lost_by_becoming_one_account(factor: str) -> None:
    """The password of the protected account would open it without the factor."""
    judge = judging(seal=sealed)
    batch = judge.judge([replace(ADA, **FACTOR[factor])], [known("other")])

    assert [one.reason for one in batch.refused] == ["second_factor_would_be_lost"]


@pytest.mark.parametrize("factor", FACTOR)
@pytest.mark.parametrize("seal", [None, sealed])
def test_an_operator_may_accept_its_loss_for_an_account_that_exists(factor: str, seal: Any) -> None:
    """The option would help those alone who have no account yet."""
    judge = judging(seal=seal, drop_factors=True)
    batch = judge.judge([replace(ADA, **FACTOR[factor])], [known("other")])

    assert [one.id for one in batch.completed] == ["other"]
    assert (batch.refused, batch.notes) == ((), {"second_factor_dropped": 1})


def test_an_account_that_has_a_second_factor_here_keeps_it() -> None:
    """Nothing is lost, so nothing has to be accepted."""
    judge = judging(seal=sealed)
    batch = judge.judge([replace(ADA, totp_secret="A" * 32)], [known("other", mfa_enabled=True)])

    assert ([one.id for one in batch.completed], batch.notes) == (["other"], {})


def test_an_account_without_its_former_factor_is_here_already() -> None:
    """A second run would refuse people who have turned their second factor off since the first."""
    judge = judging(seal=sealed)
    batch = judge.judge([replace(ADA, totp_secret="A" * 32)], [known("1", has_password=True)])

    assert (batch.present, batch.refused) == (1, ())


def test_who_is_blocked_there_does_not_enter_by_an_account_here() -> None:
    """The password of a blocked account would open one that is not."""
    assert reasons([replace(ADA, disabled=True)], known("other")) == ["account_disabled"]
    batch = JUDGE.judge([replace(ADA, disabled=True)], [known("1")])
    assert (batch.present, batch.completed) == (1, ())


def test_a_password_completes_its_own_account_alone() -> None:
    """It says nothing of blocks and factors, which are known of the account that was moved before."""
    password = replace(ADA, password_only=True)
    assert reasons([password]) == ["account_missing"]
    assert reasons([password], known("other")) == ["account_missing"]
    assert reasons([password], known("1", email="new@example.com")) == ["id_taken"]
    batch = JUDGE.judge([password], [known("1")])
    assert [(one.id, dict(one.values)) for one in batch.completed] == [
        ("1", {"password_hash": ADA.password_hash})
    ]
    assert batch.formats == {"bcrypt": 1}


TENANT_ID = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("provider", "provider_id", "kept"),
    [
        ("google", "1234", True),
        ("github", "77", True),
        ("github", "octocat", False),
        ("github", "077", False),
        ("microsoft", f"{TENANT_ID}:subject", True),
        ("microsoft", "subject", False),
        ("microsoft", TENANT_ID, False),
        ("microsoft", f"{TENANT_ID.upper().replace('1', 'A')}:subject", False),
        ("okta", "00u1", True),
        ("okta", "", False),
        ("", "1", False),
        ("okta", "0\n1", False),
        ("okta", "1" * 256, False),
        ("o" * 65, "1", False),
    ],
)
def test_an_identity_is_kept_in_the_form_in_which_people_sign_in(
    provider: str, provider_id: str, kept: bool
) -> None:
    """It would look kept, and its owner be a stranger at the next sign-in."""
    identity = Identity(provider=provider, provider_id=provider_id)
    (account,) = (batch := JUDGE.judge([replace(ADA, identities=(identity,))], [])).created

    assert (account.oauth_provider_id == provider_id) is kept
    assert batch.notes == ({} if kept else {"identities_of_another_form": 1})


def test_the_milliseconds_of_a_creation_are_kept() -> None:
    """Whoever lists accounts by age would find another order."""
    moment = JUDGE.clock.now().replace(microsecond=123_456)
    created = [JUDGE.judge([replace(ADA, created_at=moment)], []).created[0].created_at for _ in range(20)]

    assert {one.replace(microsecond=one.microsecond // 1000) for one in created} == {
        moment.replace(microsecond=123)
    }
    assert len(set(created)) > 1
