"""Resolved configurations for tests of one part of the edge."""

from bymax_auth.config.model import AuthConfig
from bymax_auth.config.resolved import ResolvedConfig, resolve_config


def resolved(**overrides: object) -> ResolvedConfig:
    return resolve_config(AuthConfig.nest_compat_defaults(**overrides))
