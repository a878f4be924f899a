"""The documentation table of options, generated from the models so that the two cannot differ."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Union, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bymax_auth.config.browser import GoogleOAuthConfig
from bymax_auth.config.credentials import MfaConfig
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import env_variable
from bymax_auth.config.resolvers import LegacyVerifier, MaxSessionsResolver, TenantIdResolver
from bymax_auth.config.validation import group_of
from bymax_auth.types.secret import Secret

__all__ = ["OptionRow", "option_rows", "options_table"]

_CODE_ONLY: Final = frozenset(
    {
        "cookies.resolve_domains",
        "password.legacy_verifiers",
        "sessions.max_sessions_resolver",
        "tenancy.resolver",
    }
)

_KINDS: Final[Mapping[object, str]] = {
    bool: "switch",
    int: "number",
    str: "text",
    timedelta: "duration",
    Secret: "secret",
    LegacyVerifier: "object",
    MaxSessionsResolver: "object",
    TenantIdResolver: "object",
}

_OPTIONAL_GROUPS: Final[Mapping[str, BaseModel]] = {"mfa": MfaConfig(), "oauth.google": GoogleOAuthConfig()}

_HEADING: Final = """\
| Option | Type | Default | Secure default | Environment variable | Meaning |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionRow:
    """One row of the table; `secure_default` is empty where both profiles have the same default."""

    option: str
    kind: str
    default: str
    secure_default: str
    variable: str
    meaning: str


def options_table() -> str:
    """Return the Markdown table of every option."""
    return _HEADING + "".join(map(_line, option_rows()))


def option_rows() -> Iterator[OptionRow]:
    """Yield every option in the order of the models."""
    yield from _rows(AuthConfig(), AuthConfig.secure_defaults(), "")


def _line(row: OptionRow) -> str:
    cells = (f"`{row.option}`", row.kind, row.default, row.secure_default, row.variable, row.meaning)
    return f"| {' | '.join(cells)} |\n"


def _rows(plain: BaseModel, secure: BaseModel, prefix: str) -> Iterator[OptionRow]:
    for name, field in type(plain).model_fields.items():
        option = prefix + name
        mine, hardened = getattr(plain, name), getattr(secure, name)
        if group_of(field.annotation) is None:
            yield _row(option, field, mine, hardened)
        else:
            empty = _OPTIONAL_GROUPS.get(option)
            yield from _rows(empty or mine, empty or hardened, option + ".")


def _row(option: str, field: FieldInfo, plain: object, secure: object) -> OptionRow:
    return OptionRow(
        option=option,
        kind=_kind(field.annotation),
        default=_shown(plain),
        secure_default=_shown(secure) if secure != plain else "",
        variable="code only" if option in _CODE_ONLY else f"`{env_variable(option)}`",
        meaning=(field.description or "").replace("|", "\\|"),
    )


def _kind(annotation: Any) -> str:
    if annotation in _KINDS:
        return _KINDS[annotation]
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{choice}`" for choice in annotation)
    origin: Any = get_origin(annotation)
    arguments = get_args(annotation)
    if origin in {Union, types.UnionType}:
        return _kind(next(part for part in arguments if part is not type(None)))
    if origin is tuple:
        return f"list of {_kind(arguments[0])}"
    if origin is Annotated:
        return _kind(arguments[0])
    return "mapping" if isinstance(origin, type) and issubclass(origin, Mapping) else "object"


def _shown(value: object) -> str:
    match value:
        case None:
            return "unset"
        case Secret() | "":
            return "–"
        case bool():
            return "on" if value else "off"
        case timedelta():
            return f"{value // timedelta(seconds=1)} s"
        case tuple():
            items = cast("tuple[object, ...]", value)
            return ", ".join(f"`{item}`" for item in items) or "empty"
        case Mapping():
            return "empty"
        case _:
            return f"`{value}`"
