"""Options for browsers and identity providers: cookies, origins, redirects."""

import re
from typing import Final

from pydantic import Field

from bymax_auth.config.enums import SameSite
from bymax_auth.config.field_types import ConfigGroup, Flag, SecretText, Text, Texts
from bymax_auth.config.resolvers import CookieDomainResolver
from bymax_auth.types.secret import Secret

__all__ = ["CookiesConfig", "GoogleOAuthConfig", "OAuthConfig", "is_scope_word"]

_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+", re.ASCII)
"""Source: RFC 6749 §3.3."""


class CookiesConfig(ConfigGroup):
    """Names and attributes of the cookies, and the trusted origins."""

    access_token_name: Text = Field(default="access_token", description="Name of the access cookie.")
    refresh_token_name: Text = Field(default="refresh_token", description="Name of the refresh cookie.")
    session_signal_name: Text = Field(
        default="has_session",
        description="Name of the script-readable cookie that is set while a session exists.",
    )
    prefixed_names: Flag = Field(
        default=False,
        description="Whether names that are not set get the prefix `__Host-`, or `__Secure-` where path or "
        "domain do not allow it: no other subdomain can set such a cookie. Only for secure cookies.",
    )
    refuse_conflicts: Flag = Field(
        default=False,
        description="Whether a request with two different values of one cookie is refused; else the last "
        "value is used.",
    )
    hide_tokens_from_browsers: Flag = Field(
        default=False,
        description="Whether a browser page gets cookies only, with `token_delivery=both`, unless it sends "
        "`X-Auth-Delivery: bearer`.",
    )
    refresh_cookie_path: Text | None = Field(
        default=None,
        description="Path of the refresh cookie, as the browser sees it; unset means where the browser "
        "reaches the routes.",
    )
    mfa_temp_cookie_path: Text | None = Field(
        default=None,
        description="Path of the cookie with the temporary MFA token; unset means `/mfa` below where the "
        "browser reaches the routes.",
    )
    same_site: SameSite = Field(
        default=SameSite.LAX,
        description="SameSite of the access and signal cookies; the refresh cookie is always Strict.",
    )
    trusted_origins: Texts = Field(
        default=(),
        description="Origins that may call the routes from another site and read the responses (CORS), each "
        "`scheme://host[:port]`; `*.` at the start of the host is any one label. "
        "Required with `same_site=none`.",
    )
    resolve_domains: CookieDomainResolver | None = Field(
        default=None, description="Returns the Domain attribute for a host; unset keeps cookies host-only."
    )


class GoogleOAuthConfig(ConfigGroup):
    """Sign-in with Google."""

    client_id: Text = Field(default="", description="The client id that Google issued. Required.")
    client_secret: SecretText = Field(
        default=Secret(""), description="The client secret that Google issued. Required."
    )
    callback_url: Text = Field(
        default="", description="Redirect URI registered with Google; https in production. Required."
    )
    scope: Texts = Field(default=("openid", "email", "profile"), description="Scopes requested from Google.")


class OAuthConfig(ConfigGroup):
    """Sign-in with a provider, and where the browser goes afterwards."""

    success_redirect_url: Text | None = Field(
        default=None, description="Redirect target after a successful sign-in; needs delivery by cookie."
    )
    link_redirect_url: Text | None = Field(
        default=None,
        description="Redirect target after an identity was linked; without one, that of a sign-in.",
    )
    mfa_redirect_url: Text | None = Field(
        default=None, description="Redirect target when the second factor is still required."
    )
    error_redirect_url: Text | None = Field(
        default=None, description="Redirect target after a failed sign-in."
    )
    redirect_allowlist: Texts = Field(
        default=(), description="Host names that these URLs may have in production; empty allows every host."
    )
    google: GoogleOAuthConfig | None = Field(default=None, description="Sign-in with Google.")


def is_scope_word(text: str) -> bool:
    """Return whether `text` is one entry of a scope."""
    return _SCOPE.fullmatch(text) is not None
