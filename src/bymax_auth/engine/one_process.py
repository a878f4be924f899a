"""What is kept in the memory of one process serves one process only."""

import logging
from typing import Final

from bymax_auth.config.enums import Environment
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigError, problem
from bymax_auth.engine.dependencies import Dependencies
from bymax_auth.engine.served_addresses import ServedAddresses

__all__ = ["refuse_second_process"]

_LOGGER: Final = logging.getLogger("bymax_auth")


def refuse_second_process(config: AuthConfig, given: Dependencies, addresses: ServedAddresses) -> None:
    """
    Hold the served addresses when anything is in memory; another process's are a warning.

    Raises:
        ConfigError: The environment is production, and another process serves the same address.
    """
    in_memory = _in_memory(given)
    other = addresses.hold() if in_memory else None
    if other is None:
        return
    option = "users" if "accounts" in in_memory else "stores"
    message = (
        f"{' and '.join(in_memory)} are in the memory of one process, and process {other} serves the same "
        "address: each has its own"
    )
    hint = "Run one worker, or keep accounts in a database and give EmbeddedStores a path (or use Redis)."
    if config.environment is Environment.PRODUCTION:
        addresses.release()
        raise ConfigError([problem("memory_of_several_processes", option, message, hint, pid=other)])
    _LOGGER.warning("%s. %s", message, hint, extra={"event": "config.warning"})


def _in_memory(given: Dependencies) -> tuple[str, ...]:
    kept = {"accounts": (given.users, given.platform_users), "sessions": (given.stores,)}
    return tuple(
        name for name, parts in kept.items() if any(getattr(part, "volatile", False) for part in parts)
    )
