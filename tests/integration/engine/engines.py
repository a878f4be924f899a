"""Engines with a few things different from what most hosts pass."""

from typing import Any

from bymax_auth import AuthEngine
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from tests.integration.flows.world import config_of


class Bundle:
    """A bundle of stores that a host composed, with something missing."""

    def __init__(self, **stores: Any) -> None:
        inner = EmbeddedStores()
        self.layout, self.volatile, self.allow_in_production = inner.layout, True, False
        self.started = self.closed = 0
        for port in (
            "sessions",
            "revocation",
            "attempts",
            "rate_limits",
            "otps",
            "proofs",
            "mfa",
            "invitations",
            "ws_tickets",
        ):
            setattr(self, port, stores.get(port, getattr(inner, port)))

    async def start(self) -> None:
        self.started += 1

    async def aclose(self) -> None:
        self.closed += 1


def engine_of(**given: Any) -> AuthEngine:
    options = given.pop("config", None) or config_of(platform={"enabled": False})
    return AuthEngine(options, **{"users": InMemoryUserRepository(), "stores": EmbeddedStores(), **given})
