"""Names in stores: what they refuse, and what they keep apart."""

import re

import pytest

from bymax_auth.crypto.digest import KeyedDigest
from bymax_auth.errors import ValidationFailed
from bymax_auth.ports.one_time import OtpPurpose
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.types.identity import Realm


def test_identifiers_of_one_digest_are_equal_and_print_nothing_of_it() -> None:
    """What is derived from them is the same, whatever each has derived already."""
    digest = KeyedDigest(bytes(32))
    one = Identifiers(digest)
    assert one == Identifiers(digest)
    assert repr(one) == "Identifiers(digest=KeyedDigest([REDACTED]))"


@pytest.mark.parametrize(
    ("realm", "tenant_id"),
    [(Realm.DASHBOARD, None), (Realm.DASHBOARD, ""), (Realm.PLATFORM, "acme"), (Realm.PLATFORM, "")],
)
def test_a_tenant_that_does_not_fit_the_realm_is_refused(
    identifiers: Identifiers, realm: Realm, tenant_id: str | None
) -> None:
    """An operator's record with a tenant could be mistaken for a user's, and the reverse."""
    with pytest.raises(ValidationFailed) as subject:
        identifiers.subject(realm, "u1", tenant_id)
    with pytest.raises(ValidationFailed) as counter:
        identifiers.login_counter(realm, tenant_id, "ana@example.com")

    assert [error.field for error in (*subject.value.fields, *counter.value.fields)] == ["tenantId"] * 2


@pytest.mark.parametrize(("user_id", "tenant_id"), [("u\ud800", "acme"), ("u1", "ac\ud800me")])
def test_text_that_cannot_be_encoded_is_refused_and_does_not_crash(
    identifiers: Identifiers, user_id: str, tenant_id: str
) -> None:
    """JSON may spell half a character; a request that does must get an answer, not a failure."""
    with pytest.raises(ValidationFailed):
        identifiers.subject(Realm.DASHBOARD, user_id, tenant_id)


def test_a_tenant_named_platform_has_counters_of_its_own(identifiers: Identifiers) -> None:
    """A tenant could otherwise lock the platform's operators out."""
    tenant = identifiers.login_counter(Realm.DASHBOARD, "platform", "ops@example.com")

    assert tenant != identifiers.login_counter(Realm.PLATFORM, None, "ops@example.com")


def test_purposes_count_wrong_codes_apart(identifiers: Identifiers) -> None:
    """Guessing at a verification code must not use up the guesses at a reset code."""
    verification, reset = (identifiers.otp(purpose, "acme", "ana@example.com") for purpose in OtpPurpose)

    assert verification.ceiling != reset.ceiling


def test_equal_codes_of_two_addresses_do_not_look_alike(identifiers: Identifiers) -> None:
    """Whoever reads the store could otherwise try one code on many accounts."""
    ana, ben = (identifiers.otp(OtpPurpose.PASSWORD_RESET, "acme", name) for name in ("ana@x.io", "ben@x.io"))

    assert identifiers.otp_fingerprint(ana, "123456") != identifiers.otp_fingerprint(ben, "123456")


def test_an_identity_is_named_by_32_digits_that_no_other_has(identifiers: Identifiers) -> None:
    """A page would show its owner an identity, and unlink another; the routes take no other length."""
    mine, theirs = (identifiers.subject(Realm.DASHBOARD, name, "acme") for name in ("u1", "u2"))
    names = {
        identifiers.linked_identity(mine, "google", "1"),
        identifiers.linked_identity(theirs, "google", "1"),
        identifiers.linked_identity(mine, "google", "2"),
        identifiers.linked_identity(mine, "google:1", ""),
        identifiers.linked_identity(mine, "goog", "le:1"),
    }
    assert len(names) == 5
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)


def test_an_ipv4_client_keeps_its_whole_address(identifiers: Identifiers) -> None:
    """Two neighbours on the internet do not share a rate limit."""
    assert identifiers.rate_bucket("203.0.113.9") != identifiers.rate_bucket("203.0.113.10")


def test_the_wider_networks_of_a_client_are_others_than_its_own(identifiers: Identifiers) -> None:
    """One request would be counted twice in one bucket, and the client be refused after half as many."""
    assert identifiers.wider_rate_buckets("203.0.113.9") == ()
    assert identifiers.wider_rate_buckets("") == ()
    counted = (identifiers.rate_bucket("2001:db8::9"), *identifiers.wider_rate_buckets("2001:db8::9"))
    assert len({*counted}) == 3
