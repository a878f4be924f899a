"""
Signatures that other services make or check, by joserfc (extra ``oauth``).

Only signatures by a private key are known.  ``none`` and ``HS256`` have no member, so no token can ask for
them, whatever an allow-list says.
"""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Self

from bymax_auth.errors.extras import needs_extra

with needs_extra("oauth", ("cryptography", "joserfc")):
    from cryptography.exceptions import UnsupportedAlgorithm
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, OKPKey, RSAKey
    from joserfc.jws import JWSRegistry

__all__ = ["PublicKey", "SignatureAlgorithm", "SigningKey"]

_MIN_RSA_BITS: Final = 2048
_MAX_MEMBER: Final = 2_048
"""Characters of a key's number; 8192 bits have 1366."""
_MEMBERS: Final = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
_ED25519: Final = "Ed25519"
_CURVES_OF: Final = {"EC": frozenset({"P-256", "P-384", "P-521"}), "OKP": frozenset({_ED25519})}


class SignatureAlgorithm(StrEnum):
    """``alg`` of a signature.  Source: RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2."""

    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    PS256 = "PS256"
    PS384 = "PS384"
    PS512 = "PS512"
    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    EDDSA = "EdDSA"
    """With Ed25519 alone."""

    ED25519 = "Ed25519"

    @property
    def hash_name(self) -> str:
        """The hash function of the algorithm, for `hashlib`."""
        return "sha512" if self in _EDWARDS else f"sha{self.value[-3:]}"


_EDWARDS: Final = frozenset({SignatureAlgorithm.EDDSA, SignatureAlgorithm.ED25519})
_CURVES: Final = {
    SignatureAlgorithm.ES256: "P-256",
    SignatureAlgorithm.ES384: "P-384",
    SignatureAlgorithm.ES512: "P-521",
    SignatureAlgorithm.EDDSA: _ED25519,
    SignatureAlgorithm.ED25519: _ED25519,
}


class PublicKey:
    """A key of a JWK Set that may check signatures."""

    __slots__ = ("_algorithm", "_curve", "_key", "issuer", "key_id")

    def __init__(self, key: RSAKey | ECKey | OKPKey, members: Mapping[str, object]) -> None:
        self._key: Final = key
        self._curve: Final = members.get("crv")
        self._algorithm: Final = members.get("alg")
        self.key_id: Final = members.get("kid")
        self.issuer: Final = members.get("issuer")
        """The only issuer whose tokens the key signs, which Microsoft states."""

    @classmethod
    def read(cls, members: Mapping[str, object]) -> Self | None:
        """
        Return the key that a JWK describes, ``None`` for one that is of no use here.

        A set may hold keys of another kind or for another use, which are ignored.  Source: RFC 7517 §5.
        """
        if not _may_verify(members):
            return None
        try:
            key = _import(members)
        except (JoseError, ValueError):
            return None
        return None if key is None else cls(key, members)

    def fits(self, algorithm: SignatureAlgorithm) -> bool:
        """Return whether the key is one for `algorithm`, and made for no other."""
        if algorithm in _CURVES:
            suitable = self._curve == _CURVES[algorithm]
        else:
            suitable = isinstance(self._key, RSAKey)
        edwards = algorithm in _EDWARDS and self._algorithm in _EDWARDS
        return suitable and (self._algorithm in {None, algorithm.value} or edwards)

    def has_signed(self, message: bytes, signature: bytes, algorithm: SignatureAlgorithm) -> bool:
        """Return whether `signature` is one of `message` by the key's owner."""
        # The registry's own look-up warns of EdDSA's name, and would let the token choose the algorithm.
        return self.fits(algorithm) and JWSRegistry.algorithms[algorithm.value].verify(
            message, signature, self._key
        )


class SigningKey:
    """
    A private key on P-256, which signs with ES256.

    Raises:
        ValueError: The text is no such key in PEM.
    """

    __slots__ = ("_key",)

    def __init__(self, pem: str) -> None:
        key = _signing_key(pem)
        # Raised here, without the parser's error, which may quote what it was given.
        if key is None:
            raise ValueError("The signing key is not a private key on P-256 in PEM.")
        self._key: Final = key

    @classmethod
    def generate(cls) -> Self:
        """Return a new key."""
        return cls(ECKey.generate_key("P-256").as_pem(private=True).decode("ascii"))

    @property
    def public_members(self) -> Mapping[str, object]:
        """The JWK of whoever checks signatures.  Source: RFC 7518 §6.2.1."""
        return dict(self._key.as_dict(private=False))

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`."""
        return JWSRegistry.algorithms[SignatureAlgorithm.ES256.value].sign(message, self._key)

    def __repr__(self) -> str:
        return "SigningKey([REDACTED])"


def _may_verify(members: Mapping[str, object]) -> bool:
    operations = members.get("key_ops", ["verify"])
    named = isinstance(members.get("alg", ""), str)
    may_verify = isinstance(operations, list) and "verify" in operations
    return named and may_verify and members.get("use", "sig") == "sig"


def _import(members: Mapping[str, object]) -> RSAKey | ECKey | OKPKey | None:
    """Return the key, from its public members alone."""
    kind = members.get("kty")
    if not isinstance(kind, str) or kind not in _MEMBERS:
        return None
    public: dict[str, str | list[str]] = {"kty": kind}
    for name in _MEMBERS[kind]:
        value = members.get(name)
        if not isinstance(value, str) or len(value) > _MAX_MEMBER:
            return None
        public[name] = value
    if kind != "RSA" and public["crv"] not in _CURVES_OF[kind]:
        return None
    if kind == "RSA":
        # joserfc takes a shorter one, with a warning.  Source: RFC 7518 §3.3.
        modulus = int.from_bytes(urlsafe_b64decode(f"{public['n']}=="))
        return RSAKey.import_key(public) if modulus.bit_length() >= _MIN_RSA_BITS else None
    if kind == "EC":
        return ECKey.import_key(public)
    return OKPKey.import_key(public)


def _signing_key(pem: str) -> ECKey | None:
    try:
        key = ECKey.import_key(pem)
        return key if key.is_private and key.curve_name == "P-256" else None
    except (JoseError, ValueError, KeyError, UnsupportedAlgorithm, TypeError):
        # KeyError for a curve without a name, UnsupportedAlgorithm for an unknown one, TypeError for a key
        # that is encrypted.
        return None
