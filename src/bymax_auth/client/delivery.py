"""
How the tokens travel: in bodies and the header ``Authorization``, or in cookies.

No cookie jar is involved.  With cookies, the two values are read from ``Set-Cookie`` and are held by the
session like any tokens; no other cookie is read, kept or sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from pydantic import TypeAdapter

from bymax_auth.client.decoding import TokensBody, decoded, members_of
from bymax_auth.client.errors import DecodeError
from bymax_auth.client.exchange import Reply
from bymax_auth.client.token_text import is_token
from bymax_auth.types.results import RotatedTokens

__all__ = ["BearerDelivery", "CookieDelivery", "CookieNames", "Delivery"]

_TOKENS: Final = TypeAdapter(TokensBody)
_CHOICE: Final = "X-Auth-Delivery"
"""With it, a client chooses where the server offers both ways."""

_PREFIXES: Final = ("", "__Host-", "__Secure-")


class Delivery(Protocol):
    """One way for tokens to travel."""

    @property
    def choice(self) -> Mapping[str, str]:
        """The headers of every request."""
        ...

    def access(self, tokens: RotatedTokens) -> tuple[str, str]:
        """Return the header that carries the access token."""
        ...

    def refresh(self, tokens: RotatedTokens, *, with_access: bool) -> Mapping[str, str]:
        """Return the headers of a request to a route that reads the refresh token."""
        ...

    def refresh_in_body(self, tokens: RotatedTokens) -> Mapping[str, object]:
        """Return the members of such a request's body."""
        ...

    def tokens_of(self, reply: Reply) -> RotatedTokens | None:
        """
        Return the tokens of an answer, ``None`` if it has none anywhere.

        Raises:
            DecodeError: The server delivers them in another way.
        """
        ...


_START_OF_JWT: Final = "eyJ"
"""``{"`` in base64url, with which every header begins."""

_DOTS_OF_JWT: Final = 2


class BearerDelivery:
    """Tokens in bodies and the header ``Authorization``.  Implements `Delivery`."""

    choice: Mapping[str, str] = {_CHOICE: "bearer"}

    def access(self, tokens: RotatedTokens) -> tuple[str, str]:
        """Implements `Delivery`."""
        return "Authorization", f"Bearer {tokens.access_token}"

    def refresh(self, tokens: RotatedTokens, *, with_access: bool) -> Mapping[str, str]:
        """Implements `Delivery`."""
        return dict([self.access(tokens)]) if with_access else {}

    def refresh_in_body(self, tokens: RotatedTokens) -> Mapping[str, object]:
        """Implements `Delivery`."""
        return {"refreshToken": tokens.refresh_token}

    def tokens_of(self, reply: Reply) -> RotatedTokens | None:
        """Implements `Delivery`."""
        if "accessToken" not in members_of(reply):
            if any(map(_sets_access_token, reply.all("set-cookie"))):
                raise DecodeError(
                    "the server delivers tokens in cookies and not in the body: set its `token_delivery` to "
                    "`bearer` or `both`, or give the client `cookies=CookieNames()`"
                )
            return None
        body = decoded(_TOKENS, reply)
        return RotatedTokens(access_token=body.access_token, refresh_token=body.refresh_token)


def _sets_access_token(line: str) -> bool:
    """Whether a ``Set-Cookie`` has a signed token, whatever its name; proxies set cookies of their own."""
    value = line.partition("=")[2].partition(";")[0].strip()
    return value.startswith(_START_OF_JWT) and value.count(".") == _DOTS_OF_JWT


@dataclass(frozen=True, slots=True)
class CookieNames:
    """The names of the server's cookies; it may set them with the prefix ``__Host-`` or ``__Secure-``."""

    access: str = "access_token"
    refresh: str = "refresh_token"


@dataclass(frozen=True, slots=True)
class CookieDelivery:
    """Tokens in cookies.  Implements `Delivery`."""

    names: CookieNames
    _seen: dict[str, str] = field(default_factory=dict[str, str], repr=False, compare=False)
    """The names as the server spells them, once it has set the cookies."""

    @property
    def choice(self) -> Mapping[str, str]:
        """Implements `Delivery`."""
        return {_CHOICE: "cookie"}

    def access(self, tokens: RotatedTokens) -> tuple[str, str]:
        """Implements `Delivery`."""
        return "Cookie", f"{self._spelled(self.names.access)}={tokens.access_token}"

    def refresh(self, tokens: RotatedTokens, *, with_access: bool) -> Mapping[str, str]:
        """Implements `Delivery`."""
        name, access = self.access(tokens)
        cookie = f"{self._spelled(self.names.refresh)}={tokens.refresh_token}"
        return {name: f"{access}; {cookie}" if with_access else cookie}

    def refresh_in_body(self, tokens: RotatedTokens) -> Mapping[str, object]:
        """Implements `Delivery`."""
        return {}

    def tokens_of(self, reply: Reply) -> RotatedTokens | None:
        """Implements `Delivery`."""
        access, refresh = self._value(reply, self.names.access), self._value(reply, self.names.refresh)
        if access and refresh:
            return RotatedTokens(access_token=access, refresh_token=refresh)
        if "accessToken" in members_of(reply):
            raise DecodeError(
                "the server delivers tokens in the body and not in cookies: leave out the client's `cookies`"
            )
        return None

    def _spelled(self, name: str) -> str:
        return self._seen.get(name, name)

    def _value(self, reply: Reply, name: str) -> str:
        """Return what the answer sets a cookie to, ``""`` if it does not; of several, the last counts."""
        value = ""
        for line in reply.all("set-cookie"):
            spelled, _, rest = line.partition("=")
            if spelled.strip() in {prefix + name for prefix in _PREFIXES}:
                value = rest.partition(";")[0].strip()
                self._seen[name] = spelled.strip()
        if value and not is_token(value):
            raise DecodeError(f"the cookie {name} holds no token")
        return value
