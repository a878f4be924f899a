"""The language of a mail."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.ports.events import LocaleResolverFailed
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.languages import Locales, is_language_tag, lookup_language
from bymax_auth.testing import RecordingEvents
from bymax_auth.types.account import AuthUser
from bymax_auth.types.context import RequestContext
from tests.unit.services.parts import CONTEXT, Broken, admin, user

LANGUAGES = ("en", "pt", "es", "zh-Hant")
IN_SPANISH = replace(CONTEXT, sanitized_headers={"accept-language": "es-MX, en;q=0.5"})


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("pt", "pt"),
        ("PT-br", "pt"),
        ("fr, pt;q=0.3, es;q=0.4", "es"),
        ("fr-CA, fr;q=0.9, es;q=0.5, en;q=0.5", "es"),
        ("es;q=0.5, pt", "pt"),
        ("es;q=1, pt", "es"),
        ("pt\t; q=0.8,\t en ;Q=0.9", "en"),
        ("zh-Hant-CN-x-private1-private2", "zh-Hant"),
        ("zh-Hans, *;q=0.5", None),
        ("pt-BR, pt;q=0", None),
        ("pt;q=0.000, es-419;q=0.001", "es"),
        ("*", None),
        ("*, es;q=0.1", "es"),
        ("ja", None),
        ("", None),
        (" , ,es", "es"),
        ("es;q=1.5, pt;q=0.9999, en;q=", None),
        ("es;level=1", None),
        ("portuguese, p_t, pt-, -pt, 12", None),
        (",".join(["ja"] * 31 + ["es"]), "es"),
        (",".join(["ja"] * 32 + ["es"]), None),
        ("es" + " " * 1022, "es"),
        ("es" + " " * 1023, None),
    ],
)
def test_a_browser_chooses_among_the_languages_there_are(accepted: str, chosen: str | None) -> None:
    """A person who reads no English would have a mail in English, beside one that they could read."""
    assert lookup_language(accepted, LANGUAGES) == chosen


def test_a_single_letter_is_never_the_end_of_a_range() -> None:
    """Source: RFC 4647 §3.4: a range whose end introduces what was cut off means nothing."""
    assert lookup_language("zh-a-yue-b", ("zh-a", "zh")) == "zh"
    assert lookup_language("x-pig-latin", ("x",)) is None


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("pt", True),
        ("pt-BR", True),
        ("zh-Hant-TW", True),
        ("e" + "-abcdefg" * 4 + "-a", True),
        ("e" + "-abcdefg" * 4 + "-ab", False),
        ("pt_BR", False),
        ("pt\n", False),
        ("", False),
    ],
)
def test_only_the_form_of_a_tag_is_a_tag(text: str, valid: bool) -> None:
    """What a resolver returns would reach a header or a file name of the provider."""
    assert is_language_tag(text) is valid


class Resolving:
    """A host's choice: answering, raising or never returning."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[RequestContext, AuthUser]] = []

    async def __call__(self, context: RequestContext, user: AuthUser) -> str | None:
        self.asked.append((context, user))
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer == "hang":
            await asyncio.Event().wait()
        tag: str | None = self.answer
        return tag


def locales(failures: FailureReporter, answer: Any, seconds: int = 60) -> tuple[Locales, Resolving]:
    resolver = Resolving(answer)
    timeout = timedelta(seconds=seconds)
    return (
        Locales(languages=LANGUAGES, resolver=resolver, timeout=timeout, failures=failures),
        resolver,
    )


async def test_a_host_that_knows_better_is_asked_first(failures: FailureReporter) -> None:
    """A person who chose a language in the settings would get another one from a borrowed computer."""
    chosen, resolver = locales(failures, "pt-BR")
    assert await chosen.of(IN_SPANISH, user()) == "pt-BR"
    assert resolver.asked == [(IN_SPANISH, user())]


@pytest.mark.parametrize(
    ("answer", "exception"),
    [(Broken(), "Broken"), (5, "TypeError"), ("pt_BR", "TypeError"), ("", "TypeError")],
)
async def test_a_broken_resolver_leaves_the_choice_to_the_browser(
    failures: FailureReporter, events: RecordingEvents, answer: Any, exception: str
) -> None:
    """The mail with the code would not be sent at all."""
    chosen, _ = locales(failures, answer)
    assert await chosen.of(IN_SPANISH, user()) == "es"
    assert events.events == [LocaleResolverFailed(origin="locale_resolver", exception=exception)]


async def test_a_resolver_that_hangs_is_given_up(failures: FailureReporter, events: RecordingEvents) -> None:
    """Every mail would be late, and none would be sent."""
    chosen, _ = locales(failures, "hang", seconds=0)
    assert await chosen.of(IN_SPANISH, user()) == "es"
    assert events.names == ["email.locale_resolver_failed"]


async def test_a_resolver_may_leave_the_choice_to_the_browser(
    failures: FailureReporter, events: RecordingEvents
) -> None:
    """A host that knows some people's language could name no other's."""
    chosen, _ = locales(failures, None)
    assert await chosen.of(IN_SPANISH, user()) == "es"
    assert await chosen.of(RequestContext(), user()) is None
    assert events.events == []


async def test_a_provider_without_languages_gets_none(failures: FailureReporter) -> None:
    """A provider with one language would be told to write another."""
    silent = Locales(languages=(), resolver=None, timeout=timedelta(minutes=1), failures=failures)
    assert await silent.of(IN_SPANISH, user()) is None


async def test_a_hosts_choice_is_not_asked_for_about_an_administrator(failures: FailureReporter) -> None:
    """A resolver that expects a tenant would fail at every mail to an operator."""
    chosen, resolver = locales(failures, "pt-BR")
    assert await chosen.of(IN_SPANISH, admin()) == "es"
    assert resolver.asked == []
