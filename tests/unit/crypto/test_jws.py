"""Signatures by other services' keys: only a key that fits says anything about a token."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from bymax_auth.crypto.jws import PublicKey, SignatureAlgorithm, SigningKey
from bymax_auth.jwt import base64url

RSA = RSAKey.generate_key(2048)
CURVES = {curve: ECKey.generate_key(curve) for curve in ("P-256", "P-384", "P-521")}
ED25519 = OKPKey.generate_key("Ed25519")
MESSAGE = b"header.claims"

Key = RSAKey | ECKey | OKPKey
KEY_OF: dict[SignatureAlgorithm, Key] = {
    **{one: RSA for one in SignatureAlgorithm if one.value[:2] in {"RS", "PS"}},
    SignatureAlgorithm.ES256: CURVES["P-256"],
    SignatureAlgorithm.ES384: CURVES["P-384"],
    SignatureAlgorithm.ES512: CURVES["P-521"],
    SignatureAlgorithm.EDDSA: ED25519,
    SignatureAlgorithm.ED25519: ED25519,
}


UNKNOWN_CURVE = """-----BEGIN EC PRIVATE KEY-----
MD4CAQEEDpw75kohFlHErZt4gjg6oAcGBSuBBAAGoSADHgAEyhpxEam408n1w6HF
tt+sDjlGNZQX6YmAejfKRQ==
-----END EC PRIVATE KEY-----"""
"""On secp112r1."""


def pem_of(curve: ec.EllipticCurve, encryption: KeySerializationEncryption) -> str:
    key = ec.generate_private_key(curve)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def public(key: Any, **more: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **more}


def read(members: dict[str, Any]) -> PublicKey:
    key = PublicKey.read(members)
    assert key is not None
    return key


def signature(algorithm: SignatureAlgorithm, key: Key) -> bytes:
    return JWSRegistry.algorithms[algorithm.value].sign(MESSAGE, key)


@pytest.mark.parametrize("algorithm", SignatureAlgorithm)
def test_a_signature_is_that_of_its_message_and_algorithm_alone(algorithm: SignatureAlgorithm) -> None:
    """A signature that counts for anything else lets its bearer change what was signed."""
    key = KEY_OF[algorithm]
    made = signature(algorithm, key)
    mine = read(public(key))
    assert mine.has_signed(MESSAGE, made, algorithm)
    assert not mine.has_signed(MESSAGE + b"x", made, algorithm)
    assert not mine.has_signed(MESSAGE, made[:-1], algorithm)
    assert not mine.has_signed(MESSAGE, b"", algorithm)
    same = {SignatureAlgorithm.EDDSA, SignatureAlgorithm.ED25519}
    for other in SignatureAlgorithm:
        expected = other is algorithm or {algorithm, other} == same
        assert mine.has_signed(MESSAGE, made, other) is expected


@pytest.mark.parametrize("algorithm", SignatureAlgorithm)
def test_a_key_for_another_algorithm_checks_none(algorithm: SignatureAlgorithm) -> None:
    """A key that is used for two algorithms may break both."""
    key = KEY_OF[algorithm]
    made = signature(algorithm, key)
    assert read(public(key, alg=algorithm.value)).has_signed(MESSAGE, made, algorithm)
    for other in ("HS256", "RSA-OAEP", ""):
        assert not read(public(key, alg=other)).has_signed(MESSAGE, made, algorithm)


def test_both_names_of_one_algorithm_mean_the_same_key() -> None:
    """Providers are changing from the one name to the other."""
    made = signature(SignatureAlgorithm.EDDSA, ED25519)
    assert read(public(ED25519, alg="EdDSA")).has_signed(MESSAGE, made, SignatureAlgorithm.ED25519)
    assert read(public(ED25519, alg="Ed25519")).has_signed(MESSAGE, made, SignatureAlgorithm.EDDSA)


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [
        ("RS256", "sha256"),
        ("PS384", "sha384"),
        ("ES512", "sha512"),
        ("EdDSA", "sha512"),
        ("Ed25519", "sha512"),
    ],
)
def test_each_algorithm_has_its_hash(algorithm: str, name: str) -> None:
    """The hash of an access token would be compared with that of another function."""
    assert SignatureAlgorithm(algorithm).hash_name == name


@pytest.mark.parametrize("name", ["none", "HS256", "HS512", "ES256K", "Ed448", "rs256", ""])
def test_no_other_algorithm_has_a_name(name: str) -> None:
    """A name that exists can be asked for."""
    with pytest.raises(ValueError, match="SignatureAlgorithm"):
        SignatureAlgorithm(name)


OF_NO_USE: dict[str, dict[str, Any]] = {
    "a secret": OctKey.generate_key(256).as_dict(private=True),
    "no kind": {"n": "AQAB", "e": "AQAB"},
    "a kind that is no text": public(RSA, kty=["RSA"]),
    "an unknown kind": public(RSA, kty="AKP"),
    "for encryption": public(RSA, use="enc"),
    "for signing only": public(RSA, key_ops=["sign"]),
    "for an algorithm that is no text": public(RSA, alg=["RS256"]),
    "operations in text": public(RSA, key_ops="verify"),
    "short": {"kty": "RSA", "n": base64url.encode(b"\xc1" + bytes(126) + b"\x01"), "e": "AQAB"},
    "a number that is missing": {"kty": "RSA", "n": "AQAB"},
    "a number that is no text": public(RSA, e=65537),
    "a number that is too long": public(RSA, n=base64url.encode(b"\xc1" + bytes(1536) + b"\x01")),
    "a number that is no base64": public(RSA, n="é"),
    "a number that is none": public(RSA, e=""),
    "a curve of another kind": public(CURVES["P-256"], crv="Ed25519"),
    "an unknown curve": public(ECKey.generate_key("secp256k1")),
    "a point off the curve": public(CURVES["P-256"], y=public(CURVES["P-256"])["x"]),
    "a point of another curve": public(CURVES["P-256"], crv="P-384"),
    "an edwards curve of another length": public(OKPKey.generate_key("Ed448")),
    "a key for agreement": public(OKPKey.generate_key("X25519")),
    "a short point": public(ED25519, x="AA"),
}


@pytest.mark.parametrize("members", OF_NO_USE.values(), ids=OF_NO_USE)
def test_a_key_of_no_use_is_ignored(members: dict[str, Any]) -> None:
    """One key that is not understood must not keep everybody from signing in, nor be used."""
    assert PublicKey.read(members) is None


def test_a_number_of_2048_characters_is_read() -> None:
    """Nobody could sign in with a provider that chose the longest keys there are."""
    longest = base64url.encode(b"\xc1" + bytes(1534) + b"\x01")
    assert len(longest) == 2048
    assert PublicKey.read({"kty": "RSA", "n": longest, "e": "AQAB"}) is not None


def test_what_a_set_says_of_a_key_is_kept() -> None:
    """Tokens name keys, and Microsoft says for which directory one is."""
    key = read(public(RSA, kid="first", issuer="https://id.example.com", use="sig", key_ops=["verify"]))
    assert (key.key_id, key.issuer) == ("first", "https://id.example.com")
    bare = read({name: value for name, value in public(RSA).items() if name != "kid"})
    assert (bare.key_id, bare.issuer) == (None, None)


def test_a_private_key_in_a_set_is_read_without_its_secret() -> None:
    """A provider's mistake must not make us keep what can sign."""
    key = read(public(RSA, d="not read", p="not read", q="not read"))
    assert key.has_signed(MESSAGE, signature(SignatureAlgorithm.RS256, RSA), SignatureAlgorithm.RS256)


def test_a_signing_key_signs_what_its_public_key_checks() -> None:
    """Apple refuses every exchange otherwise."""
    pem = CURVES["P-256"].as_pem(private=True).decode()
    made = SigningKey(pem).sign(MESSAGE)
    assert read(public(CURVES["P-256"])).has_signed(MESSAGE, made, SignatureAlgorithm.ES256)
    assert repr(SigningKey(pem)) == "SigningKey([REDACTED])"


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----",
        RSA.as_pem(private=True).decode(),
        CURVES["P-384"].as_pem(private=True).decode(),
        pem_of(ec.SECP224R1(), NoEncryption()),
        pem_of(ec.SECP256R1(), BestAvailableEncryption(b"passphrase")),
        UNKNOWN_CURVE,
        CURVES["P-256"].as_pem(private=False).decode(),
    ],
    ids=[
        "empty",
        "no key",
        "RSA",
        "another curve",
        "a curve without a name",
        "encrypted",
        "an unknown curve",
        "public",
    ],
)
def test_another_key_cannot_sign(pem: str) -> None:
    """Found when the process starts, and not told to the log."""
    with pytest.raises(ValueError, match="not a private key on P-256") as refusal:
        SigningKey(pem)
    assert "hush" not in str(refusal.value)
    assert refusal.value.__context__ is None


def test_a_new_key_signs_what_its_public_half_checks() -> None:
    """A provider of the library's own gives out a key that checks nothing, or the private one."""
    key = SigningKey.generate()
    public_half = read(dict(key.public_members))
    assert public_half.has_signed(MESSAGE, key.sign(MESSAGE), SignatureAlgorithm.ES256)
    assert "d" not in key.public_members
    assert key.public_members != SigningKey.generate().public_members
