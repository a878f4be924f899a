"""
The provider of identities that the configuration describes: Google.

The engine sees no other adapter.  This one is imported where it is built, so that an engine without it needs
neither the module nor its extra.
"""

from dataclasses import replace

from bymax_auth.config.model import AuthConfig
from bymax_auth.engine.dependencies import Dependencies

__all__ = ["with_configured_provider"]


def with_configured_provider(config: AuthConfig, given: Dependencies) -> Dependencies:
    """
    Return the dependencies with Google among the providers, if it is configured and the host brings none.

    The configuration has passed every rule, so the provider can be built.
    """
    google = config.oauth.google
    if google is None or any(provider.name == "google" for provider in given.oauth_providers):
        return given
    from bymax_auth.providers.oauth.google import GoogleProvider

    built = GoogleProvider(google, given.http_client, clock=given.clock)
    return replace(given, oauth_providers=(*given.oauth_providers, built))
