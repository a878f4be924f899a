"""Verifying the password hashes of other systems, so that their accounts can be taken over."""

from bymax_auth.crypto.password.imported.formats import HashFormat, importers_of
from bymax_auth.crypto.password.imported.importer import HashImporter, ImportedHash

__all__ = ["HashFormat", "HashImporter", "ImportedHash", "importers_of"]
