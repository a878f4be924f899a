"""
Bounded requests to one server.

Every request of the command is sent here: GET alone, to the given origin, never more than `Limits` says, and
no redirect is followed.  A server that does not answer several times in a row is not asked any more.
"""

import asyncio
import ssl
import time
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

import httpx2

from bymax_auth.cli.doctor.exchange import Answer, Question, Unanswered
from bymax_auth.cli.doctor.origin import Origin

__all__ = ["Asker", "AuthorityUnreadable", "Limits"]

_NAVIGATION: Final = {
    "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "accept-encoding": "identity",
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "none",
    "user-agent": f"bymax-auth-doctor/{version('bymax-auth')}",
}
"""What a browser sends that opens an address; a compressed body could be a thousand times its length."""

_FAILURES_IN_A_ROW: Final = 3
_MOST_FIELDS: Final = 256
_MOST_FIELD_BYTES: Final = 32_768
"""More than servers send; the headers of every answer are kept to the end."""


class AuthorityUnreadable(Exception):
    """The file of the certificate authority cannot be read, or is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    What a server is asked for at most.

    Args:
        requests: Their number.
        per_second: How many are sent in a second.
        seconds: The time for one exchange.
        all_seconds: The time for all of them.
        body_bytes: How much of a body is read.
    """

    requests: int = 600
    per_second: float = 10.0
    seconds: float = 10.0
    all_seconds: float = 300.0
    body_bytes: int = 1_048_576


class Asker:
    """
    Sends questions one after the other; what was answered stays in `answers`, without the bodies.

    Args:
        origin: The only server that is asked.
        limits: What it is asked for at most.
        cookie: The ``Cookie`` header of a session; it is sent to the origin alone and shown nowhere.
        authority: A file in PEM with the certificate authorities to trust, in place of the system's.

    Raises:
        AuthorityUnreadable: The file cannot be read, or holds no certificate.
    """

    def __init__(
        self, origin: Origin, limits: Limits, cookie: str | None = None, authority: Path | None = None
    ) -> None:
        self.origin: Final = origin
        self.answers: Final[list[Answer]] = []
        self.sent = 0
        self.ended = ""
        self._limits: Final = limits
        self._cookie: Final = cookie
        self._transport: Final = httpx2.AsyncHTTPTransport(
            verify=True if authority is None else _trusting(authority),
            limits=httpx2.Limits(max_connections=1, max_keepalive_connections=0),
            trust_env=False,
        )
        self._began: Final = time.monotonic()
        self._failures = 0

    @property
    def has_session(self) -> bool:
        """Whether questions can be asked in a session."""
        return self._cookie is not None

    async def ask(self, question: Question) -> Answer | Unanswered:
        """Return the answer, or why there is none; `ended` tells why no question is sent any more."""
        if self.sent and not self.has_ended():
            # A pause that is longer than the time that is left does not need to be waited for.
            pause = 1 / self._limits.per_second
            if pause < self._left():
                await asyncio.sleep(pause)
            else:
                self.ended = self._too_late()
        if self.has_ended():
            return Unanswered(self.ended)
        self.sent += 1
        answer = await self._exchange(question, min(self._left(), self._limits.seconds))
        if isinstance(answer, Answer):
            self._failures = 0
            self.answers.append(replace(answer, body=None))
        else:
            self._failures += 1
        return answer

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def has_ended(self) -> str:
        """Return why no question is sent any more, to be asked before another one; empty if one is."""
        if self.ended:
            return self.ended
        if self._failures >= _FAILURES_IN_A_ROW:
            self.ended = f"the server did not answer {_FAILURES_IN_A_ROW} requests in a row"
        elif self.sent >= self._limits.requests:
            self.ended = f"{self._limits.requests} requests were sent (--max-requests)"
        elif self._left() <= 0:
            self.ended = self._too_late()
        return self.ended

    def _left(self) -> float:
        return self._began + self._limits.all_seconds - time.monotonic()

    def _too_late(self) -> str:
        return f"{self._limits.all_seconds:g} seconds have passed (--max-seconds)"

    async def _exchange(self, question: Question, seconds: float) -> Answer | Unanswered:
        headers = _NAVIGATION | dict(question.headers)
        if question.session and self._cookie is not None:
            headers["cookie"] = self._cookie
        # The client would resolve dots and encode what is asked on purpose, so the target is sent as it is.
        outgoing = httpx2.Request(
            "GET", str(self.origin), headers=headers, extensions={"target": question.target.encode("ascii")}
        )
        try:
            async with asyncio.timeout(seconds):
                return await self._received(question, outgoing)
        except (TimeoutError, httpx2.TimeoutException):
            return Unanswered(f"no complete answer within {seconds:.3g} seconds")
        except httpx2.ConnectError as error:
            return Unanswered(_of_connection(error))
        except (httpx2.HTTPError, httpx2.StreamError, OSError):
            return Unanswered("the connection ended, or the answer is not HTTP")

    async def _received(self, question: Question, outgoing: httpx2.Request) -> Answer | Unanswered:
        response = await self._transport.handle_async_request(outgoing)
        try:
            if len(response.headers.raw) > _MOST_FIELDS:
                return Unanswered(f"the answer has more than {_MOST_FIELDS} header fields")
            if sum(len(name) + len(value) for name, value in response.headers.raw) > _MOST_FIELD_BYTES:
                return Unanswered(f"the header of the answer has more than {_MOST_FIELD_BYTES} bytes")
            body = await self._body(response)
        finally:
            await response.aclose()
        headers = tuple((name.lower(), value) for name, value in response.headers.multi_items())
        return Answer(question, response.status_code, headers, body)

    async def _body(self, response: httpx2.Response) -> str | None:
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            return None
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._limits.body_bytes:
                return None
        return body.decode("utf-8", "replace")


def _trusting(authority: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError:
        raise AuthorityUnreadable("the file of --ca-file cannot be read, or holds no certificate") from None


def _of_connection(error: httpx2.ConnectError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is refused: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    return "no connection"
