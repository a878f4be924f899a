"""
Mail providers and password checks that are part of the library.

The SMTP sink needs the extra ``smtp`` and is imported from `bymax_auth.providers.smtp`; the check against
Have I Been Pwned needs the extra ``breach``, and is imported from `bymax_auth.providers.hibp`.
"""

from bymax_auth.providers.breach import AllowAllBreachChecker, CombinedBreachChecker, CommonPasswordChecker
from bymax_auth.providers.catalogue import (
    AuthEmailCatalogue,
    AuthEmailMessage,
    DefaultAuthEmailCatalogue,
    MultilingualCatalogue,
    RecipientCatalogue,
)
from bymax_auth.providers.console import ConsoleEmailSink
from bymax_auth.providers.mail import AuthEmailSink, DefaultAuthEmailProvider, OutgoingEmail
from bymax_auth.services.no_email import NoOpEmailProvider

__all__ = [
    "AllowAllBreachChecker",
    "AuthEmailCatalogue",
    "AuthEmailMessage",
    "AuthEmailSink",
    "CombinedBreachChecker",
    "CommonPasswordChecker",
    "ConsoleEmailSink",
    "DefaultAuthEmailCatalogue",
    "DefaultAuthEmailProvider",
    "MultilingualCatalogue",
    "NoOpEmailProvider",
    "OutgoingEmail",
    "RecipientCatalogue",
]
