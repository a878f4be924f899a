"""
Settings of the service, beside the library's options.

    BYMAX_AUTH_SERVE__…  tenant and client address of a request, and the role of new accounts
    BYMAX_AUTH_SMTP__…   the mail server

No message of this module contains a value, because it may be a password.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self, get_args

from bymax_auth.cli.deployment import DeploymentError
from bymax_auth.config import TenantIdResolver
from bymax_auth.config.profiles import Profile
from bymax_auth.http import HeaderTenantResolver, PeerAddress, StaticTenantResolver, TrustedForwardedFor
from bymax_auth.providers.mail import AuthEmailSink
from bymax_auth.services.addresses import is_usable_tenant_id
from bymax_auth.types.secret import Secret

__all__ = ["PROFILE", "ServeSettings"]

PROFILE: Final = "BYMAX_AUTH_SERVE__PROFILE"
_SERVE: Final = "BYMAX_AUTH_SERVE__"
_SMTP: Final = "BYMAX_AUTH_SMTP__"
_KNOWN: Final = {
    _SERVE: frozenset(
        {
            "BASE_ROLE",
            "HOST",
            "OPENAPI",
            "PORT",
            "PROFILE",
            "PROXY_HOPS",
            "TENANT_HEADER",
            "TENANT_ID",
            "TRUSTED_PROXIES",
            "WORKERS",
        }
    ),
    _SMTP: frozenset({"HOST", "PASSWORD", "PORT", "SECURITY", "SENDER", "SENDER_NAME", "USERNAME"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """The parsed settings of the service."""

    profile: Profile
    base_role: str
    tenants: TenantIdResolver | None
    client_ip: PeerAddress | TrustedForwardedFor
    openapi: bool
    mail: AuthEmailSink | None = field(repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """
        Return the settings in the environment; an empty variable counts as not set.

        Raises:
            DeploymentError: A variable of either group is unknown or invalid.
        """
        _refuse_unknown(environ)
        _refuse_unprintable(environ)
        serve, smtp = _group(environ, _SERVE), _group(environ, _SMTP)
        return cls(
            profile=_profile(serve.get("PROFILE", "nest_compat")),
            base_role=serve.get("BASE_ROLE", "USER"),
            tenants=_tenants(serve),
            client_ip=_client_ip(serve),
            openapi=_switch(serve, "OPENAPI"),
            mail=_mail(smtp) if smtp else None,
        )


def _group(environ: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): text.strip()
        for name, text in environ.items()
        if name.startswith(prefix) and text.strip()
    }


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    for name in sorted(environ):
        for prefix, known in _KNOWN.items():
            if name.upper().startswith(prefix) and name not in {prefix + one for one in known}:
                raise DeploymentError(f"{name} is unknown. Known: {prefix}[{' | '.join(sorted(known))}]")


def _refuse_unprintable(environ: Mapping[str, str]) -> None:
    """Reject control characters: a line break would inject mail headers, or fail requests later."""
    for name in sorted(environ):
        if name.startswith(tuple(_KNOWN)) and any(
            unicodedata.category(character) in {"Cc", "Cs"} for character in environ[name].strip()
        ):
            raise DeploymentError(f"{name} contains a control character, or is not UTF-8.")


def _profile(text: str) -> Profile:
    for known in get_args(Profile):
        if text == known:
            profile: Profile = known
            return profile
    raise DeploymentError(f"{PROFILE} must be one of {', '.join(get_args(Profile))}.")


def _tenants(serve: Mapping[str, str]) -> TenantIdResolver | None:
    tenant, header = serve.get("TENANT_ID"), serve.get("TENANT_HEADER")
    if tenant is not None and header is not None:
        raise DeploymentError(f"{_SERVE}TENANT_ID and {_SERVE}TENANT_HEADER cannot both be set.")
    if tenant is not None:
        if not is_usable_tenant_id(tenant):
            raise DeploymentError(f"{_SERVE}TENANT_ID is longer than a tenant id may be.")
        return StaticTenantResolver(tenant)
    if header is None:
        return None
    try:
        return HeaderTenantResolver(header)
    except ValueError:
        raise DeploymentError(
            f"{_SERVE}TENANT_HEADER names a header that cannot be used for the tenant."
        ) from None


def _client_ip(serve: Mapping[str, str]) -> PeerAddress | TrustedForwardedFor:
    hops = _number(serve, _SERVE, "PROXY_HOPS", 0, 16)
    networks = tuple(one.strip() for one in serve.get("TRUSTED_PROXIES", "").split(",") if one.strip())
    if not hops:
        if networks:
            raise DeploymentError(f"{_SERVE}TRUSTED_PROXIES needs {_SERVE}PROXY_HOPS.")
        return PeerAddress()
    try:
        return TrustedForwardedFor(hops, networks)
    except ValueError:
        raise DeploymentError(
            f"{_SERVE}TRUSTED_PROXIES must be a list of networks: 10.0.0.0/8,::1/128"
        ) from None


def _mail(smtp: Mapping[str, str]) -> AuthEmailSink:
    try:
        from bymax_auth.providers.smtp import SmtpEmailSink, SmtpSecurity, is_one_address
    except ImportError:
        raise DeploymentError(f"{_SMTP}HOST needs the extra: pip install 'bymax-auth[smtp]'") from None
    for needed in ("HOST", "SENDER"):
        if needed not in smtp:
            raise DeploymentError(f"{_SMTP}{needed} is not set; it is required to send mail.")
    if not is_one_address(smtp["SENDER"]):
        raise DeploymentError(f"{_SMTP}SENDER is not a mail address.")
    try:
        security = SmtpSecurity(smtp.get("SECURITY", SmtpSecurity.STARTTLS))
    except ValueError:
        raise DeploymentError(f"{_SMTP}SECURITY must be one of {', '.join(SmtpSecurity)}.") from None
    password = smtp.get("PASSWORD")
    try:
        return SmtpEmailSink(
            host=smtp["HOST"],
            sender=smtp["SENDER"],
            sender_name=smtp.get("SENDER_NAME", ""),
            port=_number(smtp, _SMTP, "PORT", 1, 65_535),
            security=security,
            username=smtp.get("USERNAME"),
            password=None if password is None else Secret(password),
        )
    except ValueError as error:
        raise DeploymentError(f"{_SMTP}PASSWORD: {error}") from None


def _switch(serve: Mapping[str, str], name: str) -> bool:
    text = serve.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise DeploymentError(f"{_SERVE}{name} must be true or false.")
    return text == "true"


def _number(group: Mapping[str, str], prefix: str, name: str, least: int, most: int) -> int | None:
    text = group.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and least <= int(text) <= most):
        raise DeploymentError(f"{prefix}{name} must be a whole number from {least} to {most}.")
    return int(text)
