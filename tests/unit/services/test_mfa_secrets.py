"""Encrypted TOTP secrets and pending codes."""

import json

import pytest

from bymax_auth.crypto.aead import AesGcmBox, DecryptError
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.mfa_secrets import MfaSecrets, OpenedSecret
from bymax_auth.types.identity import Realm, Subject

KEY, OLD = bytes(range(32)), b"o" * 32
RAW = b"12345678901234567890"
CODES = ("AAAA-BBBB", "CCCC-DDDD")


@pytest.fixture
def ana(identifiers: Identifiers) -> Subject:
    return identifiers.subject(Realm.DASHBOARD, "u1", "acme")


@pytest.fixture
def bob(identifiers: Identifiers) -> Subject:
    return identifiers.subject(Realm.DASHBOARD, "u2", "acme")


def secrets(identifiers: Identifiers, *keys: bytes, bound: bool = False) -> MfaSecrets:
    current, *previous = keys or (KEY,)
    box = AesGcmBox(current, tuple(previous))
    return MfaSecrets(box=box, identifiers=identifiers, binds_to_account=bound)


def test_a_secret_is_encrypted_as_its_base32_text(identifiers: Identifiers, ana: Subject) -> None:
    """Every implementation of the wire reads the same text."""
    sealed = secrets(identifiers).seal(ana, RAW)
    assert AesGcmBox(KEY).open(sealed) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert secrets(identifiers).open(ana, sealed) == OpenedSecret(RAW, is_stale=False)


def test_a_secret_is_stale_under_a_retired_key(identifiers: Identifiers, ana: Subject) -> None:
    """Whoever opens it stores it again, so that the key can leave."""
    sealed = secrets(identifiers, OLD).seal(ana, RAW)
    assert secrets(identifiers, KEY, OLD).open(ana, sealed) == OpenedSecret(RAW, is_stale=True)
    with pytest.raises(DecryptError):
        secrets(identifiers, KEY).open(ana, sealed)


def test_a_bound_secret_opens_for_its_account_alone(
    identifiers: Identifiers, ana: Subject, bob: Subject
) -> None:
    """Whoever can write to the table must not copy a secret to another row."""
    bound = secrets(identifiers, bound=True)
    sealed = bound.seal(ana, RAW)
    assert sealed.startswith("v2:")
    assert sealed.count(":") == 3
    assert not bound.open(ana, sealed).is_stale
    for stranger in (bob, identifiers.subject(Realm.PLATFORM, "u1", None)):
        with pytest.raises(DecryptError):
            bound.open(stranger, sealed)


def test_both_forms_are_read_whichever_is_configured(identifiers: Identifiers, ana: Subject) -> None:
    """The option can be changed without ending a second factor."""
    bound, unbound = secrets(identifiers, bound=True), secrets(identifiers)
    assert bound.open(ana, unbound.seal(ana, RAW)) == OpenedSecret(RAW, is_stale=True)
    assert unbound.open(ana, bound.seal(ana, RAW)) == OpenedSecret(RAW, is_stale=False)


@pytest.mark.parametrize("text", ["", "not base32!", "GEZDGNBVGY3TQOJR1"])
def test_what_is_no_secret_does_not_open(identifiers: Identifiers, ana: Subject, text: str) -> None:
    """A damaged row must not become a server error."""
    with pytest.raises(DecryptError):
        secrets(identifiers).open(ana, AesGcmBox(KEY).seal(text))
    with pytest.raises(DecryptError):
        secrets(identifiers).open(ana, text)


@pytest.mark.parametrize("bound", [False, True])
def test_pending_codes_come_back(identifiers: Identifiers, ana: Subject, bound: bool) -> None:
    """An owner who reloads the page sees the same list."""
    kept = secrets(identifiers, bound=bound)
    sealed = kept.seal_codes(ana, CODES)
    assert kept.open_codes(ana, sealed) == CODES
    if not bound:
        assert json.loads(AesGcmBox(KEY).open(sealed)) == list(CODES)


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", '"text"', "null"])
def test_what_is_no_list_of_codes_does_not_open(identifiers: Identifiers, ana: Subject, text: str) -> None:
    """A damaged record must not be shown as codes."""
    with pytest.raises(DecryptError):
        secrets(identifiers).open_codes(ana, AesGcmBox(KEY).seal(text))


def test_an_opened_secret_prints_nothing_of_itself() -> None:
    """A traceback with locals is where secrets end up."""
    assert repr(OpenedSecret(RAW, is_stale=True)) == "OpenedSecret(is_stale=True)"
