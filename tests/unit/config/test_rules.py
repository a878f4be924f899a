"""Each start-up rule refuses exactly the configuration that it is about."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.config import ConfigError, PasswordAlgorithm
from bymax_auth.config.checks import check_config, sentinel_hash_failed
from tests.unit.config.rows_by_itself import CONFIGURATION
from tests.unit.config.rows_in_place import COLLABORATORS, RUNTIME
from tests.unit.config.samples import (
    GOOGLE,
    MFA,
    MFA_KEY,
    OTHER_SECRET,
    PADDED_MFA_KEY,
    SECRET,
    THIRD_SECRET,
    Row,
    config,
    facts,
    judged,
)


def mfa(**changes: Any) -> dict[str, Any]:
    return {"mfa": MFA | changes}


def google(**changes: Any) -> dict[str, Any]:
    return {"oauth": {"google": GOOGLE | changes}}


def jwt(**changes: Any) -> dict[str, Any]:
    return {"jwt": changes}


def retired(*secrets: str) -> dict[str, Any]:
    return {"jwt": {"previous_secrets": secrets}, "identifier_secret": SECRET}


TESTED_ELSEWHERE = {"missing_http_client", "sentinel_hash_failed"}
"""Codes that cannot come first with one option changed; they have tests of their own below."""

EXPANSIONS = {
    "{family}_too_short": {"jwt_secret_too_short", "identifier_secret_too_short"},
    "{family}_low_entropy": {"jwt_secret_low_entropy", "identifier_secret_low_entropy"},
    "{name}_toggle_without_config": {"platform_toggle_without_config", "invitations_toggle_without_config"},
}

RULE_FILES = sorted((Path(__file__).parents[3] / "src/bymax_auth/config/checks").glob("*.py"))

ROWS = CONFIGURATION + COLLABORATORS + RUNTIME


def named(row: Row) -> str:
    return f"{row.code}-{row.option}"


def test_the_sample_configuration_is_accepted() -> None:
    """If the starting point were refused, every other test here would prove nothing."""
    assert check_config(config(), facts()) == ([], [])


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_one_broken_option_is_named_first(row: Row) -> None:
    """Somebody who broke one option must be sent to that option, with something to do."""
    found = judged(row.options, row.facts)

    assert (found[0].code, found[0].option) == (row.code, row.option)
    assert found[0].message
    assert re.search(r"BYMAX_AUTH_[A-Z]|[a-z]=…|EmbeddedStores|chmod", found[0].hint)
    assert "{env}" not in found[0].hint


def test_every_code_of_the_rules_has_a_row() -> None:
    """A rule without a test could be deleted and nobody would notice."""
    pattern = re.compile(r"(?:problem|_below)\(\s*f?\"([a-z0-9_{}]+)\"")
    written = {code for path in RULE_FILES for code in pattern.findall(path.read_text("utf-8"))}
    expanded = {code for template in written for code in EXPANSIONS.get(template, {template})}

    assert expanded == {row.code for row in ROWS} | TESTED_ELSEWHERE


def test_five_faults_are_reported_together_and_in_order() -> None:
    """Somebody who deploys must not fix five faults in five restarts."""
    overrides = {
        "jwt": {"secret": "short", "refresh_grace_window": 301},
        "brute_force": {"max_attempts": 0},
        "password": {"scrypt": {"block_size": 1}},
        "cookies": {"trusted_origins": ["not a url"]},
    }
    found = judged(overrides)

    assert ConfigError(found).codes == (
        "jwt_secret_too_short",
        "refresh_grace_ceiling",
        "brute_force_attempts_range",
        "scrypt_block_size",
        "trusted_origin_malformed",
    )
    text = str(ConfigError(found))
    assert text.startswith("The configuration has 5 problems:")
    assert all(f"{number}. {entry.option}" in text for number, entry in enumerate(found, start=1))


def test_faults_of_all_three_groups_come_in_the_order_of_the_groups() -> None:
    """The first problem is the one that a validator stopping at the first would have raised."""
    found = judged({"route_prefix": "/", "controllers": {"mfa": True}}, {"has_users": False})

    assert [entry.code for entry in found] == [
        "mfa_toggle_without_config",
        "missing_user_repository",
        "route_prefix_invalid",
    ]


def test_an_option_is_reported_once() -> None:
    """A grace window that is too long in two ways is one mistake, not two."""
    overrides = {"jwt": {"refresh_expires_in_days": 0, "refresh_grace_window": 90_000}}

    assert [entry.code for entry in judged(overrides)] == [
        "refresh_lifetime_invalid",
        "refresh_grace_ceiling",
    ]
    assert [entry.code for entry in judged({"jwt": {"secret": "aaaa"}})] == ["jwt_secret_too_short"]


def test_every_bad_entry_of_a_list_is_reported() -> None:
    """A list with two mistakes needs both of them named."""
    found = judged({"cookies": {"trusted_origins": ["a", "https://ok.example", "b/"]}})

    assert [entry.option for entry in found] == ["cookies.trusted_origins[0]", "cookies.trusted_origins[2]"]


def test_missing_stores_are_not_reported_a_second_time_as_missing_proofs() -> None:
    """Without any store, one line says what to do."""
    changes = {"missing_stores": ("otps",), "has_proof_store": False, "oauth_provider_names": ("acme",)}
    found = judged({"controllers": {"oauth": True}}, changes)

    assert [entry.code for entry in found] == ["missing_stores"]


def test_google_without_any_client_names_both_ways_out() -> None:
    """Installing the extra and passing a client both solve it."""
    found = judged(google(), {"importable": frozenset({"argon2"}), "has_http_client": False})

    assert [entry.code for entry in found] == [
        "missing_extra",
        "missing_http_client",
    ]
    assert judged(google(), {"has_http_client": False}) == []


def test_a_format_needs_any_extra_that_has_its_package() -> None:
    """Whoever has Argon2 installed need not install bcrypt for it; some formats need nothing."""
    chosen = ["django-argon2", "pwdlib-argon2", "werkzeug-scrypt", "firebase-scrypt"]

    assert judged({"password": {"importers": chosen}}, {"importable": frozenset({"argon2", "mfa"})}) == []


def test_a_provider_named_google_needs_no_client_of_ours() -> None:
    """A host that brings its own Google provider also brings what that one calls."""
    changes = {
        "importable": frozenset({"argon2"}),
        "has_http_client": False,
        "oauth_provider_names": ("google",),
    }

    assert judged(google(), changes) == []


def test_a_second_factor_without_a_store_is_one_problem() -> None:
    """Without it challenges would be signed that nobody can pass."""
    assert [(entry.code, entry.option) for entry in judged(mfa(), {"has_mfa_store": False})] == [
        ("missing_mfa_store", "mfa")
    ]


@pytest.mark.parametrize(
    "overrides",
    [
        # The same frequencies in other letters, since a secret that is printed here is refused.
        jwt(secret="aabbccddeeffgghhiiiijjjjkkkkllmm".upper()),
        jwt(secret="".join(reversed("aabbccddeeffgghhiiiijjjjkkkkllll"))),
        jwt(secret=SECRET * 128),
        retired(OTHER_SECRET, THIRD_SECRET),
        {"previous_identifier_secrets": [OTHER_SECRET]},
        jwt(refresh_grace_window=0),
        jwt(refresh_grace_window=30),
        jwt(refresh_grace_window=300),
        jwt(refresh_expires_in_days=1),
        jwt(access_ttl=timedelta(days=30)),
        jwt(access_ttl=1),
        {"user_status_cache_ttl": 0},
        {"brute_force": {"window": 1, "max_attempts": 1}},
        {"brute_force": {"max_attempts": 100}},
        {"password": {"min_length": 8}},
        {"password": {"min_length": 128}},
        {"password": {"scrypt": {"cost_factor": 16_384}}},
        {"password": {"scrypt": {"cost_factor": 524_288, "block_size": 8}}},
        {"password": {"scrypt": {"cost_factor": 16_384, "parallelization": 128}}},
        {"password": {"argon2": {"memory_kib": 524_288, "iterations": 16, "parallelism": 16}}},
        {"password": {"argon2": {"memory_kib": 19_456, "iterations": 64}}},
        {"password_reset": {"otp_length": 4}},
        {"password_reset": {"otp_length": 8}},
        {
            "oauth": {
                "success_redirect_url": "/welcome",
                "mfa_redirect_url": "https://App.example.com/mfa",
                "redirect_allowlist": ["app.EXAMPLE.com"],
            }
        },
        {"oauth": {"success_redirect_url": "http://localhost:3000"}, "environment": "development"},
        {
            "cookies": {
                "same_site": "none",
                "trusted_origins": [
                    "https://a.example:8443",
                    "http://[::1]:3000",
                    "https://*.example.com",
                    "https://*.app.example.com:8443",
                    "http://*.localhost:3000",
                ],
            }
        },
        {"cookies": {"access_token_name": "__Host-a", "session_signal_name": "__Secure-s"}},
        {"cookies": {"refresh_token_name": "__Host-r", "refresh_cookie_path": "/"}},
        {"cookies": {"refresh_token_name": "__Secure-r", "resolve_domains": lambda _host: ["example.com"]}},
        {"route_prefix": "/api/v1.0/auth~x_y/"},
        {"route_prefix": "api", "cookies": {"refresh_cookie_path": "/api"}},
        {"route_prefix": "auth", "cookies": {"refresh_cookie_path": "/auth"}},
        {"controllers": {"sessions": True}},
        {
            "platform": {"enabled": True},
            "roles": {"hierarchy": {"A": []}, "platform_hierarchy": {"ROOT": []}},
            "controllers": {"platform": True},
        },
    ],
)
def test_a_value_on_the_boundary_is_accepted(overrides: dict[str, Any]) -> None:
    """An allowed value that is refused stops a deployment that worked."""
    assert judged(overrides) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"totp_window": 0},
        {"totp_window": 2},
        {"recovery_code_count": 1},
        {"recovery_code_count": 50},
        {"encryption_key": MFA_KEY + "="},
        {"encryption_key": PADDED_MFA_KEY},
        {"previous_encryption_keys": ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"]},
    ],
)
def test_a_second_factor_on_the_boundary_breaks_no_rule(changes: dict[str, Any]) -> None:
    """A limit that refuses its own bound contradicts the documentation."""
    assert judged(mfa(**changes) | {"environment": "development"}) == []


def test_development_may_use_published_secrets_and_volatile_stores() -> None:
    """The first steps must not need a key ceremony."""
    overrides = jwt(secret="0123456789abcdef" * 2) | {"environment": "development"}

    assert judged(overrides, {"stores_volatile": True, "email_is_noop": True}) == []


def test_production_may_use_volatile_stores_that_say_so() -> None:
    """A host that accepts the loss says it where the stores are built."""
    assert judged({}, {"stores_volatile": True, "stores_allow_production": True}) == []


def test_a_token_may_live_as_long_as_stores_remember_its_revocation() -> None:
    """A deployment whose feed is just long enough would not start."""
    assert judged({}, {"stores_longest_access_ttl": timedelta(minutes=15)}) == []


def test_argon2_costs_are_not_judged_where_it_is_not_installed() -> None:
    """A host without the extra has no use for its options."""
    overrides = {"password": {"argon2": {"memory_kib": 1, "iterations": 99}}}

    assert judged(overrides, {"importable": frozenset()}) == []


def test_a_python_without_scrypt_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some builds of OpenSSL lack scrypt; the first sign-in must not be where that shows."""
    monkeypatch.delattr(hashlib, "scrypt")
    found = judged({})

    assert [(entry.code, entry.details["algorithm"]) for entry in found] == [("hasher_not_enabled", "scrypt")]
    assert judged({"password": {"active_algorithm": "argon2id"}}) == []


@pytest.mark.parametrize(
    ("algorithm", "option"),
    [(PasswordAlgorithm.SCRYPT, "password.scrypt"), (PasswordAlgorithm.ARGON2ID, "password.argon2")],
)
def test_a_failed_first_hash_names_the_cost_to_lower(algorithm: PasswordAlgorithm, option: str) -> None:
    """A cost that the machine cannot pay must point at the option that sets it."""
    found = sentinel_hash_failed(algorithm)

    assert (found.code, found.option) == ("sentinel_hash_failed", option)
