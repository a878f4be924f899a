"""The formats that can be accepted, by the names of the configuration."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from bymax_auth.crypto.password.imported import better_auth, crypt, django, firebase, passlib, werkzeug
from bymax_auth.crypto.password.imported.importer import HashImporter

__all__ = ["HashFormat", "importers_of"]


class HashFormat(StrEnum):
    """A format of password hashes of another system."""

    BCRYPT = "bcrypt"
    BETTER_AUTH_SCRYPT = "better-auth-scrypt"
    DJANGO_ARGON2 = "django-argon2"
    DJANGO_BCRYPT = "django-bcrypt"
    DJANGO_BCRYPT_SHA256 = "django-bcrypt-sha256"
    DJANGO_PBKDF2 = "django-pbkdf2"
    DJANGO_SCRYPT = "django-scrypt"
    FIREBASE_SCRYPT = "firebase-scrypt"
    PASSLIB_PBKDF2 = "passlib-pbkdf2"
    PWDLIB_ARGON2 = "pwdlib-argon2"
    WERKZEUG_PBKDF2 = "werkzeug-pbkdf2"
    WERKZEUG_SCRYPT = "werkzeug-scrypt"


_IMPORTERS: Final[Mapping[HashFormat, HashImporter]] = {
    HashFormat.BCRYPT: crypt.BCRYPT,
    HashFormat.BETTER_AUTH_SCRYPT: better_auth.SCRYPT,
    HashFormat.DJANGO_ARGON2: django.ARGON2,
    HashFormat.DJANGO_BCRYPT: django.BCRYPT,
    HashFormat.DJANGO_BCRYPT_SHA256: django.BCRYPT_SHA256,
    HashFormat.DJANGO_PBKDF2: django.PBKDF2,
    HashFormat.DJANGO_SCRYPT: django.SCRYPT,
    HashFormat.FIREBASE_SCRYPT: firebase.SCRYPT,
    HashFormat.PASSLIB_PBKDF2: passlib.PBKDF2,
    HashFormat.PWDLIB_ARGON2: crypt.PWDLIB_ARGON2,
    HashFormat.WERKZEUG_PBKDF2: werkzeug.PBKDF2,
    HashFormat.WERKZEUG_SCRYPT: werkzeug.SCRYPT,
}


def importers_of(formats: Iterable[HashFormat]) -> tuple[HashImporter, ...]:
    """Return the importers of these formats, each once."""
    return tuple(_IMPORTERS[one] for one in dict.fromkeys(formats))
