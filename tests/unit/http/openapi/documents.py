"""The description of the routes of one engine."""

from functools import cache
from typing import Any

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.config.model import AuthConfig
from bymax_auth.engine import AuthEngine
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.openapi import openapi_fragment
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import InMemoryOAuthProvider, RecordingMailer
from tests.cheap import COST_OPTIONS

__all__ = ["engine", "fragment"]


def engine(mode: TokenDelivery = TokenDelivery.COOKIE, **overrides: Any) -> AuthEngine:
    settings: dict[str, Any] = {
        "environment": "test",
        "jwt": {"secret": "an-example-secret-0123456789-abcdefgh"},
        "roles": {"hierarchy": {"USER": []}, "platform_hierarchy": {"ROOT": []}},
        "platform": {"enabled": True},
        "password": {"scrypt": COST_OPTIONS},
        "token_delivery": mode,
        "controllers": {"sessions": True, "mfa": True, "email_change": True, "oauth": True},
        "mfa": {"encryption_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "issuer": "Bymax One"},
        "invitations": {"enabled": True},
        **overrides,
    }
    config = AuthConfig.nest_compat_defaults(**settings)
    return AuthEngine(
        config,
        users=InMemoryUserRepository(),
        stores=EmbeddedStores(),
        platform_users=InMemoryPlatformUserRepository(),
        email=RecordingMailer(),
        oauth_providers=[InMemoryOAuthProvider(uses_form_post=True)],
    )


def fragment(mode: TokenDelivery = TokenDelivery.COOKIE, **overrides: Any) -> Any:
    return fragment_with(mode, **overrides) if overrides else plain_fragment(mode)


@cache
def plain_fragment(mode: TokenDelivery) -> Any:
    """The same for every test, none of which changes it."""
    return fragment_with(mode)


def fragment_with(mode: TokenDelivery, **overrides: Any) -> Any:
    http = overrides.pop("http", AuthHttpConfig(PeerAddress()))
    return openapi_fragment(engine(mode, **overrides), http)
