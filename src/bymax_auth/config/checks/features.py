"""The rule about features that are not part of this release."""

from collections.abc import Iterator

from bymax_auth.config.checks.context import CheckContext
from bymax_auth.config.problems import ConfigProblem, problem

__all__ = ["features_available"]


def features_available(context: CheckContext) -> Iterator[ConfigProblem]:
    """An enabled feature that is not available is a problem, never silently missing."""
    config = context.config
    asked = [("oauth.google", config.oauth.google is not None, "sign-in with Google")]
    for option, enabled, feature in asked:
        if enabled:
            message = f"{feature} is not part of this release"
            hint = "Remove {env} until a release that has it."
            yield problem("feature_not_available", option, message, hint, option=option, feature=feature)
