"""
What a host's tests need: a clock that never waits, a mailer that keeps codes, recorded events.

Nothing here reaches for a network, a real clock or a mock of the library.
"""

from bymax_auth.testing.clock import FakeClock
from bymax_auth.testing.events import RecordingEvents
from bymax_auth.testing.mail import RecordingMailer, SentMail

__all__ = ["FakeClock", "RecordingEvents", "RecordingMailer", "SentMail"]
