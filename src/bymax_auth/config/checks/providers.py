"""Rules about sign-in with a provider and the redirects after it."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from bymax_auth.config.browser import is_scope_word
from bymax_auth.config.checks.context import CheckContext
from bymax_auth.config.enums import TokenDelivery
from bymax_auth.config.problems import ConfigProblem, problem
from bymax_auth.config.urls import (
    host_of,
    is_acceptable_address,
    is_location,
    is_same_origin_path,
    is_secure_url,
    shown_url,
)

__all__ = [
    "callback_secure",
    "default_hooks_refuse",
    "google_complete",
    "google_scope",
    "http_client_present",
    "provider_names",
    "provider_present",
    "redirects_listed",
    "redirects_secure",
    "state_store_present",
    "success_needs_cookie",
]


_EXAMPLES: Final = {
    "client_id": "1234567890-abc.apps.googleusercontent.com",
    "client_secret": "GOCSPX-…",
    "callback_url": "https://app.example.com/auth/oauth/google/callback",
}
"""What Google issues, and what is registered with it."""


def google_complete(context: CheckContext) -> Iterator[ConfigProblem]:
    """The values that Google issued are set."""
    google = context.config.oauth.google
    if google is None:
        return
    values = {
        "client_id": google.client_id,
        "client_secret": google.client_secret.reveal(),
        "callback_url": google.callback_url,
    }
    for field, value in values.items():
        if not value.strip():
            hint = f"Set {{env}} to the value from the Google Cloud console, such as {_EXAMPLES[field]}"
            yield problem(
                "oauth_field_missing",
                f"oauth.google.{field}",
                "is blank",
                hint,
                provider="google",
                field=field,
            )


def google_scope(context: CheckContext) -> Iterator[ConfigProblem]:
    """Each entry of the scope is one word."""
    google = context.config.oauth.google
    if google is not None and not all(map(is_scope_word, google.scope)):
        hint = "Set {env} to a list, such as openid,email,profile"
        message = "has an entry that is not one word"
        yield problem("oauth_provider_invalid", "oauth.google.scope", message, hint, name="google")


def callback_secure(context: CheckContext) -> Iterator[ConfigProblem]:
    """The callback URL is https; outside production, also http on this machine."""
    google = context.config.oauth.google
    loopback = not context.production
    if google is not None and not is_acceptable_address(google.callback_url, loopback=loopback):
        message = "is not an https URL with a host" + (", nor http on the loopback interface" * loopback)
        hint = (
            "Set {env} to the URL of the callback route: https://app.example.com/auth/oauth/google/callback"
        )
        got = shown_url(google.callback_url)
        yield problem(
            "oauth_callback_insecure", "oauth.google.callback_url", message, hint, provider="google", got=got
        )


def success_needs_cookie(context: CheckContext) -> Iterator[ConfigProblem]:
    """A redirect can deliver a session only in cookies."""
    if (
        context.config.oauth.success_redirect_url is not None
        and context.config.token_delivery is TokenDelivery.BEARER
    ):
        message = "is set, and token_delivery is bearer: a redirect cannot carry tokens"
        hint = "Set BYMAX_AUTH_TOKEN_DELIVERY to cookie or both, or leave {env} unset."
        yield problem("oauth_redirect_needs_cookie", "oauth.success_redirect_url", message, hint)


def redirects_secure(context: CheckContext) -> Iterator[ConfigProblem]:
    """In production redirects lead to https or to the same origin, and fit into a header."""
    if not context.production:
        return
    for kind, url in _redirects(context):
        if not is_location(url) or not (is_secure_url(url) or is_same_origin_path(url)):
            message = "is neither an https URL with a host nor a path of the same origin, in visible ASCII"
            hint = "Set {env} to an https URL, or to a path such as /welcome, of at most 4096 characters."
            option = f"oauth.{kind}_redirect_url"
            yield problem("oauth_redirect_insecure", option, message, hint, kind=kind, got=shown_url(url))


def redirects_listed(context: CheckContext) -> Iterator[ConfigProblem]:
    """In production, redirects lead only to hosts of the allowlist, if there is one."""
    allowed = {_folded(host) for host in context.config.oauth.redirect_allowlist}
    if not context.production or not allowed:
        return
    targets = [(f"oauth.{kind}_redirect_url", url) for kind, url in _redirects(context)]
    if context.config.oauth.google is not None:
        targets.append(("oauth.google.callback_url", context.config.oauth.google.callback_url))
    for option, url in targets:
        if not is_same_origin_path(url) and _folded(host_of(url) or "") not in allowed:
            message = "goes to a host that oauth.redirect_allowlist does not name"
            hint = "Add the host to BYMAX_AUTH_OAUTH__REDIRECT_ALLOWLIST, or correct {env}."
            yield problem("oauth_redirect_not_allowlisted", option, message, hint, url=shown_url(url))


def provider_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """The provider routes require a provider."""
    if (
        context.config.controllers.oauth
        and not context.collaborators.oauth_provider_names
        and not context.config.oauth.google
    ):
        message = "is on, and there is no provider"
        hint = "Set the BYMAX_AUTH_OAUTH__GOOGLE__… variables, or pass oauth_providers=…, or turn {env} off."
        yield problem("oauth_toggle_without_provider", "controllers.oauth", message, hint)


def state_store_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """The state of a sign-in in progress requires a proof store."""
    if (
        context.config.controllers.oauth
        and context.not_reported("stores")
        and not context.collaborators.has_proof_store
    ):
        message = "are needed while controllers.oauth is on, for sign-ins in progress"
        hint = "Pass stores=… with proofs, or turn BYMAX_AUTH_CONTROLLERS__OAUTH off."
        yield problem("oauth_state_store_missing", "stores.proofs", message, hint)


def default_hooks_refuse(context: CheckContext) -> Iterator[str]:
    """Without the host's hooks, every sign-in with a provider is rejected; the host is warned."""
    if context.config.controllers.oauth and not context.collaborators.has_custom_hooks:
        yield "controllers.oauth is on without hooks=…: the default hook rejects every provider sign-in."


def http_client_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """The built-in provider requires an HTTP client."""
    given = context.collaborators
    able = given.has_http_client or "oauth" in given.importable or "google" in given.oauth_provider_names
    if context.config.oauth.google is not None and not able:
        message = "is needed for oauth.google"
        hint = "Pass http_client=… to the engine, or remove the BYMAX_AUTH_OAUTH__GOOGLE__… variables."
        yield problem("missing_http_client", "http_client", message, hint)


def provider_names(context: CheckContext) -> Iterator[ConfigProblem]:
    """A provider's name fits into a route and is unique."""
    for name, count in Counter(context.collaborators.oauth_provider_names).items():
        if not re.fullmatch(r"[a-z0-9-]{1,64}", name, re.ASCII) or name == _OF_A_ROUTE or count > 1:
            message = f"{name!r} is registered twice" if count > 1 else f"{name!r} is not a usable name"
            hint = "Give each of oauth_providers=… its own name of 1 to 64 characters of a-z, 0-9 and -."
            yield problem("oauth_provider_invalid", "oauth_providers", message, hint, name=name)


_OF_A_ROUTE: Final = "identities"
"""What stands in the place of a provider's name in the paths of a user's identities."""


def _redirects(context: CheckContext) -> Iterator[tuple[str, str]]:
    oauth = context.config.oauth
    for kind, url in (
        ("success", oauth.success_redirect_url),
        ("link", oauth.link_redirect_url),
        ("mfa", oauth.mfa_redirect_url),
        ("error", oauth.error_redirect_url),
    ):
        if url is not None:
            yield kind, url


def _folded(host: str) -> bytes:
    # bytes.lower() folds ASCII only; str.lower() would make U+212A (the Kelvin sign) equal to k.
    return host.encode("utf-8").lower()
