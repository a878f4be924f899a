"""The texts of the ten mails, one module for each language."""

from collections.abc import Mapping
from typing import Final

from bymax_auth.providers.wording.english import ENGLISH
from bymax_auth.providers.wording.portuguese import PORTUGUESE
from bymax_auth.providers.wording.spanish import SPANISH
from bymax_auth.providers.wording.wording import MailText, Wording

__all__ = ["WORDINGS", "MailText", "Wording"]

WORDINGS: Final[Mapping[str, Wording]] = {"en": ENGLISH, "pt": PORTUGUESE, "es": SPANISH}
"""The texts by BCP 47 tag."""
