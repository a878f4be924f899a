"""Questions to the application and its answers, and how a report describes them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["Answer", "Question", "SetCookie", "Unanswered", "http_date", "same_digits"]

_BEFORE_QUERY: Final = re.compile(r"[^?#]*")
_DIGITS: Final = str.maketrans(dict.fromkeys("123456789", "0"))
_WORD: Final = re.compile(r"""[^\s"'<>=;,&]+""")


@dataclass(frozen=True, slots=True)
class Question:
    """
    One request.

    Args:
        target: Path and query as they are sent, byte for byte.
        headers: Sent beside those of a browser that opens a page, or in place of them.
        session: Sent with the cookie of the person who asks.
    """

    target: str
    headers: tuple[tuple[str, str], ...] = ()
    session: bool = False

    def __str__(self) -> str:
        told = "".join(f", {name}: {value}" for name, value in self.headers)
        return f"GET {self.target}{told}{', with the session' if self.session else ''}"


@dataclass(frozen=True, slots=True)
class SetCookie:
    """A cookie that an answer sets; its value is not kept."""

    name: str
    attributes: dict[str, str]
    deleted: bool

    @classmethod
    def parse(cls, text: str, now: datetime) -> "SetCookie":
        """Return the cookie of a ``Set-Cookie`` header."""
        pair, *others = text.split(";")
        name, _, value = pair.partition("=")
        attributes = {
            key.strip().lower(): content.strip() for key, _, content in (one.partition("=") for one in others)
        }
        # Max-Age has precedence.  Source: RFC 6265 §5.3.
        if re.fullmatch(r"-?\d+", age := attributes.get("max-age", "")):
            ended = age.startswith("-") or not age.strip("0")
        else:
            ended = (http_date(attributes.get("expires", "")) or now) < now
        return cls(name.strip(), attributes, deleted=ended or not value.strip(' "'))

    def __str__(self) -> str:
        kept = ("path", "domain", "max-age", "secure", "httponly", "samesite")
        told = [f"{key}={self.attributes[key]}".rstrip("=") for key in kept if key in self.attributes]
        return "; ".join((f"Set-Cookie: {self.name}=…", *told))


@dataclass(frozen=True, slots=True)
class Answer:
    """
    One answer.

    Args:
        question: What was asked.
        status: Its status.
        headers: Its headers, their names in lower case.
        body: Its body; ``None`` if it is compressed, longer than is read, or not kept.
    """

    question: Question
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str | None = field(repr=False)

    @property
    def redirects(self) -> bool:
        """Whether it sends a browser elsewhere."""
        return self.status in {301, 302, 303, 307, 308} and bool(self.header("location"))

    @property
    def succeeds(self) -> bool:
        """Whether its status is 2xx."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str:
        """Return the values of a header, joined; empty without one."""
        return ", ".join(value for key, value in self.headers if key == name)

    def cookies(self) -> Iterator[SetCookie]:
        """Yield the cookies that it sets or deletes."""
        for name, value in self.headers:
            if name == "set-cookie":
                yield SetCookie.parse(value, self.date)

    @property
    def date(self) -> datetime:
        """When it was sent."""
        return http_date(self.header("date")) or datetime.now(UTC)

    def words(self) -> frozenset[str]:
        """Return the words of the body, its markup's among them; a time is the same word at any time."""
        return frozenset(_WORD.findall(same_digits(self.body or "")))

    def described(self, *names: str) -> str:
        """Return the status, where it redirects to without its query, and these headers."""
        told = [str(self.status)]
        if self.redirects:
            told.append(f"Location: {_BEFORE_QUERY.match(self.header('location'))[0]}")  # type: ignore[index]  # it matches every text
        told += [f"{name}: {self.header(name) or '(none)'}" for name in names]
        return ", ".join(told)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why there is no answer."""

    reason: str


def http_date(text: str) -> datetime | None:
    """Return the time that a header names, if it names one."""
    try:
        named = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return named if named.tzinfo else named.replace(tzinfo=UTC)


def same_digits(text: str) -> str:
    """Return the text with one digit in the place of all others."""
    return text.translate(_DIGITS)
