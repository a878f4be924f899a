"""How varied a secret is, and which ones everybody knows."""

import re
from pathlib import Path

import pytest

from bymax_auth.config.checks.published_secrets import is_published
from bymax_auth.config.checks.second_factor import decoded_key
from bymax_auth.config.checks.secrets import entropy_bits

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("0123456789abcdef" * 2, 4.0),
        ("aabbccddeeffgghhiiiijjjjkkkkllll", 3.5),
        ("aaaabbbbccccddddeeeeffffgggghhhh", 3.0),
        ("abcdefgh" * 4, 3.0),
        ("a" * 32, 0.0),
        ("", 0.0),
        ("😀é" * 16, 1.0),
    ],
)
def test_entropy_is_counted_over_code_points(text: str, bits: float) -> None:
    """Counting otherwise would refuse secrets that siblings accept."""
    assert entropy_bits(text) == bits


@pytest.mark.parametrize(
    "text",
    [
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    ],
)
def test_a_key_is_read_with_and_without_padding(text: str) -> None:
    """Tools print both."""
    assert decoded_key(text) == bytes(range(32))


def test_a_key_is_read_in_both_alphabets() -> None:
    """Tools print both."""
    assert decoded_key("-_-_") == decoded_key("+/+/") == bytes.fromhex("fbffbf")


@pytest.mark.parametrize("text", ["A", "AAAAA", "AB", "AA=", "A===", "+_AA", "AA==\n", "AA AA", "ÄÄÄÄ"])
def test_a_key_in_another_form_is_refused(text: str) -> None:
    """One key in two spellings would pass for two keys."""
    assert decoded_key(text) is None


def test_every_secret_in_documents_and_examples_is_known_as_published() -> None:
    """Somebody will paste the example's secret into production."""
    pattern = re.compile(
        r"(?:jwt_|identifier_)?secret[\"']?\s*[:=]\s*(?:Secret\()?[\"']([^\"'{}$]{32,})[\"']", re.IGNORECASE
    )
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.py")]
    printed = {secret for path in files for secret in pattern.findall(path.read_text("utf-8"))}

    assert {secret for secret in printed if not is_published(secret)} == set()


@pytest.mark.parametrize("secret", ["0123456789abcdef" * 2, "please-CHANGE-ME-before-production!!"])
def test_a_published_secret_is_recognised(secret: str) -> None:
    """Signing with one lets anybody sign."""
    assert is_published(secret)


def test_a_random_secret_is_not() -> None:
    """A fresh key must never be refused."""
    assert not is_published("kW7vR2mQx9Zt4LbN8cYp3HsD6fJg1TaE"[::-1])
