"""
The types of options, and how each is parsed from text.

Numbers and switches are strict: ``True`` or ``"5"`` for a count is a mistake of the host.  Text is converted
only when validating with the context `FROM_TEXT`, which is used for environment variables.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    Strict,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from bymax_auth.crypto.password.imported import HashFormat
from bymax_auth.types.secret import Secret

__all__ = [
    "FROM_TEXT",
    "ConfigGroup",
    "Duration",
    "Flag",
    "HashFormats",
    "OptionalText",
    "RoleHierarchy",
    "SecretText",
    "SecretTexts",
    "Text",
    "Texts",
    "WholeNumber",
    "duration_fault",
    "read_list",
]

FROM_TEXT: Final = MappingProxyType({"from_text": True})
"""The validation context in which text is parsed as numbers, switches and JSON."""

MAX_DURATION: Final = timedelta(days=36_500)

_SWITCHES: Final = {"true": True, "1": True, "yes": True, "on": True} | {
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


class ConfigGroup(BaseModel):
    """A frozen group of options that rejects unknown names and leaves input values out of errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True
    )


def duration_fault(value: timedelta, *, zero_allowed: bool = True) -> str | None:
    """Return what is wrong with a duration, or ``None``."""
    if value < timedelta(0):
        return "must not be negative"
    if value.microseconds:
        return "must be whole seconds"
    if value > MAX_DURATION:
        return "must be at most 100 years"
    if not value and not zero_allowed:
        return "must be at least one second"
    return None


def _when_text(parse: Callable[[str], object]) -> BeforeValidator:
    def read(value: object, info: ValidationInfo) -> object:
        return parse(value) if isinstance(value, str) and info.context == FROM_TEXT else value

    return BeforeValidator(read)


def _number(text: str) -> object:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip(), re.ASCII) else text


def _switch(text: str) -> object:
    return _SWITCHES.get(text.strip().lower(), text)


def read_list(text: str) -> object:
    """
    Return the entries of a list in an environment variable: separated by commas, or a JSON array.

    Text that begins as JSON does is read as JSON only, so that an array with a mistake in it is
    refused and not split.

    Raises:
        PydanticCustomError: the text begins as JSON does, and is none.
    """
    if text.lstrip().startswith(("[", "{", '"')):
        return _json(text)
    return tuple(entry.strip() for entry in text.split(",") if entry.strip())


def _json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_unique_members)
    except (ValueError, RecursionError):
        raise PydanticCustomError(
            "invalid_json", "Input should be JSON that names each member once"
        ) from None


def _unique_members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is written twice")
    return members


def _seconds(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("timedelta_type", "Input should be a duration")
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?", value.strip(), re.ASCII):
        return timedelta(seconds=float(value))
    return value


def _whole_seconds(value: timedelta) -> timedelta:
    fault = duration_fault(value)
    if fault:
        raise PydanticCustomError("invalid_duration", "Duration {fault}", {"fault": fault, "got": str(value)})
    return value


def _encodable(value: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        # The original error carries the text, which may be a secret, in its `object`.
        raise PydanticCustomError("string_unicode", "Input should be valid Unicode text") from None
    return value


def _encodable_secret(value: Secret) -> Secret:
    _encodable(value.reveal())
    return value


def _frozen(value: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(dict(value))


WholeNumber = Annotated[int, Strict(), _when_text(_number)]
"""An integer; in an environment variable, digits."""

Flag = Annotated[bool, Strict(), _when_text(_switch)]
"""A switch; in an environment variable, ``true`` or ``false``."""

Duration = Annotated[timedelta, AfterValidator(_whole_seconds), BeforeValidator(_seconds)]
"""Whole seconds: a `timedelta`, a number of seconds, or ISO 8601 text."""

Text = Annotated[str, AfterValidator(_encodable)]
"""Text without lone surrogates, which cannot be encoded in UTF-8."""

OptionalText = Annotated[Text | None, AfterValidator(lambda text: text or None)]
"""Text, where empty means not set."""

Texts = Annotated[tuple[Text, ...], _when_text(read_list)]
"""A list of text; in an environment variable, separated by commas or a JSON array."""

HashFormats = Annotated[tuple[HashFormat, ...], _when_text(read_list)]
"""A list of formats of password hashes; in an environment variable, separated by commas or a JSON array."""

SecretText = Annotated[Secret, AfterValidator(_encodable_secret)]
"""Text whose value is redacted wherever it is printed."""

SecretTexts = Annotated[tuple[SecretText, ...], _when_text(read_list)]
"""A list of secrets; in an environment variable, separated by commas or a JSON array."""

RoleHierarchy = Annotated[
    Mapping[Text, tuple[Text, ...]], AfterValidator(_frozen), PlainSerializer(dict), _when_text(_json)
]
"""Each role with every role that it includes; in an environment variable, a JSON object."""
