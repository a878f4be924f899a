"""What of an environment can be read, beside what cannot."""

import os

import pytest

from bymax_auth.config import AuthConfig, PasswordAlgorithm, SameSite
from bymax_auth.config.partial import config_in_part

SECRET = "kW7vR2mQx9Zt4LbN8cYp3HsD6fJg1TaE"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith("BYMAX_AUTH_") or name == "WEB_CONCURRENCY":
            monkeypatch.delenv(name)


def test_what_can_be_read_is_kept_beside_what_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report ends at the first variable that cannot be read."""
    variables = {
        "JWT__SECRET": SECRET,
        "JWT__ACCESS_TTL": "soon",
        "JWT__PREVIOUS_SECRETS": "[1]",
        "COOKIES": "x",
        "COOKIES__SAME_SITE": "none",
        "REDIS__NAMSPACE": "shop",
        "PASSWORD__SCRYPT": "x",
        "COLOUR": "red",
    }
    for name, text in variables.items():
        monkeypatch.setenv(f"BYMAX_AUTH_{name}", text)
    config, problems = config_in_part("secure")

    assert sorted(found.option for found in problems) == [
        "colour",
        "cookies",
        "jwt.access_ttl",
        "jwt.previous_secrets[0]",
        "password.scrypt",
        "redis.namspace",
    ]
    assert (config.jwt.secret.reveal(), config.cookies.same_site) == (SECRET, SameSite.NONE)
    assert config.password.active_algorithm is PasswordAlgorithm.ARGON2ID
    assert AuthConfig.secure_defaults().password.active_algorithm is PasswordAlgorithm.ARGON2ID
