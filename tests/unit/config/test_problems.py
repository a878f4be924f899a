"""Problems of a configuration, as one error."""

import pickle

from bymax_auth.config.problems import ConfigError, problem


def test_a_refused_configuration_crosses_processes_whole() -> None:
    """A server manager that starts workers would show its own crash instead of what to correct."""
    error = ConfigError([problem("jwt_secret_too_short", "jwt.secret", "is short", "Set {env}.", len=5)])
    arrived = pickle.loads(pickle.dumps(error))

    assert (arrived.problems, str(arrived)) == (error.problems, str(error))
