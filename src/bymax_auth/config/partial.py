"""The part of an environment's configuration that can be read, for a report of everything that is wrong."""

import os

from bymax_auth.config.environment import read_environment_in_part
from bymax_auth.config.field_types import FROM_TEXT
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigProblem
from bymax_auth.config.profiles import Profile, profile_options
from bymax_auth.config.validation import validated_in_part

__all__ = ["config_in_part"]


def config_in_part(
    profile: Profile, env_file: str | os.PathLike[str] | None = None
) -> tuple[AuthConfig, tuple[ConfigProblem, ...]]:
    """
    Return the configuration without the options that cannot be read, and a problem for each of them.

    Raises:
        ConfigError: the extra ``settings`` is not installed, or `env_file` does not exist.
    """
    options, unread = read_environment_in_part(env_file)
    config, refused = validated_in_part(AuthConfig, profile_options(profile, options), FROM_TEXT)
    return config, (*unread, *refused)
