"""
What a host's tests need: a clock that never waits, a mailer that keeps codes, contract suites.

Nothing here reaches for a network, a real clock or a mock of the library.
"""

from bymax_auth.testing.clock import FakeClock
from bymax_auth.testing.events import RecordingEvents
from bymax_auth.testing.mail import RecordingMailer, SentMail
from bymax_auth.testing.platform_user_repository import PlatformUserRepositoryContract
from bymax_auth.testing.user_repository import UserRepositoryContract

__all__ = [
    "FakeClock",
    "PlatformUserRepositoryContract",
    "RecordingEvents",
    "RecordingMailer",
    "SentMail",
    "UserRepositoryContract",
]
