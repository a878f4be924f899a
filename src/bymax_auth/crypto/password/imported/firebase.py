"""
Firebase's modified scrypt, in the form in which Supabase stores it.

A project's export has one signer key and one salt separator for all accounts.  Each stored hash carries
both, as ``$fbscrypt$v=1,n=14,r=8,p=1,ss={separator},sk={signer key}${salt}${hash}``: no account depends on a
setting that somebody may remove.

Source: https://github.com/firebase/scrypt; supabase/auth, internal/crypto/password.go
"""

import re
from dataclasses import dataclass, field
from typing import Final

from bymax_auth.crypto.compare import ct_eq
from bymax_auth.crypto.password.imported.derivations import ScryptHash, needs_package
from bymax_auth.crypto.password.imported.encodings import is_plain, padded_base64
from bymax_auth.crypto.password.imported.importer import HashImporter, as_typed
from bymax_auth.crypto.password.scrypt import ScryptParameters, UndefinedCost

__all__ = ["SCRYPT"]

_STORED: Final = re.compile(
    r"\$fbscrypt\$v=1,n=([0-9]{1,2}),r=([0-9]{1,3}),p=([0-9]{1,3})"
    r"(?:,ss=([^,$]+))?,sk=([^,$]+)\$([^$]+)\$([^$]+)"
)
_AES_KEY_BYTES: Final = 32
_SIGNER_KEY_BYTES: Final = 64
"""Of the key and of a hash, which is the key encrypted; shorter ones would match passwords by chance."""
_COUNTER: Final = bytes(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class _FirebaseHash(ScryptHash):
    """The signer key, encrypted with the key that scrypt derives; `derived` is the ciphertext."""

    signer_key: bytes = field(repr=False)

    def matches(self, password: bytes) -> bool | None:
        """Return whether this is a hash of `password`; `None` where N is too large for the block size."""
        try:
            from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
        except ImportError:
            raise needs_package("cryptography") from None

        try:
            key = self.parameters.derive(password, self.salt, _AES_KEY_BYTES)
        except UndefinedCost:
            return None
        encryptor = Cipher(algorithms.AES(key), modes.CTR(_COUNTER)).encryptor()
        return ct_eq(encryptor.update(self.signer_key) + encryptor.finalize(), self.derived)


def _read(stored: str) -> _FirebaseHash | None:
    found = _STORED.fullmatch(stored) if is_plain(stored) else None
    if found is None:
        return None
    separator = b"" if found[4] is None else padded_base64(found[4])
    signer_key, salt, derived = (padded_base64(found[number]) for number in (5, 6, 7))
    if separator is None or signer_key is None or salt is None or derived is None:
        return None
    if len(signer_key) != _SIGNER_KEY_BYTES or len(derived) != _SIGNER_KEY_BYTES:
        return None
    cost = ScryptParameters(log2_n=int(found[1]), block_size=int(found[2]), parallelization=int(found[3]))
    return _FirebaseHash(parameters=cost, salt=salt + separator, derived=derived, signer_key=signer_key)


SCRYPT: Final = HashImporter(
    read=_read,
    sample=f"$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk={'A' * 86}==${'A' * 14}==${'A' * 86}==",
    encode=as_typed,
    extras=("importers", "mfa"),
)
"""Firebase Authentication, and accounts that Supabase imported from it."""
