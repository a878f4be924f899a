"""Rules about cookies, origins and paths."""

import re
from collections.abc import Iterator
from typing import Final

from bymax_auth.config.checks.context import CheckContext
from bymax_auth.config.enums import SameSite
from bymax_auth.config.problems import ConfigProblem, problem
from bymax_auth.config.urls import is_bare_origin, origin_pattern, port_of, shown_url

__all__ = [
    "cookie_names",
    "cookie_paths",
    "cookie_prefixes",
    "mfa_path_matches",
    "none_needs_origins",
    "none_needs_secure",
    "origin_ports",
    "origins_bare",
    "refresh_path_matches",
    "route_prefix",
]

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", re.ASCII)
_FIXED_NAMES: Final = ("mfa_temp_token", "oauth_state", "__Host-oauth_state")
_DEFAULT_PORTS: Final = {"https": "443", "http": "80"}


def none_needs_secure(context: CheckContext) -> Iterator[ConfigProblem]:
    """Browsers drop a SameSite=None cookie that is not Secure."""
    if context.config.cookies.same_site is SameSite.NONE and not context.resolved.secure_cookies:
        message = "is none, and cookies are not Secure: browsers drop such cookies"
        hint = "Set BYMAX_AUTH_SECURE_COOKIES to true, or {env} to lax."
        yield problem("same_site_none_requires_secure", "cookies.same_site", message, hint)


def none_needs_origins(context: CheckContext) -> Iterator[ConfigProblem]:
    """With SameSite=None, only the list of trusted origins prevents cross-site request forgery."""
    if context.config.cookies.same_site is SameSite.NONE and not context.config.cookies.trusted_origins:
        message = "is empty while cookies.same_site is none: every site could act for the user"
        hint = 'Set {env} to the origins of your pages, such as ["https://app.example.com"].'
        yield problem("trusted_origins_required", "cookies.trusted_origins", message, hint)


def origins_bare(context: CheckContext) -> Iterator[ConfigProblem]:
    """Each entry has the form of an Origin header, where the host's first label may be an asterisk."""
    for index, origin in enumerate(context.config.cookies.trusted_origins):
        if not is_bare_origin(origin):
            yield _malformed(index, origin, "is not scheme://host[:port]")
        elif "*" in origin and origin_pattern(origin) is None:
            yield _malformed(index, origin, "has an asterisk that is not the first label of a longer name")


def origin_ports(context: CheckContext) -> Iterator[ConfigProblem]:
    """A port is a number, and not the scheme's default, which browsers omit."""
    for index, origin in enumerate(context.config.cookies.trusted_origins):
        port = port_of(origin)
        if port is None:
            continue
        if not re.fullmatch(r"[1-9][0-9]{0,4}", port, re.ASCII) or int(port) > 65_535:
            yield _malformed(index, origin, "has a port that is not a number from 1 to 65535")
        elif _DEFAULT_PORTS.get(origin.partition("://")[0].lower()) == port:
            yield _malformed(index, origin, "names the scheme's default port, which browsers never send")


def refresh_path_matches(context: CheckContext) -> Iterator[ConfigProblem]:
    """A refresh cookie for ``/auth`` never reaches routes below another prefix."""
    if context.resolved.route_prefix != "auth" and context.config.cookies.refresh_cookie_path == "/auth":
        prefix = context.resolved.route_prefix
        message = f"is /auth, and the routes are below /{prefix}: browsers would not send the cookie"
        hint = f"Leave {{env}} unset, or set it to /{prefix}."
        yield problem("refresh_path_mismatch", "cookies.refresh_cookie_path", message, hint, prefix=prefix)


def mfa_path_matches(context: CheckContext) -> Iterator[ConfigProblem]:
    """The same for the cookie with the temporary MFA token."""
    mounted = context.resolved.controllers.mfa and context.resolved.controllers.oauth
    prefix = context.resolved.route_prefix
    if mounted and prefix != "auth" and context.config.cookies.mfa_temp_cookie_path == "/auth/mfa":
        message = f"is /auth/mfa, and the routes are below /{prefix}: browsers would not send the cookie"
        hint = f"Leave {{env}} unset, or set it to /{prefix}/mfa."
        yield problem("mfa_temp_path_mismatch", "cookies.mfa_temp_cookie_path", message, hint, prefix=prefix)


def cookie_names(context: CheckContext) -> Iterator[ConfigProblem]:
    """
    A cookie name is a token, and unique.

    Source: RFC 6265 §4.1.1 (cookie-name = token).
    """
    taken: set[str] = set(_FIXED_NAMES)
    for option, name in _names(context):
        if not _TOKEN.fullmatch(name) or name in taken:
            message = "is taken by another cookie" if name in taken else "is not a cookie name"
            hint = "Set {env} to a name of its own, of letters, digits, - and _."
            yield problem("cookie_name_invalid", option, message, hint)
        taken.add(name)


def cookie_prefixes(context: CheckContext) -> Iterator[ConfigProblem]:
    """
    A name with a prefix meets the requirements of the prefix; browsers silently drop a cookie that does not.

    Source: draft-ietf-httpbis-rfc6265bis §4.1.3.
    """
    secure = context.resolved.secure_cookies
    for option, name in _names(context):
        path = context.resolved.refresh_cookie_path if option == "cookies.refresh_token_name" else "/"
        host_only = path == "/" and context.config.cookies.resolve_domains is None
        needs = ""
        if name.lower().startswith("__host-") and not (secure and host_only):
            needs = "__Host- needs secure cookies, the path / and no domain resolver"
        elif name.lower().startswith("__secure-") and not secure:
            needs = "__Secure- needs secure cookies"
        if needs:
            yield problem(
                "cookie_prefix_violation",
                option,
                needs,
                "Remove the prefix from {env}, or meet its requirements.",
            )


def cookie_paths(context: CheckContext) -> Iterator[ConfigProblem]:
    """A path starts with ``/`` and has no character that would end the attribute."""
    paths = {
        "cookies.refresh_cookie_path": context.config.cookies.refresh_cookie_path,
        "cookies.mfa_temp_cookie_path": context.config.cookies.mfa_temp_cookie_path,
    }
    for option, path in paths.items():
        if path is not None and not re.fullmatch(r"/[\x20-\x3a\x3c-\x7e]*", path, re.ASCII):
            hint = "Set {env} to the path that browsers call, such as /api/auth, or leave it unset."
            yield problem("cookie_path_invalid", option, "is not a path that starts with /", hint)


def route_prefix(context: CheckContext) -> Iterator[ConfigProblem]:
    """The prefix is one or more plain path segments."""
    segments = context.resolved.route_prefix.split("/")
    if any(re.fullmatch(r"\.{0,2}|.*[^A-Za-z0-9._~-].*", segment, re.DOTALL) for segment in segments):
        message = "is not a path of letters, digits and . _ ~ -"
        yield problem(
            "route_prefix_invalid", "route_prefix", message, "Set {env} to a path such as auth or api/auth."
        )


def _malformed(index: int, origin: str, fault: str) -> ConfigProblem:
    option = f"cookies.trusted_origins[{index}]"
    hint = "Write the entry in {env} as browsers send it, such as https://app.example.com or https://*.example.com."
    return problem("trusted_origin_malformed", option, fault, hint, origin=shown_url(origin))


def _names(context: CheckContext) -> Iterator[tuple[str, str]]:
    resolved = context.resolved
    yield "cookies.access_token_name", resolved.access_cookie_name
    yield "cookies.refresh_token_name", resolved.refresh_cookie_name
    yield "cookies.session_signal_name", resolved.signal_cookie_name
