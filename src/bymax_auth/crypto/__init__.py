"""Cryptographic primitives, one per module; no other package imports a cryptographic library."""
