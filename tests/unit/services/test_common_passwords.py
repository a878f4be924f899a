"""Which passwords are too well known."""

import json
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.services.common_passwords import CommonPasswordChecker, reduce_to_base_word

KNOWN: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "conformance" / "common-passwords.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", KNOWN["base_words"], ids=lambda vector: vector["password"])
def test_a_password_is_reduced_to_the_word_it_is_built_on(vector: dict[str, str]) -> None:
    """Decorating a common word would make it acceptable."""
    assert reduce_to_base_word(vector["password"]) == vector["base"]


@pytest.mark.parametrize("password", KNOWN["refused"])
async def test_a_password_that_guessers_try_first_is_refused(password: str) -> None:
    """An account would fall to the first page of a word list."""
    assert await CommonPasswordChecker().is_breached(password) is True


@pytest.mark.parametrize(
    ("password", "breached"),
    [
        ("xkq98765", True),
        ("xkqv9876", False),
        ("xkqvxkqvxkqv", True),
        ("xkqvxkqv", False),
        ("xkqvjxkqvjxkqvj", False),
        ("jjjjjjjjjjj", True),
    ],
)
async def test_words_are_of_four_letters_and_repeated_parts_of_up_to_four(
    password: str, breached: bool
) -> None:
    """Three letters and digits are guessed in minutes; stricter rules would refuse what nobody guesses."""
    assert await CommonPasswordChecker().is_breached(password) is breached


@pytest.mark.parametrize("password", ["dragonbalcony", "dragonwindmill"])
async def test_a_common_word_followed_by_another_word_is_accepted(password: str) -> None:
    """Two words would be refused or not by the alphabetical order of the second."""
    assert await CommonPasswordChecker().is_breached(password) is False


@pytest.mark.parametrize("password", ["hgfedcba", "lkjhgfdsa", "mnbvcxz1"])
async def test_a_run_of_keys_is_refused_backwards_as_well(password: str) -> None:
    """Whoever tries one way tries the other."""
    assert await CommonPasswordChecker().is_breached(password) is True


@pytest.mark.parametrize("password", KNOWN["allowed"])
async def test_a_password_of_any_script_is_accepted(password: str) -> None:
    """Somebody who writes another alphabet could not register."""
    assert await CommonPasswordChecker().is_breached(password) is False


@pytest.mark.parametrize("password", KNOWN["refused_with_extra_word"]["passwords"])
async def test_a_host_adds_words_of_its_own(password: str) -> None:
    """The company's name would be everyone's password."""
    assert await CommonPasswordChecker().is_breached(password) is False
    assert (
        await CommonPasswordChecker([KNOWN["refused_with_extra_word"]["word"]]).is_breached(password) is True
    )


@pytest.mark.parametrize(
    ("password", "breached"), [("", True), ("   ", True), ("\ud800", True), ("a\u0300" * 3 + "b", False)]
)
async def test_odd_text_is_judged_without_an_error(password: str, breached: bool) -> None:
    """Hostile text would turn a refusal into a server error."""
    assert await CommonPasswordChecker().is_breached(password) is breached


async def test_a_combining_mark_is_part_of_the_word() -> None:
    """A word that ends in a mark, as many scripts have it, would lose its last letters."""
    assert reduce_to_base_word("नमस्ते१२३") == "नमस्ते"


async def test_an_extra_word_without_letters_refuses_nothing_more() -> None:
    """A product that is named by a number would make every registration a server error."""
    assert await CommonPasswordChecker(["2024"]).is_breached("xkqvjwzy") is False
