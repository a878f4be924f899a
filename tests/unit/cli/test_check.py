"""What `bymax-auth check` says, line by line."""

import os
from pathlib import Path

import pytest

from bymax_auth.cli.check import check_environment
from bymax_auth.cli.keygen import fresh_secret

SECRET = fresh_secret()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that configures nothing but what every engine needs."""
    for name in list(os.environ):
        if name.startswith(("BYMAX_AUTH_", "WEB_CONCURRENCY")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("BYMAX_AUTH_JWT__SECRET", SECRET)
    monkeypatch.setenv("BYMAX_AUTH_ROLES__HIERARCHY", '{"ADMIN": ["MEMBER"], "MEMBER": []}')


def test_a_sound_environment_has_nothing_to_say() -> None:
    """A deployment that is fine is refused."""
    result = check_environment("nest_compat", None)
    assert (result.problems, result.warnings) == ((), ())


def test_a_resolver_that_only_code_can_give_is_not_missed() -> None:
    """The hardened profile can never pass, since no variable holds an object."""
    assert check_environment("secure", None).problems == ()


def test_providers_that_only_code_or_the_service_has_are_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the routes of providers are on, neither this command nor `users` would ever run."""
    monkeypatch.setenv("BYMAX_AUTH_CONTROLLERS__OAUTH", "true")
    monkeypatch.setenv("BYMAX_AUTH_OAUTH__GITHUB__CLIENT_ID", "the-application")
    assert check_environment("nest_compat", None).problems == ()


def test_each_problem_has_a_number_and_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator reads what is wrong and not what to write."""
    monkeypatch.setenv("BYMAX_AUTH_JWT__SECRET", "short")
    monkeypatch.setenv("BYMAX_AUTH_PLATFORM__ENABLED", "true")
    first, hint, second, other_hint = check_environment("nest_compat", None).problems
    assert first.startswith("1. jwt.secret: has 5 characters")
    assert first.endswith("[jwt_secret_too_short]")
    assert hint.startswith("   Set BYMAX_AUTH_JWT__SECRET to ")
    assert second.startswith("2. ")
    assert other_hint.startswith("   ")


def test_a_warning_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers that share nothing pass without a warning, or prevent a deployment from starting."""
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    result = check_environment("nest_compat", None)
    assert result.problems == ()
    assert [line[:18] for line in result.warnings] == ["3 server processes"]


def test_a_folder_in_place_of_the_file_is_a_problem(tmp_path: Path) -> None:
    """A mistyped path passes for a configuration that is fine."""
    assert "[env_file_missing]" in check_environment("nest_compat", tmp_path).problems[0]
