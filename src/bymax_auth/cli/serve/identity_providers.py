"""
The providers of identities that the environment describes, beside Google, which is an option of the library.

    BYMAX_AUTH_OAUTH__GITHUB__CLIENT_ID   a provider that the library knows, by its name
    BYMAX_AUTH_OAUTH__ACME__ISSUER        any other name with an issuer: an OpenID provider

The name of a group in lower case, with ``-`` for ``_``, is the name of the provider: it is in the address of
the routes and stored with each account.  No message of this module contains a value: it may be a secret.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter
from pydantic_core import PydanticCustomError

from bymax_auth.cli.problems import DeploymentError, Problems
from bymax_auth.cli.serve.provider_kinds import KINDS, OPENID, Described, ProviderKind
from bymax_auth.config import AuthConfig, Environment
from bymax_auth.config.browser import is_scope_word
from bymax_auth.config.field_types import read_list
from bymax_auth.config.urls import host_of, is_acceptable_address
from bymax_auth.ports.http import HttpClient
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.types.secret import Secret

__all__ = ["OAUTH", "IdentityProviders"]

OAUTH: Final = "BYMAX_AUTH_OAUTH__"
_GROUP: Final = re.compile(rf"{OAUTH}(?P<group>.+?)__(?P<field>.+)", re.IGNORECASE)
_OF_THE_LIBRARY: Final = "GOOGLE"
_NAME: Final = re.compile(r"[A-Z0-9]([A-Z0-9_]{0,62}[A-Z0-9])?", re.ASCII)
_TEXTS: Final = TypeAdapter(tuple[str, ...])
_MANY_LINES: Final = "PRIVATE_KEY"
"""The one field that may have several lines, which some environments write as ``\\n``."""

_MOST_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class IdentityProviders:
    """
    The providers that were built, and the name of each that was described.

    A provider with a problem is among `names` only, so that nothing else reports it as missing.
    """

    built: tuple[OAuthProvider, ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    def in_part(
        cls, environ: Mapping[str, str], config: AuthConfig, problems: Problems
    ) -> "IdentityProviders":
        """Return the providers without a problem; the others' problems are added to `problems`."""
        groups = dict(_groups(environ, problems))
        names = tuple(map(_name_of, groups))
        # Made for the first that needs it: reading the authorities that the system trusts takes a while.
        client = cache(_client)
        described = [_Group(name, fields, config) for name, fields in groups.items()]
        built = [problems.attempt(partial(_built, group, client), None) for group in described]
        return cls(tuple(provider for provider in built if provider is not None), names)


@dataclass(frozen=True, slots=True)
class _Group:
    """The variables of one provider, and how each is called in a message."""

    name: str
    fields: Mapping[str, str] = field(repr=False)
    config: AuthConfig

    def variable(self, name: str) -> str:
        return f"{OAUTH}{self.name}__{name}"

    @property
    def kind(self) -> ProviderKind:
        return KINDS.get(self.name, OPENID)

    @property
    def production(self) -> bool:
        return self.config.environment is Environment.PRODUCTION

    def example(self, name: str) -> str:
        callback = f"https://app.example.com/{self.config.route_prefix}/oauth/{_name_of(self.name)}/callback"
        return callback if name == "CALLBACK_URL" else self.kind.examples[name]


def _groups(environ: Mapping[str, str], problems: Problems) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each provider that is described, with its fields; an empty variable counts as not set."""
    found: dict[str, dict[str, str]] = {}
    for name in sorted(environ):
        matched = _GROUP.fullmatch(name)
        if matched is None or matched["group"].upper() == _OF_THE_LIBRARY or not environ[name].strip():
            continue
        group, text = matched["group"].upper(), environ[name].strip()
        if name != name.upper():
            problems.add([f"{name} must be in upper case: {name.upper()}"])
        elif _NAME.fullmatch(group) is None:
            said = "the name of a provider is 1 to 64 of A-Z, 0-9 and _"
            problems.add([f"{name}: {said}. Example: {OAUTH}ACME__ISSUER"])
        elif _is_unreadable(matched["field"], text):
            problems.add([f"{name} contains a control character, or is not UTF-8."])
        else:
            found.setdefault(group, {})[matched["field"]] = text
    yield from found.items()


def _is_unreadable(name: str, text: str) -> bool:
    allowed = "\r\n" if name == _MANY_LINES else ""
    return any(unicodedata.category(one) in {"Cc", "Cs"} and one not in allowed for one in text)


def _name_of(group: str) -> str:
    return group.lower().replace("_", "-")


def _client() -> HttpClient:
    from bymax_auth.providers.http import HttpxHttpClient

    return HttpxHttpClient()


def _built(group: _Group, client: Callable[[], HttpClient]) -> OAuthProvider:
    """
    Return the provider.

    Raises:
        DeploymentError: A variable is missing, unknown or invalid; the error has every such problem.
    """
    problems = Problems()
    problems.add(_unknown(group))
    problems.add(_missing(group))
    problems.add(_callback(group))
    scope = problems.attempt(lambda: _scope(group), None)
    private_key = problems.attempt(lambda: _private_key(group), None)
    problems.raise_all()
    described = Described(
        name=_name_of(group.name),
        client_id=group.fields["CLIENT_ID"],
        client_secret=Secret(group.fields.get("CLIENT_SECRET", "")),
        redirect_uri=group.fields["CALLBACK_URL"],
        scope=scope,
        special={name: group.fields[name] for name in group.kind.special if name in group.fields},
        private_key=private_key,
        http_client=client(),
        loopback=not group.production,
    )
    try:
        return group.kind.build(described)
    except ValueError as error:
        name = _named_in(str(error), group)
        raise DeploymentError(f"{group.variable(name)}: {error} Example: {group.example(name)}") from None


def _named_in(text: str, group: _Group) -> str:
    """
    Return the field that a refusal is about: one that only this provider takes.

    What all of them take is judged before.  Without a name in the text, it is the last one: Apple's key.
    """
    given = [name for name in group.kind.special if name in group.fields]
    return next((name for name in given if name.lower() in text), given[-1])


def _unknown(group: _Group) -> Iterator[str]:
    known = sorted(group.kind.fields)
    for name in group.fields:
        if name not in known:
            yield f"{group.variable(name)} is unknown. Known: {group.variable('')}[{' | '.join(known)}]"


def _missing(group: _Group) -> Iterator[str]:
    if group.kind is OPENID and "ISSUER" not in group.fields:
        yield (
            f"{group.variable('ISSUER')} is not set. Example: {OPENID.examples['ISSUER']}\n"
            f"Without an issuer, a provider has one of these names: {', '.join([_OF_THE_LIBRARY, *KINDS])}."
        )
    for name in group.kind.required:
        if name not in group.fields and name != "ISSUER":
            yield f"{group.variable(name)} is not set. Example: {group.example(name)}"


def _callback(group: _Group) -> Iterator[str]:
    url, variable = group.fields.get("CALLBACK_URL"), group.variable("CALLBACK_URL")
    if url is None:
        return
    allowed = {host.lower() for host in group.config.oauth.redirect_allowlist}
    if not is_acceptable_address(url, loopback=not group.production):
        accepted = "an https URL" if group.production else "an https URL, or http on the loopback interface"
        yield f"{variable} must be {accepted}. Example: {group.example('CALLBACK_URL')}"
    elif group.production and allowed and (host_of(url) or "").lower() not in allowed:
        yield (
            f"{variable} goes to a host that {OAUTH}REDIRECT_ALLOWLIST does not name.\n"
            f"Example: {OAUTH}REDIRECT_ALLOWLIST=app.example.com"
        )


def _scope(group: _Group) -> tuple[str, ...] | None:
    text = group.fields.get("SCOPE")
    if text is None:
        return None
    try:
        words = _TEXTS.validate_python(read_list(text))
    except (ValueError, PydanticCustomError):
        words = ()
    variable, example = group.variable("SCOPE"), group.example("SCOPE")
    if not words or not all(map(is_scope_word, words)):
        raise DeploymentError(f"{variable} must be a list: {example}")
    if group.kind.needs_openid and "openid" not in words:
        raise DeploymentError(f"{variable} must have openid. Example: {example}")
    return words


def _private_key(group: _Group) -> Secret | None:
    """Return the key of Apple, from the one of two variables that is set."""
    if "PRIVATE_KEY_FILE" not in group.kind.fields:
        return None
    text, file = group.fields.get("PRIVATE_KEY"), group.fields.get("PRIVATE_KEY_FILE")
    in_text, in_file = group.variable("PRIVATE_KEY"), group.variable("PRIVATE_KEY_FILE")
    if text is not None and file is not None:
        raise DeploymentError(f"{in_text} and {in_file} cannot both be set.")
    if text is not None:
        return Secret(text.replace("\\n", "\n"))
    example = group.example("PRIVATE_KEY_FILE")
    if file is None:
        raise DeploymentError(f"{in_file} is not set, nor is {in_text}. Example: {example}")
    try:
        with Path(file).open(encoding="ascii") as opened:
            return Secret(opened.read(_MOST_BYTES))
    except (OSError, ValueError):
        raise DeploymentError(f"{in_file} names a file that cannot be read. Example: {example}") from None
