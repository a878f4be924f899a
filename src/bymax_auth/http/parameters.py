"""
The parameters of a query or of a form, as text by name.

Source: the ``application/x-www-form-urlencoded`` parser of the URL standard, and RFC 6749 §3.1, "Request and
response parameters MUST NOT be included more than once."
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from bymax_auth.errors import FieldError, ValidationFailed
from bymax_auth.http.request import RequestView
from bymax_auth.http.schemas.fields import RequestModel

__all__ = ["parse_parameters", "query_parameters", "require_form"]

_MOST: Final = 64
_FORM: Final = "application/x-www-form-urlencoded"


def query_parameters(view: RequestView, model: type[RequestModel], limit: int) -> Mapping[str, str]:
    """
    Return the parameters of the request's query.

    Raises:
        ValidationFailed: The query is too long or malformed, repeats a parameter, or has one that `model`
            forbids.
    """
    raw: bytes = view.scope.get("query_string", b"")
    if len(raw) > limit:
        raise _invalid("query", "is too long")
    parameters = parse_parameters(raw, "query")
    if model.model_config.get("extra") == "forbid":
        known = {field.alias or name for name, field in model.model_fields.items()}
        if not known.issuperset(parameters):
            raise _invalid("query", "has a parameter that is not allowed")
    return parameters


def parse_parameters(raw: bytes, field: str) -> dict[str, str]:
    """
    Return the parameters in `raw`; `field` is what a refusal calls the whole.

    Raises:
        ValidationFailed: There are too many of them, one is repeated, or they are not UTF-8.
    """
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST)
    except ValueError:
        raise _invalid(field, "is not valid") from None
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        raise _invalid(field, "must not repeat a parameter")
    return parameters


def require_form(view: RequestView) -> None:
    """
    Refuse a body that is not declared as a form.

    Raises:
        ValidationFailed: ``Content-Type`` is absent or names another type.
    """
    essence = (view.header(b"content-type") or "").partition(";")[0].strip(" \t").lower()
    if essence != _FORM:
        raise _invalid("content-type", f"Content-Type must be {_FORM}.")


def _invalid(field: str, message: str) -> ValidationFailed:
    return ValidationFailed(fields=(FieldError(field, message),))
