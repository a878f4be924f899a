"""
Names under which stores keep things: keyed digests of who and what they concern.

Every preimage that a key, counter or lock is derived from is written here and nowhere else.  An
address, a user id or a six-digit code is small enough to be searched for, so none of them is
ever named by a bare digest.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Self

from bymax_auth.crypto.digest import KeyedDigest
from bymax_auth.errors import FieldError, ValidationFailed
from bymax_auth.ports.attempts import CounterId
from bymax_auth.ports.one_time import OtpId, OtpPurpose
from bymax_auth.types.identity import Realm, Subject, SubjectFactory

__all__ = ["Identifiers"]

_UNKNOWN_CLIENT: Final = "unknown"
_ROUTE_DIGITS: Final = 4
_LOW_HALF_BITS: Final = 64
_SUBJECTS_KEPT: Final = 4096


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Derives every identifier of one deployment under its identifier key."""

    digest: KeyedDigest
    # Nearly every request asks for a subject, and mostly for one that has just been asked for.
    _known: Callable[[Realm, str, str | None], Subject] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", lru_cache(maxsize=_SUBJECTS_KEPT)(self._derive))

    @classmethod
    def of_key(cls, key: bytes) -> Self:
        """Return the identifiers under an identifier key."""
        return cls(KeyedDigest(key))

    def subject(self, realm: Realm, user_id: str, tenant_id: str | None) -> Subject:
        """
        Return the account's name in stores and tokens.

        Raises:
            ValidationFailed: A dashboard account without a tenant, a platform account with one,
                or an id that is not valid text.
        """
        return self._known(realm, user_id, tenant_id)

    def subject_factory(self, realm: Realm) -> SubjectFactory:
        """Return `subject` with the realm filled in."""

        def subject_of(user_id: str, tenant_id: str | None) -> Subject:
            return self.subject(realm, user_id, tenant_id)

        return subject_of

    def login_counter(self, realm: Realm, tenant_id: str | None, email: str) -> CounterId:
        """
        Return the counter of failed sign-ins with a canonical address.

        The realm is part of it, so a tenant that calls itself ``platform`` cannot lock operators out.

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

    def otp(self, purpose: OtpPurpose, tenant_id: str, email: str) -> OtpId:
        """Return the name of the code that a canonical address may hold for `purpose`."""
        hashed = self._hex(f"{tenant_id}:{email}", "email")
        return OtpId(purpose, hashed, self._hex(f"otp:{purpose.value}:{hashed}", "email"))

    def otp_fingerprint(self, otp: OtpId, code: str) -> str:
        """
        Return what a store keeps instead of the code; equal codes of two addresses differ.

        Raises:
            ValidationFailed: The code is not valid text.
        """
        return self._hex(f"{otp.hash}:{code}", "otp")

    def rate_bucket(self, ip: str) -> str:
        """Return the name of the bucket that a client's requests are counted in."""
        return self._hex(_client_bucket(ip), "ip")

    def _derive(self, realm: Realm, user_id: str, tenant_id: str | None) -> Subject:
        hashed = self._hex(_subject_preimage(realm, user_id, tenant_id), "userId")
        return Subject(realm, user_id, tenant_id, hashed)

    def _hex(self, preimage: str, name: str) -> str:
        try:
            return self.digest.hex(preimage)
        except UnicodeEncodeError:
            raise ValidationFailed(fields=(FieldError(name, "must be valid text"),)) from None


def _subject_preimage(realm: Realm, user_id: str, tenant_id: str | None) -> str:
    """The tenant's length makes it injective: neither a tenant nor an id can spell another pair."""
    _require_tenant_of(realm, tenant_id)
    if tenant_id is None:
        return f"{realm.value}:{user_id}"
    length = len(tenant_id.encode("utf-8", "surrogatepass"))
    return f"{realm.value}:{length}:{tenant_id}:{user_id}"


def _require_tenant_of(realm: Realm, tenant_id: str | None) -> None:
    """The realm selects the shape, never the presence of a tenant."""
    if realm is Realm.DASHBOARD and not tenant_id:
        raise ValidationFailed(fields=(FieldError("tenantId", "is required"),))
    if realm is Realm.PLATFORM and tenant_id is not None:
        raise ValidationFailed(fields=(FieldError("tenantId", "must be absent"),))


def _client_bucket(ip: str) -> str:
    """
    Say whose requests are counted together: an IPv4 address, or the /64 that one IPv6 client owns.

    What is no address shares one bucket, so that leaving it out gains nothing.
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return _UNKNOWN_CLIENT
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    prefix = int(address) >> _LOW_HALF_BITS
    groups = [f"{prefix >> shift & 0xFFFF:x}" for shift in (48, 32, 16, 0)]
    return ":".join([*groups, "0", "0", "0", "0"])
