"""Requests bent out of shape, the same ones for the same seed."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["MARK", "Malformed", "bent"]

MARK = "s3cr3t-9f2c-mark"
"""Part of every secret that a bent request holds; no answer may show it."""

SURPRISES: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    [],
    {},
    [MARK],
    {"a": {"b": MARK}},
    "",
    " ",
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "\ufeff",
    "\u202e",
    "a\r\nset-cookie: x=y",
    "\U0001f600" * 64,
    "é" * 65,
    "x" * 129,
    "x" * 5_000,
    "' OR 1=1 --",
    "{{7*7}}",
    "../../etc/passwd",
    "%00",
)
HEADER_SURPRISES = (
    "",
    " ",
    "x",
    "null",
    "\t",
    "0",
    "a" * 9_000,
    "é",
    "=;=;,",
    "Bearer",
    "Bearer  x y",
    "%s%n",
)
HEADERS = ("origin", "cookie", "authorization", "content-type", "user-agent", "x-forwarded-for", "host", "te")


@dataclass(slots=True)
class Malformed:
    """One bent request."""

    raw: bytes
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    chunks: int = 1
    query: bytes = b""

    @property
    def keys_hold_the_mark(self) -> bool:
        """Whether the mark became a key; a key that is not known is named in the answer."""
        names: list[str] = []

        def collect(pairs: list[tuple[str, object]]) -> None:
            names.extend(key for key, _ in pairs)

        try:
            json.loads(self.raw, object_pairs_hook=collect)
        except (ValueError, RecursionError):
            return False
        return any(MARK[:4] in name for name in names)


def bent(random_source: random.Random, body: dict[str, object]) -> Malformed:
    """Return `body` bent in one of many ways, its headers too."""
    members = dict(body)
    bend = random_source.choice(BENDS)
    request = Malformed(bend(random_source, members))
    request.chunks = random_source.choice((1, 1, 1, 2, 7))
    if random_source.random() < 0.2:
        name = random_source.choice(HEADERS)
        request.headers.append((name, random_source.choice(HEADER_SURPRISES)))
    if random_source.random() < 0.1:
        request.query = bytes(random_source.randrange(33, 127) for _ in range(random_source.randrange(40)))
    return request


def surprised(random_source: random.Random, members: dict[str, object]) -> bytes:
    for name in (
        random_source.sample(list(members), random_source.randint(1, max(1, len(members)))) if members else []
    ):
        members[name] = random_source.choice(SURPRISES)
    return json.dumps(members or random_source.choice(SURPRISES)).encode()


def incomplete(random_source: random.Random, members: dict[str, object]) -> bytes:
    if members:
        del members[random_source.choice(list(members))]
    return json.dumps(members).encode()


def extended(random_source: random.Random, members: dict[str, object]) -> bytes:
    key = "".join(chr(random_source.randrange(0, 0xD800)) for _ in range(random_source.randrange(90)))
    return json.dumps(
        {**members, key: random_source.choice(SURPRISES)}, ensure_ascii=random_source.random() < 0.5
    ).encode("utf-8", "surrogatepass")


def repeated(random_source: random.Random, members: dict[str, object]) -> bytes:
    text = json.dumps(members)
    name = random_source.choice([*members, "x"])
    return f'{{"{name}":"{MARK}","{name}":"{MARK}",{text[1:]}'.encode()


def damaged(random_source: random.Random, members: dict[str, object]) -> bytes:
    data = bytearray(json.dumps(members).encode())
    for _ in range(random_source.randint(1, 4)):
        place = random_source.randrange(len(data) + 1)
        match random_source.randrange(5):
            case 0:
                del data[place : place + random_source.randrange(1, 12)]
            case 1:
                data[place:place] = bytes(
                    random_source.randrange(256) for _ in range(random_source.randrange(1, 6))
                )
            case 2:
                data[place : place + 1] = bytes([random_source.randrange(256)])
            case 3:
                data[place:place] = data[: random_source.randrange(20)]
            case _:
                del data[place:]
    return bytes(data)


def recoded(random_source: random.Random, members: dict[str, object]) -> bytes:
    text = json.dumps(members, ensure_ascii=False)
    return text.encode(random_source.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7")))


def nested(random_source: random.Random, members: dict[str, object]) -> bytes:
    depth = random_source.choice((3, 127, 128, 129, 2_000, 20_000))
    opening, closing = random_source.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return b'{"email":' + opening * depth + b"1" + closing * (depth - random_source.randint(0, 1)) + b"}"


def constant(random_source: random.Random, members: dict[str, object]) -> bytes:
    value = random_source.choice(("NaN", "-Infinity", "1e999", "9" * 6_000, "0x10", "01", "tru", "'x'"))
    name = random_source.choice([*members, "x"])
    return f'{{"{name}":{value}}}'.encode()


def noise(random_source: random.Random, members: dict[str, object]) -> bytes:
    return random_source.randbytes(random_source.randrange(200))


def other_top(random_source: random.Random, members: dict[str, object]) -> bytes:
    return json.dumps(random_source.choice(([members], MARK, 1, None, [], [[members]]))).encode()


BENDS: tuple[Callable[[random.Random, dict[str, object]], bytes], ...] = (
    surprised,
    surprised,
    incomplete,
    extended,
    repeated,
    damaged,
    damaged,
    damaged,
    recoded,
    nested,
    constant,
    noise,
    other_top,
)
