"""The environment is laid over a profile, and its faults are named by variable."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.config import (
    AuthConfig,
    ConfigError,
    Environment,
    HashFormat,
    PasswordAlgorithm,
    SameSite,
    TokenDelivery,
)
from bymax_auth.config.documentation import option_rows
from bymax_auth.config.examples import example_of
from bymax_auth.types.secret import Secret

SECRET = "kW7vR2mQx9Zt4LbN8cYp3HsD6fJg1TaE"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.upper().startswith("BYMAX_AUTH_") or name == "WEB_CONCURRENCY":
            monkeypatch.delenv(name)


def setting(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"BYMAX_AUTH_{name}", value)


def faults(**kwargs: Any) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        AuthConfig.from_env(**kwargs)
    return [(found.code, found.option) for found in caught.value.problems]


def test_an_empty_environment_gives_the_profile() -> None:
    """Nothing set means nothing changed."""
    assert AuthConfig.from_env() == AuthConfig()
    assert AuthConfig.from_env(profile="secure") == AuthConfig.secure_defaults()


def test_every_kind_of_option_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment configures everything but objects by its environment."""
    setting(
        monkeypatch,
        ENVIRONMENT="test",
        JWT__SECRET=SECRET,
        JWT__PREVIOUS_SECRETS=f'["{SECRET}1"]',
        JWT__ACCESS_TTL="900",
        JWT__REFRESH_GRACE_WINDOW="PT1M",
        JWT__ISSUER="12",
        TOKEN_DELIVERY="both",
        SECURE_COOKIES="false",
        ROLES__HIERARCHY='{"ADMIN":["MEMBER"],"MEMBER":[]}',
        BRUTE_FORCE__MAX_ATTEMPTS="7",
        PASSWORD__SCRYPT__COST_FACTOR="16384",
        PASSWORD__KDF_MAX_WAITING="0",
        SESSIONS__ENABLED="on",
        COOKIES__TRUSTED_ORIGINS='["https://a.example"]',
        MFA__ISSUER="Acme",
        OAUTH__GOOGLE__CLIENT_ID="id",
    )
    config = AuthConfig.from_env()

    assert config.environment is Environment.TEST
    assert config.jwt.secret.reveal() == SECRET
    assert [retired.reveal() for retired in config.jwt.previous_secrets] == [SECRET + "1"]
    assert config.jwt.access_ttl == timedelta(minutes=15)
    assert config.jwt.refresh_grace_window == timedelta(minutes=1)
    assert config.jwt.issuer == "12"
    assert config.token_delivery is TokenDelivery.BOTH
    assert config.secure_cookies is False
    assert config.roles.hierarchy == {"ADMIN": ("MEMBER",), "MEMBER": ()}
    assert config.brute_force.max_attempts == 7
    assert config.password.scrypt.cost_factor == 16_384
    assert config.password.kdf_max_waiting == 0
    assert config.sessions.enabled
    assert config.cookies.trusted_origins == ("https://a.example",)
    assert config.mfa is not None
    assert config.mfa.issuer == "Acme"
    assert config.oauth.google is not None
    assert config.oauth.google.client_id == "id"


LISTS = sorted(
    (row.variable.strip("`"), row.option)
    for row in option_rows()
    if row.kind in {"list of text", "list of secret"}
)


def option_of(config: AuthConfig, option: str) -> tuple[str, ...]:
    value: Any = config
    for name in option.split("."):
        value = getattr(value, name)
    return tuple(entry.reveal() if isinstance(entry, Secret) else entry for entry in value)


@pytest.mark.parametrize(("variable", "option"), LISTS)
@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("https://a.example", ("https://a.example",)),
        ("https://a.example, https://b.example,", ("https://a.example", "https://b.example")),
        ('["https://a.example", "b,c"]', ("https://a.example", "b,c")),
        (" []", ()),
        (",", ()),
    ],
)
def test_a_list_is_separated_by_commas_or_json(
    monkeypatch: pytest.MonkeyPatch, variable: str, option: str, text: str, entries: tuple[str, ...]
) -> None:
    """An operator writes a list as every other tool reads it, and the service does not start."""
    monkeypatch.setenv(variable, text)

    assert option_of(AuthConfig.from_env(), option) == entries


@pytest.mark.parametrize("text", ["bcrypt, django-pbkdf2", '["bcrypt", "django-pbkdf2"]'])
def test_formats_of_other_systems_are_listed_like_any_other_list(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Accounts that moved in could not sign in to a service that only its environment configures."""
    setting(monkeypatch, PASSWORD__IMPORTERS=text)

    assert AuthConfig.from_env().password.importers == (HashFormat.BCRYPT, HashFormat.DJANGO_PBKDF2)


@pytest.mark.parametrize(
    ("name", "text", "example"),
    [
        (
            "COOKIES__TRUSTED_ORIGINS",
            "[https://a.example]",
            "https://app.example.com,https://admin.example.com",
        ),
        ("PASSWORD__BLOCKLIST", "[1]", "acme,rocket"),
        ("PASSWORD__IMPORTERS", "md5", "bcrypt,django-pbkdf2"),
        ("ROLES__HIERARCHY", "ADMIN", '{"ADMIN": ["USER"], "USER": []}'),
        ("BRUTE_FORCE__MAX_ATTEMPTS", "five", "5"),
        ("EMAIL_VERIFICATION__REQUIRED", "maybe", "true"),
        ("SESSIONS__ENABLED", "maybe", "false"),
        ("TOKEN_DELIVERY", "COOKIE", "cookie"),
        ("JWT__ACCESS_TTL", "a quarter", "900, or to ISO 8601, such as PT15M"),
    ],
)
def test_a_value_that_cannot_be_read_is_answered_by_an_example(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, example: str
) -> None:
    """The message names a type, and nobody can guess how that type is written in a variable."""
    setting(monkeypatch, **{name: text})
    with pytest.raises(ConfigError) as caught:
        AuthConfig.from_env()
    (found,) = caught.value.problems

    kind = "whole seconds" if name.endswith("TTL") else "a value of the documented type"
    assert found.hint == f"Set BYMAX_AUTH_{name} to {kind}, such as {example}."


def test_every_list_and_mapping_has_an_example_that_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message sends its reader from one refusal to the next."""
    kinds = {"list of text", "list of secret", "mapping"}
    for row in option_rows():
        if row.kind in kinds:
            example = example_of(row.option, None)
            assert example is not None, row.option
            monkeypatch.setenv(row.variable.strip("`"), example)

    assert AuthConfig.from_env().roles.hierarchy == {"ADMIN": ("USER",), "USER": ()}


def test_the_environment_is_laid_over_the_hardened_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """One variable must not take the hardening of its group away."""
    setting(monkeypatch, COOKIES__ACCESS_TOKEN_NAME="a")
    config = AuthConfig.from_env(profile="secure")

    assert (config.cookies.access_token_name, config.cookies.same_site) == ("a", SameSite.STRICT)
    assert config.password.active_algorithm is PasswordAlgorithm.ARGON2ID


@pytest.mark.parametrize(
    ("variables", "option"),
    [
        ({"JWT": "{}", "JWT__ISSUER": "a"}, "jwt"),
        ({"PASSWORD__SCRYPT__BLOCK_SIZE": "8", "PASSWORD": "x"}, "password"),
        ({"JWT__SECRET": SECRET, "JWT__SECRET__CURRENT": SECRET}, "jwt.secret"),
    ],
)
def test_a_variable_beside_those_of_its_own_group_is_refused(
    variables: dict[str, str], option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of the two would be ignored silently, and a setting would have no effect."""
    setting(monkeypatch, **variables)

    assert faults() == [("invalid_type", option)]


def test_a_role_that_is_written_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one would be used silently, and a role would include more or less than the file says."""
    setting(monkeypatch, ROLES__HIERARCHY='{"ADMIN":["MEMBER"],"MEMBER":[],"ADMIN":[]}')

    assert faults() == [("invalid_type", "roles.hierarchy")]


def test_every_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who fixes a deployment file needs the whole list, with the variables' names."""
    setting(
        monkeypatch,
        JWT__ACCESS_TTL="1.5",
        JWT__PREVIOUS_SECRETS="[not json",
        JWT__REFRESH_EXPIRES_IN_DAYS="7.5",
        JWT__SECRTE=SECRET,
        ROLES__HIERARCHY="[",
        SECURE_COOKIES="maybe",
        TOKEN_DELIVERY="COOKIE",
        TENANCY__RESOLVER="subdomain",
        COLOUR="red",
    )
    with pytest.raises(ConfigError) as caught:
        AuthConfig.from_env()

    assert sorted((found.code, found.option) for found in caught.value.problems) == [
        ("invalid_duration", "jwt.access_ttl"),
        ("invalid_type", "jwt.previous_secrets"),
        ("invalid_type", "jwt.refresh_expires_in_days"),
        ("invalid_type", "roles.hierarchy"),
        ("invalid_type", "secure_cookies"),
        ("invalid_type", "tenancy.resolver"),
        ("invalid_type", "token_delivery"),
        ("unknown_option", "colour"),
        ("unknown_option", "jwt.secrte"),
    ]
    assert "BYMAX_AUTH_JWT__SECRTE" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT", "{}"),
        ("JWT__SECRET__DEEPER", "x"),
        ("PASSWORD__BLOCKLIST", '"a,b"'),
        ("PASSWORD__BLOCKLIST", '["a", "b"'),
        ("PASSWORD__BLOCKLIST", '{"a": "b"}'),
        ("PASSWORD__BLOCKLIST", "[1]"),
        ("PASSWORD__BLOCKLIST", "[" * 100_000),
        ("BRUTE_FORCE__MAX_ATTEMPTS", "٧"),
        ("BRUTE_FORCE__MAX_ATTEMPTS", "9" * 5_000),
        ("JWT__ACCESS_TTL", "9" * 5_000),
        ("JWT__ACCESS_TTL", "-PT1S"),
    ],
)
def test_a_value_that_means_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Text that cannot be read must stop the start, and with an explanation."""
    setting(monkeypatch, **{name: value})

    assert len(faults()) == 1


def test_text_for_a_group_is_refused_whatever_the_server_manager_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The number of workers must not hide a variable that is wrong."""
    setting(monkeypatch, PASSWORD="x")
    monkeypatch.setenv("WEB_CONCURRENCY", "4")

    assert faults() == [("invalid_type", "password")]


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files pass empty text for what is not set."""
    setting(monkeypatch, BRUTE_FORCE__MAX_ATTEMPTS="", ROLES__HIERARCHY="", ROUTE_PREFIX="")

    assert AuthConfig.from_env() == AuthConfig()


def test_a_file_gives_way_to_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A developer's file must not override what the machine says."""
    file = tmp_path / ".env"
    file.write_text(f"BYMAX_AUTH_JWT__SECRET={SECRET}\nBYMAX_AUTH_ROUTE_PREFIX=file\nUNRELATED=1\n")
    setting(monkeypatch, ROUTE_PREFIX="process")
    config = AuthConfig.from_env(env_file=file)

    assert (config.jwt.secret.reveal(), config.route_prefix) == (SECRET, "process")
    assert AuthConfig.from_env().jwt.secret.reveal() == ""


def test_an_unknown_name_in_a_file_is_refused(tmp_path: Path) -> None:
    """A misspelled option is as wrong in a file as in the environment."""
    file = tmp_path / ".env"
    file.write_text("BYMAX_AUTH_ROUTE_PREFX=api\n")

    assert faults(env_file=str(file)) == [("unknown_option", "route_prefx")]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path would otherwise start an application without its secrets."""
    assert faults(env_file=tmp_path / "missing.env") == [("env_file_missing", "env_file")]


@pytest.mark.parametrize(
    ("workers", "own", "expected"),
    [("4", None, 4), ("4", "2", 2), ("auto", None, 1), ("0", None, 1), (None, "3", 3)],
)
def test_processes_share_the_memory_for_hashing(
    monkeypatch: pytest.MonkeyPatch, workers: str | None, own: str | None, expected: int
) -> None:
    """Four workers that each take the whole budget end with the kernel killing one of them."""
    if workers is not None:
        monkeypatch.setenv("WEB_CONCURRENCY", workers)
    if own is not None:
        setting(monkeypatch, PASSWORD__KDF_PROCESSES=own)

    assert AuthConfig.from_env().password.kdf_processes == expected


def test_without_the_extra_the_problem_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ImportError from deep inside would name a package that nobody has heard of."""
    monkeypatch.setitem(sys.modules, "pydantic_settings", None)
    with pytest.raises(ConfigError) as caught:
        AuthConfig.from_env()
    (found,) = caught.value.problems

    assert (found.code, dict(found.details)) == ("missing_extra", {"extra": "settings", "option": "from_env"})
    assert "bymax-auth[settings]" in found.hint


def test_where_a_deployment_keeps_its_data_is_no_option(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server and the command line cannot share one environment."""
    urls = {"DATABASE_URL": "sqlite:///a.db", "STORE_URL": "a.db", "REDIS__URL": "redis://localhost"}
    setting(monkeypatch, **urls)
    assert AuthConfig.from_env() == AuthConfig()
    setting(monkeypatch, DATABASE_URI="sqlite:///a.db")
    assert faults() == [("unknown_option", "database_uri")]


@pytest.mark.parametrize("name", ["REDIS__NAMSPACE", "STORE_URLS", "DATABASE_URL_RO"])
def test_a_mistyped_name_of_a_deployment_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Keys go under another namespace than the other processes', and everybody there is signed out."""
    setting(monkeypatch, **{name: "shop"})

    with pytest.raises(ConfigError, match=f"BYMAX_AUTH_{name}") as caught:
        AuthConfig.from_env()
    assert caught.value.codes == ("unknown_option",)


@pytest.mark.parametrize(("service", "ip"), [("", "10.0.0.1"), ("REDIS_", "10.0.0.1"), ("", "fd00::1")])
def test_what_kubernetes_says_about_a_service_is_no_option(
    monkeypatch: pytest.MonkeyPatch, service: str, ip: str
) -> None:
    """Pods of a Service that is called bymax-auth do not start."""
    link = f"tcp://[{ip}]:8000" if ":" in ip else f"tcp://{ip}:8000"
    links = {
        "SERVICE_HOST": ip,
        "SERVICE_PORT": "8000",
        "SERVICE_PORT_HTTP": "8000",
        "PORT": link,
        "PORT_8000_TCP": link,
        "PORT_8000_TCP_PROTO": "tcp",
        "PORT_8000_TCP_PORT": "8000",
        "PORT_8000_TCP_ADDR": ip,
    }
    setting(monkeypatch, **{f"{service}{name}": value for name, value in links.items()})

    assert AuthConfig.from_env() == AuthConfig()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "8000"),
        ("SERVICE_HOST", "auth.example.com"),
        ("SERVICE_PROT", "8000"),
        ("PORT_8000_TCP_HOST", "10.0.0.1"),
        ("PORT_HTTP_TCP", "tcp://10.0.0.1:8000"),
        ("SERVE_HOST", "10.0.0.1"),
        ("JWT__SERVICE_PORT", "8000"),
    ],
)
def test_what_only_resembles_it_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A mistyped option is taken for a variable of Kubernetes, and is ignored silently."""
    setting(monkeypatch, **{name: value})

    assert [code for code, _ in faults()] == ["unknown_option"]
