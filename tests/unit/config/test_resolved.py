"""Open choices are made once, and the same everywhere."""

import pytest

from bymax_auth.config.resolved import resolve_config
from tests.unit.config.samples import OTHER_SECRET, SECRET, config

KEY = b"0dd66555bd2d89e0eb4ce050f1fef427bea6799bec27fb8e313f69ab965048c1"


@pytest.mark.parametrize(
    ("overrides", "secure"),
    [
        ({}, True),
        ({"environment": "development"}, False),
        ({"environment": "test"}, False),
        ({"secure_cookies": False}, False),
        ({"environment": "test", "secure_cookies": True}, True),
    ],
)
def test_cookies_are_secure_in_production_unless_said_otherwise(
    overrides: dict[str, object], secure: bool
) -> None:
    """A cookie without Secure is sent in the clear; one with it is lost on http://localhost."""
    assert resolve_config(config(**overrides)).secure_cookies is secure


def test_paths_follow_the_prefix() -> None:
    """A cookie for another path never comes back."""
    resolved = resolve_config(config(route_prefix="/api/auth/"))

    assert resolved.route_prefix == "api/auth"
    assert resolved.refresh_cookie_path == "/api/auth"
    assert resolved.mfa_temp_cookie_path == "/api/auth/mfa"


def test_configured_paths_stand() -> None:
    """Behind a proxy the browser sees other paths than the application."""
    paths = {"refresh_cookie_path": "/x", "mfa_temp_cookie_path": "/y"}
    resolved = resolve_config(config(cookies=paths))

    assert (resolved.refresh_cookie_path, resolved.mfa_temp_cookie_path) == ("/x", "/y")


@pytest.mark.parametrize("group", ["sessions", "platform", "invitations"])
def test_a_feature_turns_its_routes_on(group: str) -> None:
    """A feature without its routes would be on and out of reach."""
    chosen = config(**{group: {"enabled": True}})

    assert getattr(resolve_config(chosen).controllers, group) is True
    assert getattr(chosen.controllers, group) is False
    assert getattr(resolve_config(config()).controllers, group) is False


def test_session_routes_can_be_served_without_the_cap() -> None:
    """Listing sessions is useful without limiting them."""
    assert resolve_config(config(controllers={"sessions": True})).controllers.sessions


def test_identifiers_are_keyed_by_the_signing_secret_unless_pinned() -> None:
    """A key that moves loses every stored session."""
    plain = resolve_config(config(jwt={"secret": "0123456789abcdef" * 2}))
    pinned = resolve_config(config(identifier_secret="0123456789abcdef" * 2))

    assert plain.identifier_key == pinned.identifier_key == KEY
    assert pinned.identifier_secret.reveal() == "0123456789abcdef" * 2


def test_retired_identifier_secrets_keep_their_order() -> None:
    """They are tried one after the other."""
    resolved = resolve_config(config(previous_identifier_secrets=["0123456789abcdef" * 2, OTHER_SECRET]))

    assert len(resolved.previous_identifier_keys) == 2
    assert resolved.previous_identifier_keys[0] == KEY


def test_no_key_shows() -> None:
    """The resolved configuration is printed as readily as the other."""
    resolved = resolve_config(config(previous_identifier_secrets=[OTHER_SECRET]))
    keys = [resolved.identifier_key, *resolved.previous_identifier_keys, *resolved.refresh_keys]

    assert len(set(keys)) == 4

    assert not [key for key in keys if key.decode() in repr(resolved)]
    assert SECRET not in repr(resolved)
