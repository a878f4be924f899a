"""The language of a mail: what its reader's browser asked for, or what the host's resolver says."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bymax_auth.config.resolvers import LocaleResolver
from bymax_auth.ports.events import LocaleResolverFailed
from bymax_auth.services.failures import FailureReporter, class_name
from bymax_auth.types.account import Account, AuthUser
from bymax_auth.types.context import RequestContext

__all__ = ["Locales", "is_language_tag", "lookup_language"]

_HEADER_MAXIMUM: Final = 1024
_RANGES_MAXIMUM: Final = 32
_TAG_MAXIMUM: Final = 35
"""Source: RFC 5646 §4.4.1, a buffer of 35 characters is enough for every tag but extensions."""

_is_tag: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*").fullmatch
_is_weight: Final = re.compile(r"[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)").fullmatch


def is_language_tag(text: str) -> bool:
    """Return whether the text has the form of a BCP 47 tag, in at most 35 characters."""
    return len(text) <= _TAG_MAXIMUM and _is_tag(text) is not None


def lookup_language(accepted: str, languages: Sequence[str]) -> str | None:
    """
    Return the one of `languages` that suits the value of an ``Accept-Language`` field best.

    A language that the field excludes with a weight of 0 is not chosen, and ``*`` chooses nothing: the
    provider's default is then used.  A field of more than 1024 characters is not read.

    Source: RFC 9110 §12.5.4; RFC 4647 §3.4, "the language range is progressively truncated from the end".
    """
    if len(accepted) > _HEADER_MAXIMUM:
        return None
    weighted = list(_ranges(accepted))
    refused = {text for text, weight in weighted if not weight}
    known = {language.lower(): language for language in languages if language.lower() not in refused}
    # Sorting is stable: ranges of one weight stay in the order in which the browser lists them.
    for text, _ in sorted(weighted, key=lambda one: -one[1]):
        for shorter in () if text in refused else _truncations(text):
            if shorter in known:
                return known[shorter]
    return None


def _ranges(accepted: str) -> Iterator[tuple[str, float]]:
    """Yield each well-formed range in lower case, with its weight."""
    for item in accepted.split(",", _RANGES_MAXIMUM)[:_RANGES_MAXIMUM]:
        text, semicolon, parameter = item.partition(";")
        text = text.strip(" \t")
        weight = _is_weight(parameter.strip(" \t"))
        if is_language_tag(text) and (weight or not semicolon):
            yield text.lower(), float(weight[1]) if weight else 1.0


def _truncations(text: str) -> Iterator[str]:
    """Yield the range and its prefixes; none ends with a single character, which introduces what follows."""
    subtags = text.split("-")
    while subtags:
        yield "-".join(subtags)
        subtags.pop()
        if subtags and len(subtags[-1]) == 1:
            subtags.pop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Locales:
    """
    Chooses the language of each mail.

    `languages` are those of the mail provider; without any, only `resolver` chooses.
    """

    languages: tuple[str, ...]
    resolver: LocaleResolver | None
    timeout: timedelta
    failures: FailureReporter

    async def of(self, context: RequestContext, user: Account) -> str | None:
        """
        Return a BCP 47 tag, or ``None`` for the provider's default.  A failed resolver is none at all.

        The resolver knows users of tenants; an administrator's language is the browser's.
        """
        if self.resolver is not None and isinstance(user, AuthUser):
            try:
                async with asyncio.timeout(self.timeout.total_seconds()):
                    resolved: object = await self.resolver(context, user)
                if resolved is not None:
                    return _tag(resolved)
            except Exception as error:  # noqa: BLE001 - a host's resolver may raise anything
                event = LocaleResolverFailed(origin="locale_resolver", exception=class_name(error))
                self.failures.note(event, error)
        accepted = context.sanitized_headers.get("accept-language", "") if self.languages else ""
        return lookup_language(accepted, self.languages)


def _tag(resolved: object) -> str:
    if not isinstance(resolved, str) or not is_language_tag(resolved):
        raise TypeError("A locale resolver returns a BCP 47 tag, or None.")
    return resolved
