"""Options are typed, profiles differ where they say, and faults are reported together."""

import dataclasses
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bymax_auth.config import (
    AuthConfig,
    ConfigError,
    CookiesConfig,
    Environment,
    JwtConfig,
    PasswordAlgorithm,
    PasswordConfig,
    RegistrationSession,
    SameSite,
    StaticTenantResolver,
    TenancyConfig,
)
from bymax_auth.types.secret import Secret

SECRET = "kW7vR2mQx9Zt4LbN8cYp3HsD6fJg1TaE"


def faults_of(**overrides: Any) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        AuthConfig.nest_compat_defaults(**overrides)
    return [(found.code, found.option) for found in caught.value.problems]


def test_the_default_profile_is_the_bare_model() -> None:
    """A host that writes either must get the same application."""
    assert AuthConfig() == AuthConfig.nest_compat_defaults()
    assert AuthConfig().environment is Environment.PRODUCTION


@pytest.mark.parametrize(
    ("tenancy", "resolver"),
    [
        ({}, StaticTenantResolver("default")),
        (TenancyConfig(), StaticTenantResolver("default")),
        ({"resolver": StaticTenantResolver("acme")}, StaticTenantResolver("acme")),
        (TenancyConfig(resolver=StaticTenantResolver("acme")), StaticTenantResolver("acme")),
        ({"resolver": None}, None),
        ({"allow_body_tenant": True}, None),
        ({"allow_body_tenant": False}, None),
    ],
)
def test_a_host_that_says_nothing_of_tenants_has_one(tenancy: Any, resolver: object) -> None:
    """The first registration is refused for want of a tenant, or a host's own choice is overridden."""
    config = AuthConfig.secure_defaults(tenancy=tenancy)
    assert config.tenancy.resolver == resolver


def test_the_default_profile_still_takes_the_tenant_of_the_request() -> None:
    """A deployment of the original puts everybody into one tenant after an update."""
    assert AuthConfig.nest_compat_defaults().tenancy.resolver is None


def test_the_hardened_profile_changes_what_it_announces() -> None:
    """Whoever chooses it must get all of it, and nothing that is not announced."""
    plain, secure = AuthConfig().model_dump(), AuthConfig.secure_defaults().model_dump()
    changed = {
        f"{group}.{name}": value
        for group in plain
        if isinstance(plain[group], dict)
        for name, value in secure[group].items()
        if plain[group][name] != value
    }

    assert changed == {
        "password.active_algorithm": PasswordAlgorithm.ARGON2ID,
        "cookies.same_site": SameSite.STRICT,
        "tenancy.allow_body_tenant": False,
        "tenancy.resolver": {"tenant_id": "default"},
        "registration.session": RegistrationSession.VERIFIED,
    }
    assert {k: v for k, v in secure.items() if not isinstance(v, dict) and v != plain[k]} == {
        "blocked_statuses": ("BANNED", "INACTIVE", "SUSPENDED", "PENDING_APPROVAL")
    }


def test_an_override_keeps_the_rest_of_its_group() -> None:
    """Naming one cookie must not quietly weaken the others."""
    by_name = AuthConfig.secure_defaults(cookies={"access_token_name": "a"})
    by_model = AuthConfig.secure_defaults(cookies=CookiesConfig(access_token_name="a"))

    assert by_name == by_model
    assert by_model.cookies.same_site is SameSite.STRICT
    assert (
        AuthConfig.secure_defaults(cookies=CookiesConfig(same_site=SameSite.LAX)).cookies.same_site
        is SameSite.LAX
    )


def test_a_nested_override_keeps_the_rest_too() -> None:
    """The same at the second level."""
    config = AuthConfig.secure_defaults(password=PasswordConfig.model_validate({"argon2": {"iterations": 3}}))

    assert (config.password.argon2.iterations, config.password.argon2.memory_kib) == (3, 19_456)
    assert config.password.active_algorithm is PasswordAlgorithm.ARGON2ID


@pytest.mark.parametrize("value", [True, 5.0, "5", None, 10**30 * 1.0])
def test_a_count_is_an_integer(value: object) -> None:
    """`True` for a count would mean one, and nobody means that."""
    assert faults_of(brute_force={"max_attempts": value}) == [("invalid_type", "brute_force.max_attempts")]


@pytest.mark.parametrize("value", ["true", 1, None])
def test_a_switch_is_a_bool(value: object) -> None:
    """The text "false" must not switch something on."""
    assert faults_of(platform={"enabled": value}) == [("invalid_type", "platform.enabled")]


@pytest.mark.parametrize(
    ("group", "option"),
    [
        ({"issuer": "a\ud800"}, "jwt.issuer"),
        ({"secret": "a\udfff"}, "jwt.secret"),
        ({"secret": Secret("a\udfff")}, "jwt.secret"),
        ({"previous_secrets": ["fine", "a\ud800"]}, "jwt.previous_secrets[1]"),
    ],
)
def test_text_is_encodable(group: dict[str, Any], option: str) -> None:
    """A lone surrogate would otherwise crash the first request that signs or stores it."""
    assert faults_of(jwt=group) == [("invalid_type", option)]


@pytest.mark.parametrize(
    "value",
    [timedelta(seconds=-1), timedelta(milliseconds=1500), 1.5, "1.5", -1, "-1", timedelta(days=36_501)],
)
def test_a_duration_is_whole_seconds(value: object) -> None:
    """Stores keep whole seconds: half a second would be none, and a negative one for ever."""
    with pytest.raises(ConfigError) as caught:
        AuthConfig.nest_compat_defaults(jwt={"access_ttl": value})
    (found,) = caught.value.problems

    assert (found.code, found.option) == ("invalid_duration", "jwt.access_ttl")
    assert set(found.details) == {"path", "got"}
    assert "BYMAX_AUTH_JWT__ACCESS_TTL" in found.hint


@pytest.mark.parametrize("value", [timedelta(seconds=900), 900, 900.0, "900", "PT15M", "0:15:00"])
def test_a_duration_can_be_spelled(value: object) -> None:
    """Seconds and ISO 8601 are what people write."""
    assert AuthConfig.nest_compat_defaults(jwt={"access_ttl": value}).jwt.access_ttl == timedelta(minutes=15)


@pytest.mark.parametrize("value", [True, "a while", None, []])
def test_a_duration_is_not_anything_else(value: object) -> None:
    """A wrong type is not a wrong duration."""
    assert faults_of(jwt={"access_ttl": value}) == [("invalid_type", "jwt.access_ttl")]


def test_faults_of_every_kind_are_reported_together() -> None:
    """Somebody who renames options must not find the mistakes one restart at a time."""
    found = faults_of(
        environment="prod",
        jwt={"secret": 5, "zork": 1, "access_ttl": 0.5},
        roles={"hierarchy": {"ADMIN": "MEMBER"}},
        mfa={"totp_window": 1.0},
        tenancy={"resolver": "subdomain"},
        colour="red",
    )

    assert found == [
        ("invalid_type", "environment"),
        ("invalid_type", "jwt.secret"),
        ("invalid_duration", "jwt.access_ttl"),
        ("unknown_option", "jwt.zork"),
        ("invalid_type", "roles.hierarchy"),
        ("invalid_type", "mfa.totp_window"),
        ("invalid_type", "tenancy.resolver"),
        ("unknown_option", "colour"),
    ]


def test_a_group_built_by_hand_hides_what_it_was_given() -> None:
    """A traceback in a log must not print the secret that had the wrong type."""
    with pytest.raises(ValidationError) as caught:
        JwtConfig.model_validate({"secret": ["hunter2hunter2"]})

    assert "hunter2" not in str(caught.value)


def test_no_secret_shows_in_any_form() -> None:
    """A configuration is printed when a start fails, and logs are read by many."""
    config = AuthConfig.nest_compat_defaults(
        identifier_secret=SECRET,
        previous_identifier_secrets=[SECRET],
        jwt={"secret": SECRET, "previous_secrets": [SECRET]},
        mfa={"encryption_key": SECRET, "previous_encryption_keys": [SECRET]},
        oauth={"google": {"client_secret": SECRET}},
    )

    for shown in (repr(config), str(config), config.model_dump_json(), str(config.model_dump()), f"{config}"):
        assert SECRET not in shown
    assert config.jwt.secret.reveal() == SECRET


def test_no_secret_shows_in_a_fault_or_what_it_leads_back_to() -> None:
    """Error reporters print an exception's causes and arguments too."""
    with pytest.raises(ConfigError) as caught:
        AuthConfig.nest_compat_defaults(jwt={"secret": [SECRET], "previous_secrets": [SECRET + "\ud800"]})
    error = caught.value

    assert SECRET not in repr(error) + str(error) + repr(
        [dataclasses.asdict(found) for found in error.problems]
    )
    assert error.__cause__ is None
    assert error.__context__ is None


def test_a_configuration_cannot_be_changed() -> None:
    """One configuration is shared by every request."""
    config = AuthConfig.nest_compat_defaults(roles={"hierarchy": {"ADMIN": ["MEMBER"]}})

    with pytest.raises(ValidationError):
        config.route_prefix = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        config.roles.hierarchy["ADMIN"] = ()  # type: ignore[index]


def test_an_empty_issuer_is_none() -> None:
    """Deployment tools pass empty text for what is not set."""
    config = AuthConfig.nest_compat_defaults(jwt={"issuer": "", "audience": ""})

    assert (config.jwt.issuer, config.jwt.audience) == (None, None)


def test_importing_and_building_read_no_environment() -> None:
    """A variable must not change an application that never asked for it."""
    script = """
from bymax_auth.config import AuthConfig
for build in (AuthConfig, AuthConfig.nest_compat_defaults, AuthConfig.secure_defaults):
    print(build().route_prefix)
"""
    variables = {**os.environ, "BYMAX_AUTH_ROUTE_PREFIX": "other", "BYMAX_AUTH_JWT": "nonsense"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=variables
    )

    assert done.stdout.split() == ["auth", "auth", "auth"], done.stderr
