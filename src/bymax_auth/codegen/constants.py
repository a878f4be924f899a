"""Codes, cookies and paths as TypeScript constants."""

from collections.abc import Mapping
from typing import Final

from pydantic.alias_generators import to_camel

from bymax_auth.codegen.declarations import docstring, literal
from bymax_auth.config import AuthConfig
from bymax_auth.config.browser import CookiesConfig
from bymax_auth.config.constants import MFA_TEMP_TOKEN_TTL
from bymax_auth.config.enums import TokenDelivery
from bymax_auth.errors import ERROR_STATUS, AuthErrorCode
from bymax_auth.http.cookies import MFA_TEMP_COOKIE, SESSION_SIGNAL_VALUE
from bymax_auth.http.routes import ROUTES, AnyRoute

__all__ = ["config_types", "cookie_defaults", "error_codes", "routes"]

_MAPS: Final = {
    "auth": "dashboard",
    "mfa": "mfa",
    "password_reset": "password",
    "platform": "platform",
    "platform_mfa": "platformMfa",
    "sessions": "sessions",
    "email_change": "emailChange",
    "invitations": "invitations",
    "oauth": "oauth",
}
"""The member of `AUTH_ROUTES` for each group of routes, in its order."""

_CONSTANTS: Final = {
    "dashboard": "AUTH_DASHBOARD_ROUTES",
    "mfa": "AUTH_MFA_ROUTES",
    "password": "AUTH_PASSWORD_ROUTES",
    "platform": "AUTH_PLATFORM_ROUTES",
    "platformMfa": "AUTH_PLATFORM_MFA_ROUTES",
    "sessions": "AUTH_SESSION_ROUTES",
    "emailChange": "AUTH_EMAIL_CHANGE_ROUTES",
    "invitations": "AUTH_INVITATION_ROUTES",
    "oauth": "AUTH_OAUTH_ROUTES",
}
_NAMES_OF_COOKIES: Final = (
    "access_token_name",
    "refresh_token_name",
    "session_signal_name",
    "refresh_cookie_path",
)


def error_codes() -> str:
    """Return the union of the codes, and the maps of their names and statuses, in the contract's order."""
    codes = list(AuthErrorCode)
    union = "".join(f"\n  | {literal(code)}" for code in codes)
    named = _members({code.name: literal(code) for code in codes})
    statuses = _members({literal(code): str(ERROR_STATUS[code]) for code in codes})
    return (
        f"{docstring('The codes of refusals and failures.')}"
        f"export type AuthErrorCode ={union};\n\n"
        f"{docstring('The codes by name.')}"
        f"export const AUTH_ERROR_CODES = {{\n{named}}} as const;\n\n"
        f"{docstring('The HTTP status of each code; one that is only logged has that of what is sent.')}"
        f"export const AUTH_ERROR_STATUS: Readonly<Record<AuthErrorCode, number>> = {{\n{statuses}}};\n"
    )


def cookie_defaults() -> str:
    """Return the names, the value, the path and the age that cookies have unless configured."""
    cookies, prefix = CookiesConfig(), _default_prefix()
    values: dict[str, object] = {
        "AUTH_ACCESS_COOKIE_NAME": cookies.access_token_name,
        "AUTH_REFRESH_COOKIE_NAME": cookies.refresh_token_name,
        "AUTH_HAS_SESSION_COOKIE_NAME": cookies.session_signal_name,
        "AUTH_HAS_SESSION_COOKIE_VALUE": SESSION_SIGNAL_VALUE,
        "AUTH_REFRESH_COOKIE_PATH": f"/{prefix}",
        "MFA_TEMP_COOKIE_NAME": MFA_TEMP_COOKIE,
        "MFA_TEMP_COOKIE_MAX_AGE_SECONDS": int(MFA_TEMP_TOKEN_TTL.total_seconds()),
    }
    return "".join(f"export const {name} = {literal(value)};\n" for name, value in values.items())


def config_types() -> str:
    """Return the types of a client's options that mirror the server's."""
    # A client gets its tokens one way or the other, also where the server offers both.
    deliveries = " | ".join(literal(way) for way in TokenDelivery if way is not TokenDelivery.BOTH)
    names = "".join(f"  {to_camel(name)}: string;\n" for name in _NAMES_OF_COOKIES)
    return (
        f"{docstring('How a client gets its tokens.')}"
        f"export type TokenDeliveryMode = {deliveries};\n\n"
        f"{docstring('The names of the cookies, and the path of the refresh cookie, as configured.')}"
        f"export interface AuthCookieNames {{\n{names}}}\n"
    )


def routes() -> str:
    """Return the paths: one map for each group below the prefix, and all of them below the default one."""
    maps = {_MAPS[group]: _map_of(group) for group in _MAPS}
    named = {spec.key: f"/{_default_prefix()}{spec.path}" for spec in ROUTES if spec.key}
    documentation = docstring("Where the server mounts its routes unless configured.")
    parts = [f"{documentation}export const AUTH_ROUTE_PREFIX = {literal(_default_prefix())};\n"]
    parts += [
        f"export const {_CONSTANTS[name]} = {{\n{_members(paths)}}} as const;\n"
        for name, paths in maps.items()
    ]
    types = {name: f"typeof {_CONSTANTS[name]}" for name in maps} | {
        key: literal(named[key]) for key in named
    }
    values = {name: _CONSTANTS[name] for name in maps} | {key: literal(named[key]) for key in named}
    parts.append(
        f"{docstring('The maps by group, and each path below the default prefix.')}"
        f"export const AUTH_ROUTES: {{\n{_members(types, 'readonly ', ';')}}} = {{\n{_members(values)}}};\n"
    )
    return "\n".join(parts)


def _map_of(group: str) -> dict[str, str]:
    return {
        spec.member: literal(_relative(spec)) for spec in ROUTES if spec.group.name == group and spec.member
    }


def _relative(spec: AnyRoute) -> str:
    """Return the path below the prefix, with its parameters as routers of JavaScript write them."""
    return spec.path.removeprefix("/").replace("{", ":").replace("}", "")


def _default_prefix() -> str:
    return str(AuthConfig.model_fields["route_prefix"].default)


def _members(values: Mapping[str, str], before: str = "", after: str = ",") -> str:
    return "".join(f"  {before}{name}: {value}{after}\n" for name, value in values.items())
