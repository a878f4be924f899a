"""
Settings of the service, beside the library's options.

    BYMAX_AUTH_SERVE__…  where it listens, tenant and client address of a request, the role of new accounts,
                         whom a provider of identities may bring
    BYMAX_AUTH_SMTP__…   the mail server
    BYMAX_AUTH_MAIL__…   what its mails say: the product, the default language, the pages that links open

No message of this module contains a value, because it may be a password or a key.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final, Self, get_args

from pydantic import TypeAdapter
from pydantic_core import PydanticCustomError

from bymax_auth.cli.problems import DeploymentError, Problems
from bymax_auth.cli.serve.admission import Admission, is_domain
from bymax_auth.cli.serve.metrics_server import MetricsAddress
from bymax_auth.config import TenantIdResolver
from bymax_auth.config.field_types import read_list
from bymax_auth.config.profiles import Profile
from bymax_auth.http import HeaderTenantResolver, PeerAddress, StaticTenantResolver, TrustedForwardedFor
from bymax_auth.ports.breach import PasswordBreachChecker
from bymax_auth.providers.catalogue import DefaultAuthEmailCatalogue
from bymax_auth.providers.mail import AuthEmailSink
from bymax_auth.services.addresses import is_usable_tenant_id
from bymax_auth.types.secret import Secret

__all__ = ["PROFILE", "SERVE", "ServeSettings"]

PROFILE: Final = "BYMAX_AUTH_SERVE__PROFILE"
_TEXTS: Final = TypeAdapter(tuple[str, ...])
SERVE: Final = "BYMAX_AUTH_SERVE__"
_SMTP: Final = "BYMAX_AUTH_SMTP__"
_MAIL: Final = "BYMAX_AUTH_MAIL__"
_MAIL_OPTIONS: Final = {
    one.name.upper(): one.name for one in fields(DefaultAuthEmailCatalogue) if one.name != "name"
}
_KNOWN: Final = {
    SERVE: frozenset(
        {
            "AUDIT",
            "BASE_ROLE",
            "BREACH_CHECK",
            "BREACH_CHECK_URL",
            "HOST",
            "METRICS_HOST",
            "METRICS_PORT",
            "OAUTH_DOMAINS",
            "OAUTH_RECLAIM",
            "OAUTH_SIGN_UP",
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
    _MAIL: frozenset(_MAIL_OPTIONS),
    _SMTP: frozenset({"HOST", "PASSWORD", "PORT", "SECURITY", "SENDER", "SENDER_NAME", "USERNAME"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """
    The parsed settings of the service.

    `sends_mail` says whether a variable of the mail server is set; `mail` is ``None`` when none is, or
    when one is invalid.
    """

    profile: Profile
    host: str
    port: int
    workers: int
    base_role: str
    tenants: TenantIdResolver | None
    client_ip: PeerAddress | TrustedForwardedFor
    openapi: bool
    audit: bool
    breach_service: PasswordBreachChecker | None
    metrics: MetricsAddress | None
    admission: Admission
    sends_mail: bool
    mail: AuthEmailSink | None = field(repr=False)
    catalogue: DefaultAuthEmailCatalogue = field(repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """
        Return the settings in the environment; an empty variable counts as not set.

        Raises:
            DeploymentError: A variable of either group is unknown or invalid.
        """
        problems = Problems()
        settings = cls.in_part(environ, problems)
        problems.raise_all()
        return settings

    @classmethod
    def in_part(cls, environ: Mapping[str, str], problems: Problems) -> Self:
        """Return the settings, with a default for each that is invalid; `problems` says which those are."""
        problems.add(_unknown(environ))
        unprintable = dict(_unprintable(environ))
        problems.add(unprintable.values())
        printable = {name: text for name, text in environ.items() if name not in unprintable}
        serve, smtp = _group(printable, SERVE), _group(printable, _SMTP)
        mailed = smtp and not any(name.startswith(_SMTP) for name in unprintable)
        return cls(
            profile=_profile(serve.get("PROFILE"), problems),
            host=serve.get("HOST", "127.0.0.1"),
            port=problems.attempt(lambda: _number(serve, SERVE, "PORT", 1, 65_535), None) or 8000,
            workers=problems.attempt(lambda: _workers(serve, environ), None) or 1,
            base_role=serve.get("BASE_ROLE", "USER"),
            tenants=problems.attempt(lambda: _tenants(serve), None),
            client_ip=problems.attempt(lambda: _client_ip(serve), PeerAddress()),
            openapi=problems.attempt(lambda: _switch(serve, "OPENAPI"), None) or False,
            audit=problems.attempt(lambda: _switch(serve, "AUDIT"), None) or False,
            breach_service=problems.attempt(lambda: _breach_service(serve), None),
            metrics=problems.attempt(lambda: _metrics(serve), None),
            admission=Admission(
                sign_up=problems.attempt(lambda: _switch(serve, "OAUTH_SIGN_UP", "true"), default=False),
                domains=problems.attempt(lambda: _domains(serve), frozenset[str]()),
                reclaim=problems.attempt(lambda: _switch(serve, "OAUTH_RECLAIM"), default=False),
            ),
            sends_mail=bool(_group(environ, _SMTP)),
            mail=problems.attempt(lambda: _mail(smtp), None) if mailed else None,
            catalogue=_catalogue(_group(printable, _MAIL), problems),
        )


def _group(environ: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): text.strip()
        for name, text in environ.items()
        if name.startswith(prefix) and text.strip()
    }


def _unknown(environ: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(environ):
        for prefix, known in _KNOWN.items():
            if name.upper().startswith(prefix) and name not in {prefix + one for one in known}:
                yield f"{name} is unknown. Known: {prefix}[{' | '.join(sorted(known))}]"


def _unprintable(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield control characters: a line break would inject mail headers, or fail requests later."""
    for name in sorted(environ):
        if name.startswith(tuple(_KNOWN)) and any(
            unicodedata.category(character) in {"Cc", "Cs"} for character in environ[name].strip()
        ):
            yield name, f"{name} contains a control character, or is not UTF-8."


def _profile(text: str | None, problems: Problems) -> Profile:
    for known in get_args(Profile):
        if text == known:
            profile: Profile = known
            return profile
    if text is not None:
        problems.add([f"{PROFILE} must be one of {', '.join(get_args(Profile))}."])
    return "nest_compat"


def _workers(serve: Mapping[str, str], environ: Mapping[str, str]) -> int | None:
    if "WORKERS" in serve:
        return _number(serve, SERVE, "WORKERS", 1, 1024)
    concurrency = {name: text.strip() for name, text in environ.items() if text.strip()}
    return _number(concurrency, "", "WEB_CONCURRENCY", 1, 1024)


def _tenants(serve: Mapping[str, str]) -> TenantIdResolver | None:
    tenant, header = serve.get("TENANT_ID"), serve.get("TENANT_HEADER")
    if tenant is not None and header is not None:
        raise DeploymentError(f"{SERVE}TENANT_ID and {SERVE}TENANT_HEADER cannot both be set.")
    if tenant is not None:
        if not is_usable_tenant_id(tenant):
            raise DeploymentError(f"{SERVE}TENANT_ID is longer than a tenant id may be.")
        return StaticTenantResolver(tenant)
    if header is None:
        return None
    try:
        return HeaderTenantResolver(header)
    except ValueError:
        raise DeploymentError(
            f"{SERVE}TENANT_HEADER names a header that cannot be used for the tenant."
        ) from None


def _metrics(serve: Mapping[str, str]) -> MetricsAddress | None:
    port = _number(serve, SERVE, "METRICS_PORT", 1, 65_535)
    if port is not None:
        if str(port) == serve.get("PORT", "8000").lstrip("0"):
            raise DeploymentError(f"{SERVE}METRICS_PORT is the port of the service.")
        return MetricsAddress(serve.get("METRICS_HOST", "127.0.0.1"), port)
    if "METRICS_HOST" in serve:
        raise DeploymentError(f"{SERVE}METRICS_HOST needs {SERVE}METRICS_PORT.")
    return None


def _client_ip(serve: Mapping[str, str]) -> PeerAddress | TrustedForwardedFor:
    hops = _number(serve, SERVE, "PROXY_HOPS", 0, 16)
    try:
        networks = _TEXTS.validate_python(read_list(serve.get("TRUSTED_PROXIES", "")))
        if hops:
            return TrustedForwardedFor(hops, networks)
        if not networks:
            return PeerAddress()
    except (ValueError, PydanticCustomError):
        raise DeploymentError(
            f"{SERVE}TRUSTED_PROXIES must be a list of networks: 10.0.0.0/8,::1/128"
        ) from None
    raise DeploymentError(f"{SERVE}TRUSTED_PROXIES needs {SERVE}PROXY_HOPS.")


def _domains(serve: Mapping[str, str]) -> frozenset[str]:
    try:
        domains = _TEXTS.validate_python(read_list(serve.get("OAUTH_DOMAINS", "")))
    except (ValueError, PydanticCustomError):
        domains = ("",)
    if not all(map(is_domain, domains)):
        raise DeploymentError(f"{SERVE}OAUTH_DOMAINS must be a list of domains: example.com,example.org")
    return frozenset(domains)


def _breach_service(serve: Mapping[str, str]) -> PasswordBreachChecker | None:
    url = serve.get("BREACH_CHECK_URL")
    if not _switch(serve, "BREACH_CHECK"):
        if url is not None:
            raise DeploymentError(f"{SERVE}BREACH_CHECK_URL needs {SERVE}BREACH_CHECK=true.")
        return None
    from bymax_auth.providers.hibp import HIBP_RANGE_URL, HibpBreachChecker

    try:
        return HibpBreachChecker(url=url or HIBP_RANGE_URL)
    except ModuleNotFoundError:
        raise DeploymentError(
            f"{SERVE}BREACH_CHECK needs the extra: pip install 'bymax-auth[breach]'"
        ) from None
    except ValueError:
        raise DeploymentError(
            f"{SERVE}BREACH_CHECK_URL must be an https address that ends in a slash."
        ) from None


def _mail(smtp: Mapping[str, str]) -> AuthEmailSink:
    try:
        from bymax_auth.providers.smtp import SmtpEmailSink, SmtpSecurity, is_one_address
    except ImportError:
        raise DeploymentError(f"{_SMTP}HOST needs the extra: pip install 'bymax-auth[smtp]'") from None
    problems = Problems()
    problems.add(
        f"{_SMTP}{needed} is not set; it is required to send mail."
        for needed in ("HOST", "SENDER")
        if needed not in smtp
    )
    if "SENDER" in smtp and not is_one_address(smtp["SENDER"]):
        problems.add([f"{_SMTP}SENDER is not a mail address."])
    security = smtp.get("SECURITY", SmtpSecurity.STARTTLS)
    if security not in set(SmtpSecurity):
        problems.add([f"{_SMTP}SECURITY must be one of {', '.join(SmtpSecurity)}."])
    port = problems.attempt(lambda: _number(smtp, _SMTP, "PORT", 1, 65_535), None)
    problems.raise_all()
    password = smtp.get("PASSWORD")
    try:
        return SmtpEmailSink(
            host=smtp["HOST"],
            sender=smtp["SENDER"],
            sender_name=smtp.get("SENDER_NAME", ""),
            port=port,
            security=SmtpSecurity(security),
            username=smtp.get("USERNAME"),
            password=None if password is None else Secret(password),
        )
    except ValueError as error:
        raise DeploymentError(f"{_SMTP}PASSWORD: {error}") from None


def _catalogue(given: Mapping[str, str], problems: Problems) -> DefaultAuthEmailCatalogue:
    """Return the catalogue with the options that are valid."""
    catalogue = DefaultAuthEmailCatalogue()
    for name, option in _MAIL_OPTIONS.items():
        if name in given:
            try:
                catalogue = replace(catalogue, **{option: given[name]})
            except ValueError as error:
                problems.add([f"{_MAIL}{str(error).replace(option, name, 1)}"])
    return catalogue


def _switch(serve: Mapping[str, str], name: str, default: str = "false") -> bool:
    text = serve.get(name, default).lower()
    if text not in {"true", "false"}:
        raise DeploymentError(f"{SERVE}{name} must be true or false.")
    return text == "true"


def _number(group: Mapping[str, str], prefix: str, name: str, least: int, most: int) -> int | None:
    text = group.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and least <= int(text) <= most):
        raise DeploymentError(f"{prefix}{name} must be a whole number from {least} to {most}.")
    return int(text)
