"""
What calls of the client raise.

    AuthClientError
    ├── ApiError          the server refused, with the envelope of the wire contract
    ├── UnexpectedStatus  the server refused, with another body
    ├── TransportError    there was no answer
    ├── DecodeError       there was an answer of the wrong shape
    └── NoSession         the call needs a session, and there is none, or another one by now

None of them is an `AuthError`: in a service that calls another one, the other's refusal of the service says
nothing about the service's own caller.  `ApiError.refusal` is the class of the same refusal there.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Self, cast

from bymax_auth.errors import AuthError, AuthErrorCode, FieldError

__all__ = ["ApiError", "AuthClientError", "DecodeError", "NoSession", "TransportError", "UnexpectedStatus"]


class AuthClientError(Exception):
    """A call did not succeed.  Abstract: only subclasses are raised."""

    def copied(self) -> Self:
        """Return an equal error without traceback, for another caller of the same request."""
        return type(self)(*self.args)


class ApiError(AuthClientError):
    """
    The server refused with an envelope.

    `code` is text, because a newer server may have codes that this version does not know.  `details` is
    what the envelope holds; `retry_after` is in seconds.
    """

    def __init__(
        self, status: int, code: str, message: str, details: Any = None, retry_after: int | None = None
    ) -> None:
        super().__init__(status, code, message, details, retry_after)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.retry_after = retry_after

    @property
    def known_code(self) -> AuthErrorCode | None:
        """The code as a member of the catalogue, ``None`` for one that it does not have."""
        return AuthErrorCode(self.code) if self.code in _KNOWN else None

    @property
    def refusal(self) -> type[AuthError] | None:
        """The class of `bymax_auth.errors` with this code; ``None`` for a failure or an unknown code."""
        return _REFUSALS.get(self.code)

    @property
    def fields(self) -> tuple[FieldError, ...]:
        """The fields that ``auth.validation`` complains about."""
        return tuple(_field_errors(self.details))

    def __str__(self) -> str:
        return f"{self.code} ({self.status}): {self.message}"

    def __repr__(self) -> str:
        return f"ApiError(status={self.status}, code={self.code!r})"


class UnexpectedStatus(AuthClientError):
    """
    The server answered with a status that is no success, and without an envelope.

    `body` is at most 4,096 characters of the answer.
    """

    def __init__(self, status: int, body: str) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body

    def __str__(self) -> str:
        return f"unexpected status {self.status}"

    def __repr__(self) -> str:
        return f"UnexpectedStatus(status={self.status})"


class TransportError(AuthClientError):
    """
    The request or its answer was lost: no connection, a timeout, a broken answer.

    `cause` names the error of httpx2, which itself is not kept: it holds the request, and so the tokens.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class DecodeError(AuthClientError):
    """The server reported success, and `reason` says what is wrong with its answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoSession(AuthClientError):
    """
    The call needs a session.

    There is none, and nothing was sent; or the login with which a renewal or a sign-out began is no longer
    the client's, because somebody signed in or out meanwhile.
    """

    def __init__(self, reason: str = "not signed in") -> None:
        super().__init__(reason)
        self.reason = reason


def _refusals() -> Iterator[tuple[str, type[AuthError]]]:
    for refusal in AuthError.__subclasses__():
        for kind in (refusal, *refusal.__subclasses__()):
            if kind.__module__ == AuthError.__module__:  # a host may have made others
                yield kind.reason, kind


_KNOWN: Final = frozenset(AuthErrorCode)
_REFUSALS: Final = dict(_refusals())


def _field_errors(details: object) -> Iterator[FieldError]:
    if not isinstance(details, list):
        return
    for entry in cast("list[object]", details):
        if isinstance(entry, Mapping):
            members = cast("Mapping[str, object]", entry)
            field, message = members.get("field"), members.get("message")
            if isinstance(field, str) and isinstance(message, str):
                yield FieldError(field, message)
