"""`bymax-auth check` and `bymax-auth keygen`, as an operator uses them."""

from pathlib import Path

import pytest

from bymax_auth.cli.keygen import fresh_secret
from tests.integration.cli import dev_server
from tests.integration.cli.in_process import run

pytestmark = pytest.mark.processes

ROLES = {"BYMAX_AUTH_ROLES__HIERARCHY": '{"ADMIN": ["MEMBER"], "MEMBER": []}'}
ELSEWHERE = "`bymax-auth check --serve` examines stores, database and mail as well.\n"
SECRET = fresh_secret()


@pytest.mark.untraced
def test_fresh_secrets_make_a_configuration_that_passes(tmp_path: Path) -> None:
    """The secrets that the product itself prints are refused by it."""
    made = dev_server.run("keygen")
    assert (made.returncode, made.stderr) == (0, "")
    file = tmp_path / ".env"
    file.write_text(made.stdout, encoding="utf-8")
    for profile, run_it in (("nest_compat", dev_server.run), ("secure", run)):
        done = run_it("check", "--env-file", file, "--profile", profile, env=ROLES)
        assert (done.returncode, done.stdout) == (0, "The options pass every rule. " + ELSEWHERE)


def test_secrets_are_fresh_each_time() -> None:
    """Two deployments share a secret."""
    lines = [line.partition("=") for _ in range(2) for line in run("keygen").stdout.splitlines()]
    names = {name for name, _, _ in lines}
    assert names == {"BYMAX_AUTH_JWT__SECRET", "BYMAX_AUTH_IDENTIFIER_SECRET"}
    assert len({secret for _, _, secret in lines}) == 4


def test_every_problem_is_reported_at_once() -> None:
    """An operator corrects a deployment one restart at a time."""
    broken = ROLES | {
        "BYMAX_AUTH_JWT__SECRET": "short-and-sweet",
        "BYMAX_AUTH_JWT__REFRESH_EXPIRES_IN": "0",
        "BYMAX_AUTH_PASSWORD__MIN_LENGTH": "4",
        "BYMAX_AUTH_COOKIES__SAME_SITE": "none",
        "BYMAX_AUTH_COOKIES__SECURE_COOKIES": "false",
    }
    done = run("check", env=broken)
    assert done.returncode == 1
    problems = [line for line in done.stdout.splitlines() if line[0].isdigit()]
    hints = [line for line in done.stdout.splitlines() if line.startswith("   ")]
    assert len(problems) == len(hints) >= 2
    assert "short-and-sweet" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "jwt.secret"),
        ({"BYMAX_AUTH_JWT__SECRET": "a" * 40}, "[jwt_secret_low_entropy]"),
        ({"BYMAX_AUTH_JWT__SECRET": SECRET, "BYMAX_AUTH_ROLES__HIERARCHY": "{}"}, "roles.hierarchy"),
        ({"BYMAX_AUTH_JWT__SECRET": SECRET, "BYMAX_AUTH_JWT__SECERT": "typo-typo-typo"}, "jwt.secert"),
        ({"BYMAX_AUTH_JWT__SECRET": SECRET, "BYMAX_AUTH_INVITATIONS__TOKEN_TTL": "0"}, "token_ttl"),
        ({"BYMAX_AUTH_JWT__SECRET": SECRET, "BYMAX_AUTH_ENVIRONMENT": "prod"}, "environment"),
    ],
)
def test_a_broken_environment_is_explained_without_a_secret(variables: dict[str, str], said: str) -> None:
    """A deployment fails without a reason, or its log holds the key to every account."""
    done = run("check", env=ROLES | variables)
    assert done.returncode == 1
    assert said in done.stdout
    assert done.stderr == ""
    shown = done.stdout + done.stderr
    assert [value for name, value in variables.items() if "SEC" in name and value in shown] == []


@pytest.mark.parametrize(
    ("content", "said"), [(None, "[env_file_missing]"), (b"\xff\xfe\x00", "[env_file_unreadable]")]
)
def test_a_file_of_variables_that_cannot_be_read_is_a_problem(
    content: bytes | None, said: str, tmp_path: Path
) -> None:
    """A mistyped file name passes for a configuration that is fine, or ends in a stack trace."""
    file = tmp_path / "given.env"
    if content is not None:
        file.write_bytes(content)
    done = run("check", "--env-file", file, env=ROLES | {"BYMAX_AUTH_JWT__SECRET": SECRET})
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout


def test_several_processes_are_warned_of_a_store_in_memory() -> None:
    """Half of the requests of a deployment with two workers find nobody signed in."""
    done = run("check", env=ROLES | {"BYMAX_AUTH_JWT__SECRET": SECRET, "WEB_CONCURRENCY": "2"})
    assert done.returncode == 0
    assert "warning: 2 server processes" in done.stdout


def test_the_version_is_printed() -> None:
    """Nobody can say which release they report a problem of."""
    done = run("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("bymax-auth 0.")


def test_no_command_prints_what_there_is() -> None:
    """A new user types the name and learns nothing."""
    shown = run()
    assert all(name in shown.stdout + shown.stderr for name in ("dev", "keygen", "check"))


@pytest.mark.parametrize("group", [(), ("users",), ("migrations",)], ids=str)
def test_a_list_of_commands_is_not_cut_off(group: tuple[str, ...]) -> None:
    """A newcomer reads half a sentence about each command."""
    listed = run(*group, "--help").stdout.partition("Commands:")[2]

    assert listed.count("\n") > 1
    assert "..." not in listed
