"""
Encryption of what an enrolment must be able to show or verify again: TOTP secrets and pending codes.

    secret (Base32 text) ──▶ nonce:tag:ciphertext        readable by every implementation of the wire
                         └─▶ v2:nonce:tag:ciphertext     bound to its account, where that is configured

Both forms are read, whichever is configured.  A secret under a retired key, or unbound where secrets are
bound, is stale: whoever opens it stores it again.
"""

import json
from dataclasses import dataclass, field
from typing import Final, cast

from bymax_auth.crypto import totp
from bymax_auth.crypto.aead import AesGcmBox, DecryptError
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.types.identity import Subject

__all__ = ["MfaSecrets", "OpenedSecret"]

_BOUND: Final = "v2:"


@dataclass(frozen=True, slots=True)
class OpenedSecret:
    """A decrypted TOTP secret, and whether it should be encrypted again."""

    raw: bytes = field(repr=False)
    is_stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaSecrets:
    """Encrypts with the current key, and decrypts with it or a retired one."""

    box: AesGcmBox
    identifiers: Identifiers
    binds_to_account: bool

    def seal(self, subject: Subject, raw: bytes) -> str:
        """Return an account's TOTP secret encrypted."""
        return self._seal(subject, totp.base32_encode(raw))

    def open(self, subject: Subject, sealed: str) -> OpenedSecret:
        """
        Return an account's TOTP secret.

        Raises:
            DecryptError: No configured key opens it, it is of another account, or it is no secret.
        """
        text, is_retired = self._open(subject, sealed)
        try:
            raw = totp.base32_decode(text)
        except ValueError:
            raise DecryptError from None
        is_unbound = self.binds_to_account and not sealed.startswith(_BOUND)
        return OpenedSecret(raw, is_retired or is_unbound)

    def seal_codes(self, subject: Subject, codes: tuple[str, ...]) -> str:
        """Return the recovery codes of a pending enrolment encrypted."""
        return self._seal(subject, json.dumps(codes, separators=(",", ":")))

    def open_codes(self, subject: Subject, sealed: str) -> tuple[str, ...]:
        """
        Return the recovery codes of a pending enrolment.

        Raises:
            DecryptError: No configured key opens them, or they are no codes.
        """
        try:
            codes: object = json.loads(self._open(subject, sealed)[0])
        except ValueError:
            raise DecryptError from None
        if not isinstance(codes, list):
            raise DecryptError
        texts = tuple(cast(list[object], codes))
        if not all(isinstance(code, str) for code in texts):
            raise DecryptError
        return cast(tuple[str, ...], texts)

    def _seal(self, subject: Subject, text: str) -> str:
        if not self.binds_to_account:
            return self.box.seal(text)
        return _BOUND + self.box.seal(text, self.identifiers.factor_binding(subject))

    def _open(self, subject: Subject, sealed: str) -> tuple[str, bool]:
        if not sealed.startswith(_BOUND):
            return self.box.open_and_check_key(sealed)
        binding = self.identifiers.factor_binding(subject)
        return self.box.open_and_check_key(sealed.removeprefix(_BOUND), binding)
