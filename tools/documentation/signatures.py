"""Signatures of public names, as the code declares them."""

import griffe

__all__ = ["signature"]

_WIDTH = 88
_DECORATORS = ("classmethod", "staticmethod")
_MARKERS = {
    griffe.ParameterKind.var_positional: "*",
    griffe.ParameterKind.var_keyword: "**",
}


def signature(one: griffe.Class | griffe.Function | griffe.Attribute | griffe.TypeAlias) -> str:
    """Return the declaration of a class, a function or a value, in one line or one line a parameter."""
    match one:
        case griffe.Class():
            return _class(one)
        case griffe.Function():
            decorator = next((f"@{each}\n" for each in _DECORATORS if each in one.labels), "")
            prefix = f"{decorator}async def" if "async" in one.labels else f"{decorator}def"
            returned = f" -> {one.returns}" if one.returns is not None else ""
            return _wrapped(f"{prefix} {one.name}", _parameters(one.parameters), returned)
        case griffe.TypeAlias():
            return f"type {one.name} = {one.value}"
        case _:
            return _value(one)


def _value(one: griffe.Attribute) -> str:
    """The declaration of an attribute or a constant, with its value where that says something."""
    shown = f"{one.name}: {one.annotation}" if one.annotation is not None else one.name
    value = str(one.value) if one.value is not None else ""
    is_own = isinstance(one.parent, griffe.Module) or "(" not in value
    return f"{shown} = {value}" if value and is_own and len(value) <= _WIDTH and value[0] != "_" else shown


def _class(one: griffe.Class) -> str:
    bases = [str(base) for base in one.bases]
    named = f"class {one.name}({', '.join(bases)})" if bases else f"class {one.name}"
    constructor = one.members.get("__init__")
    if not isinstance(constructor, griffe.Function):
        return named
    return f"{named}\n\n{_wrapped(one.name, _parameters(constructor.parameters), '')}"


def _parameters(parameters: griffe.Parameters) -> list[str]:
    """The parameters as they are written, without `self`."""
    written: list[str] = []
    is_keyword_only = False
    for each in parameters:
        if each.name in {"self", "cls"} and not written:
            continue
        if each.kind is griffe.ParameterKind.keyword_only and not is_keyword_only:
            written.append("*")
        is_keyword_only |= each.kind in {
            griffe.ParameterKind.keyword_only,
            griffe.ParameterKind.var_positional,
        }
        text = f"{_MARKERS.get(each.kind or griffe.ParameterKind.positional_or_keyword, '')}{each.name}"
        if each.annotation is not None:
            text += f": {each.annotation}"
        if each.default is not None and each.kind not in _MARKERS:
            text += f" = {each.default}" if each.annotation is not None else f"={each.default}"
        written.append(text)
    return written


def _wrapped(opening: str, parameters: list[str], returned: str) -> str:
    line = f"{opening}({', '.join(parameters)}){returned}"
    if len(line) <= _WIDTH:
        return line
    return f"{opening}(\n" + "".join(f"    {each},\n" for each in parameters) + f"){returned}"
