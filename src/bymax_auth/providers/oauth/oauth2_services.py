"""Services with OAuth 2.0 and no OpenID Connect, one row each, for `OAuth2Provider`."""

from typing import Final

from bymax_auth.providers.oauth.oauth2 import OAuth2Service, ProfileMapping
from bymax_auth.providers.oauth.token_endpoint import ClientAuthentication

__all__ = ["DISCORD", "FACEBOOK", "SPOTIFY"]

DISCORD: Final = OAuth2Service(
    name="discord",
    authorization_endpoint="https://discord.com/oauth2/authorize",
    token_endpoint="https://discord.com/api/oauth2/token",
    profile_endpoint="https://discord.com/api/users/@me",
    scope=("identify", "email"),
    profile=ProfileMapping(
        email_verified="verified",
        names=("global_name", "username"),
        avatar=("avatar",),
        avatar_address="https://cdn.discordapp.com/avatars/{id}/{avatar}.png",
    ),
    issuer="https://discord.com",
)
"""Source: Discord developer documentation, OAuth2 and User Resource."""

FACEBOOK: Final = OAuth2Service(
    name="facebook",
    authorization_endpoint="https://www.facebook.com/v25.0/dialog/oauth",
    token_endpoint="https://graph.facebook.com/v25.0/oauth/access_token",
    profile_endpoint="https://graph.facebook.com/v25.0/me?fields=id,name,email,picture",
    scope=("public_profile", "email"),
    profile=ProfileMapping(avatar=("picture", "data", "url")),
    issuer="https://www.facebook.com",
)
"""It asserts nothing about an address.  Source: Meta, "Manually build a login flow"."""

SPOTIFY: Final = OAuth2Service(
    name="spotify",
    authorization_endpoint="https://accounts.spotify.com/authorize",
    token_endpoint="https://accounts.spotify.com/api/token",
    profile_endpoint="https://api.spotify.com/v1/me",
    scope=("user-read-email",),
    profile=ProfileMapping(names=("display_name",), avatar=("images", 0, "url")),
    authentication=ClientAuthentication.BASIC,
    issuer="https://accounts.spotify.com",
)
"""Its addresses are not verified.  Source: Spotify Web API, "Get Current User's Profile"."""
