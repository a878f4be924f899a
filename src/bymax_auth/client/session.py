"""
The tokens of one login, and the one renewal of them that runs at a time.

    begin(failed) ──▶ other tokens are held by now       ──▶ them
                  ──▶ somebody renews or ends the login  ──▶ their `Flight`, to wait for
                  ──▶ otherwise                          ──▶ a `Turn`: the caller sends the request

Rule 1: at most one turn exists, over all tasks and threads, because a refresh token is good for one exchange.
Rule 2: whoever waits gets what came of that turn, its error included.  A turn that was given up, because its
task was cancelled, says nothing, and the next caller begins one.
Rule 3: a turn stores what it got only while the session still holds the tokens that it started with.  After
a sign-in meanwhile, the older login's answer is dropped.

These rules live nowhere else.
"""

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

from bymax_auth.client.errors import AuthClientError, NoSession
from bymax_auth.client.token_text import is_token
from bymax_auth.types.results import RotatedTokens

__all__ = ["Flight", "FlightOutcome", "Session", "Turn"]

FlightOutcome = RotatedTokens | AuthClientError | None
"""What came of a turn: new tokens, why there are none, or nothing that others could use."""


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """A turn that somebody else has; `thread` is where its request is sent from."""

    thread: int
    ended: Future[FlightOutcome] = field(default_factory=Future[FlightOutcome])

    def waiter(self) -> Future[FlightOutcome]:
        """Return a future of the caller's own: cancelling it disturbs nobody else."""
        mine: Future[FlightOutcome] = Future()

        def settle(ended: Future[FlightOutcome]) -> None:
            if mine.set_running_or_notify_cancel():
                mine.set_result(ended.result())

        self.ended.add_done_callback(settle)
        return mine


class Session:
    """
    One login, or none yet, for the clients that are given it.  Safe across tasks, event loops and threads.

    Args:
        tokens: Those of a login that was kept from earlier.

    Raises:
        ValueError: No header can carry these tokens.
    """

    __slots__ = ("_flight", "_lock", "_tokens")

    def __init__(self, tokens: RotatedTokens | None = None) -> None:
        self._tokens = _checked(tokens)
        self._flight: Flight | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Session(signed_in={self._tokens is not None})"

    @property
    def tokens(self) -> RotatedTokens | None:
        """The tokens as they are now, ``None`` without a login."""
        return self._tokens

    @property
    def held(self) -> RotatedTokens:
        """
        The tokens as they are now.

        Raises:
            NoSession: There is no login.
        """
        if self._tokens is None:
            raise NoSession
        return self._tokens

    def replace(self, tokens: RotatedTokens | None) -> None:
        """
        Hold the tokens of another login, or none.

        Raises:
            ValueError: No header can carry these tokens.
        """
        checked = _checked(tokens)
        with self._lock:
            self._tokens = checked

    def begin(self, failed: RotatedTokens | None = None) -> "RotatedTokens | Flight | Turn":
        """
        Return newer tokens than `failed`, the turn that somebody has, or a turn for the caller.

        Raises:
            NoSession: There is no login.
        """
        with self._lock:
            tokens = self.held
            if failed is not None and tokens.access_token != failed.access_token:
                return tokens
            if self._flight is not None:
                return self._flight
            self._flight = Flight(threading.get_ident())
            return Turn(self, self._flight, tokens)

    def end(self, turn: "Turn", outcome: FlightOutcome, held: RotatedTokens | None) -> bool:
        """End a turn; hold what it leaves, and say whether it may, because no other login came meanwhile."""
        with self._lock:
            is_same_login = self._tokens is turn.tokens
            if is_same_login:
                self._tokens = held
            self._flight = None
        turn.flight.ended.set_result(outcome if is_same_login else None)
        return is_same_login


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """The right to send the one request that renews or ends a login; one of the methods ends it."""

    session: Session = field(repr=False)
    flight: Flight = field(repr=False)
    tokens: RotatedTokens

    def renewed(self, tokens: RotatedTokens) -> bool:
        """Hold new tokens; say whether they are held."""
        return self.session.end(self, tokens, tokens)

    def signed_out(self) -> None:
        """Hold no tokens any more."""
        self.session.end(self, None, None)

    def failed(self, error: BaseException, *, is_shared: bool) -> None:
        """Keep the tokens.  With `is_shared`, whoever waits gets the same error."""
        shared = error if is_shared and isinstance(error, AuthClientError) else None
        self.session.end(self, shared, self.tokens)


def _checked(tokens: RotatedTokens | None) -> RotatedTokens | None:
    # What fails to be encoded as a header is quoted by the error, and so by whatever reports it.
    if tokens is not None and not (is_token(tokens.access_token) and is_token(tokens.refresh_token)):
        raise ValueError("The tokens have characters that no token has.")
    return tokens
