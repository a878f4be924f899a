"""Every script of the product."""

from typing import Any

from bymax_auth.stores.redis.scripts import (
    attempt_scripts,
    mfa_scripts,
    revocation_scripts,
    session_scripts,
)
from bymax_auth.stores.redis.scripts.script import Script

__all__ = ["product_scripts"]


def product_scripts() -> dict[str, Script[..., Any, ..., Any]]:
    """Return the scripts by name."""
    modules = (attempt_scripts, mfa_scripts, revocation_scripts, session_scripts)
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Script)]
    return {script.name: script for script in found}
