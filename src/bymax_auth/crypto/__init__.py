"""Primitives: each module wraps one, and nothing outside this package calls a cryptographic library."""
