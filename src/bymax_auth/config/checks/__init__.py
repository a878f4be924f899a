"""The start-up rules: the configurations that an engine rejects before serving."""

from bymax_auth.config.checks.context import Collaborators
from bymax_auth.config.checks.extras import installed_extras
from bymax_auth.config.checks.passwords import sentinel_hash_failed
from bymax_auth.config.checks.rules import check_config
from bymax_auth.config.checks.second_factor import decoded_key

__all__ = ["Collaborators", "check_config", "decoded_key", "installed_extras", "sentinel_hash_failed"]
