"""
Identifiers of accounts, counters and codes in stores: keyed digests.

Every preimage of a key, counter or lock is built here and nowhere else.  Addresses, user ids and six-digit
codes can be found by exhaustive search, so none of them is identified by an unkeyed digest.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final, Self

from bymax_auth.crypto.digest import KeyedDigest
from bymax_auth.errors import FieldError, ValidationFailed
from bymax_auth.ports.attempts import CounterId
from bymax_auth.ports.invitations import InviteeId
from bymax_auth.ports.one_time import OtpId, OtpPurpose
from bymax_auth.services.client_networks import client_networks
from bymax_auth.types.identity import Realm, Subject, SubjectFactory

__all__ = ["FactorCounter", "Identifiers"]

_ROUTE_DIGITS: Final = 4
_IDENTITY_DIGITS: Final = 32
"""Shorter than a token or a whole digest, because addresses of requests are logged."""
_SUBJECTS_KEPT: Final = 4096
_BINDING_LABEL: Final = "bymax-auth:mfa:"


class FactorCounter(StrEnum):
    """What is counted around a second factor, each with its own limit."""

    CHALLENGE = "challenge"
    """Codes of a sign-in."""

    CHANGE = "disable"
    """Codes of a signed-in owner, who enables, disables or gets new recovery codes."""

    SETUP = "reauth"
    """Passwords that begin an enrolment."""


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Derives every identifier of one deployment under its identifier key."""

    digest: KeyedDigest
    # Nearly every request needs a subject, and mostly one that was derived a moment ago.
    subject: Callable[[Realm, str, str | None], Subject] = field(init=False, repr=False, compare=False)
    """
    Return the account's identifier in stores, for its realm, user id and tenant id.

    Raises `ValidationFailed` for a dashboard account without a tenant, a platform account with one,
    and an id that is not valid text.
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", lru_cache(maxsize=_SUBJECTS_KEPT)(self._derive))

    @classmethod
    def of_key(cls, key: bytes) -> Self:
        """Return the identifiers under an identifier key."""
        return cls(KeyedDigest(key))

    def subject_factory(self, realm: Realm) -> SubjectFactory:
        """Return `subject` with the realm filled in."""

        def subject_of(user_id: str, tenant_id: str | None) -> Subject:
            return self.subject(realm, user_id, tenant_id)

        return subject_of

    def login_counter(self, realm: Realm, tenant_id: str | None, email: str) -> CounterId:
        """
        Return the counter of failed sign-ins with a canonical address.

        The realm is part of it, so a tenant named ``platform`` cannot lock platform administrators out.

        Raises:
            ValidationFailed: The tenant does not fit the realm.
        """
        _require_tenant_of(realm, tenant_id)
        scope = realm.value if tenant_id is None else f"{realm.value}:{tenant_id}"
        hashed = self._hex(f"{scope}:{email}", "email")
        return CounterId(hashed, hashed[:_ROUTE_DIGITS])

    def reauthentication_counter(self, flow: str, subject: Subject) -> CounterId:
        """Return the counter of wrong current passwords given by a signed-in caller of `flow`."""
        preimage = _subject_preimage(subject.realm, subject.user_id, subject.tenant_id)
        return CounterId(self._hex(f"reauth:{flow}:{preimage}", "userId"), subject.route)

    def factor_counter(self, counted: FactorCounter, subject: Subject) -> CounterId:
        """Return the counter of wrong codes, or wrong passwords, that concern an account's second factor."""
        preimage = _subject_preimage(subject.realm, subject.user_id, subject.tenant_id)
        return CounterId(self._hex(f"{counted.value}:{preimage}", "userId"), subject.route)

    def factor_code(self, subject: Subject, code: str) -> str:
        """Return the identifier of a used code; equal codes of two accounts have different ones."""
        preimage = _subject_preimage(subject.realm, subject.user_id, subject.tenant_id)
        return self._hex(f"{preimage}:{code}", "code")

    def linked_identity(self, subject: Subject, provider: str, provider_id: str) -> str:
        """Return the name under which an account's identity of a provider is shown to its owner."""
        preimage = _subject_preimage(subject.realm, subject.user_id, subject.tenant_id)
        named = self._hex(f"identity:{preimage}:{len(provider)}:{provider}:{provider_id}", "providerId")
        return named[:_IDENTITY_DIGITS]

    def factor_binding(self, subject: Subject) -> bytes:
        """Return the associated data that binds an encrypted secret to its account."""
        preimage = _subject_preimage(subject.realm, subject.user_id, subject.tenant_id)
        return f"{_BINDING_LABEL}{preimage}".encode()

    def otp(self, purpose: OtpPurpose, tenant_id: str, email: str) -> OtpId:
        """Return the identifier of the code of a canonical address for `purpose`."""
        hashed = self._hex(f"{tenant_id}:{email}", "email")
        return OtpId(purpose, hashed, self._hex(f"otp:{purpose.value}:{hashed}", "email"))

    def wrong_codes(self, otp: OtpId) -> CounterId:
        """Return the counter of wrong codes, over all codes of a day."""
        return CounterId(otp.ceiling, otp.hash[:_ROUTE_DIGITS])

    def otp_fingerprint(self, otp: OtpId, code: str) -> str:
        """
        Return the fingerprint that a store keeps of a code; equal codes of two addresses have different ones.

        Raises:
            ValidationFailed: The code is not valid text.
        """
        return self._hex(f"{otp.hash}:{code}", "otp")

    def invitee(self, tenant_id: str, email: str) -> InviteeId:
        """Return the identifier of a canonical address that is invited into a tenant."""
        length = len(tenant_id.encode("utf-8", "surrogatepass"))
        scoped = self._hex(f"{length}:{tenant_id}:{email}", "email")
        return InviteeId(tenant_id, self._hex(email, "email"), scoped)

    def rate_bucket(self, ip: str) -> str:
        """Return the identifier of the bucket in which a client's requests are counted."""
        return self._hex(client_networks(ip)[0], "ip")

    def wider_rate_buckets(self, ip: str) -> tuple[str, ...]:
        """Return those of the networks that the client's belongs to, narrowest first: none in IPv4."""
        return tuple(self._hex(network, "ip") for network in client_networks(ip)[1:])

    def _derive(self, realm: Realm, user_id: str, tenant_id: str | None) -> Subject:
        hashed = self._hex(_subject_preimage(realm, user_id, tenant_id), "userId")
        return Subject(realm, user_id, tenant_id, hashed)

    def _hex(self, preimage: str, name: str) -> str:
        try:
            return self.digest.hex(preimage)
        except UnicodeEncodeError:
            raise ValidationFailed(fields=(FieldError(name, "must be valid text"),)) from None


def _subject_preimage(realm: Realm, user_id: str, tenant_id: str | None) -> str:
    """The length of the tenant id makes it injective: no other pair has the same preimage."""
    _require_tenant_of(realm, tenant_id)
    if tenant_id is None:
        return f"{realm.value}:{user_id}"
    length = len(tenant_id.encode("utf-8", "surrogatepass"))
    return f"{realm.value}:{length}:{tenant_id}:{user_id}"


def _require_tenant_of(realm: Realm, tenant_id: str | None) -> None:
    """The realm decides whether a tenant is required; its absence never changes the realm."""
    if realm is Realm.DASHBOARD and not tenant_id:
        raise ValidationFailed(fields=(FieldError("tenantId", "is required"),))
    if realm is Realm.PLATFORM and tenant_id is not None:
        raise ValidationFailed(fields=(FieldError("tenantId", "must be absent"),))
