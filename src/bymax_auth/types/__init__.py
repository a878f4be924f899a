"""Frozen values that cross layers.  Import from the module that names the subject."""
