"""
Test support for hosts: a controllable clock, a complete in-memory engine, contract suites.

`bymax_auth.testing.pytest_plugin` provides the engine as a fixture.  Nothing here uses a network,
a real clock or a mock of the library.
"""

from bymax_auth.testing.clock import FakeClock
from bymax_auth.testing.engine import (
    TEST_PASSWORD,
    TEST_TENANT,
    ReadyEngine,
    build_engine,
    config_for_tests,
)
from bymax_auth.testing.events import RecordingEvents
from bymax_auth.testing.mail import RecordingMailer, SentMail
from bymax_auth.testing.oauth_provider import InMemoryOAuthProvider
from bymax_auth.testing.platform_user_repository import PlatformUserRepositoryContract
from bymax_auth.testing.user_repository import UserRepositoryContract

__all__ = [
    "TEST_PASSWORD",
    "TEST_TENANT",
    "FakeClock",
    "InMemoryOAuthProvider",
    "PlatformUserRepositoryContract",
    "ReadyEngine",
    "RecordingEvents",
    "RecordingMailer",
    "SentMail",
    "UserRepositoryContract",
    "build_engine",
    "config_for_tests",
]
