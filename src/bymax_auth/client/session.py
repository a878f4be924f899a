"""
The tokens of one login, and the one renewal of them that runs at a time.

    begin(failed) ──▶ `failed` is of another login       ──▶ refuse
                  ──▶ newer tokens are held by now       ──▶ them
                  ──▶ somebody renews or ends the login  ──▶ their `Flight`, to wait for
                  ──▶ otherwise                          ──▶ a `Turn`: the caller sends the request

Rule 1: at most one turn counts, over all tasks and threads, because a refresh token is good for one exchange.
Rule 2: whoever waits gets what came of that turn, its error included.  A turn that was given up, because its
task was cancelled, says nothing, and the next caller begins one.  So does whoever finds that a turn was
abandoned: its event loop has stopped, or its thread is gone.
Rule 3: a turn stores what it got only while the session holds the refresh token that it exchanged.  After a
sign-in meanwhile, the older login's answer is dropped.
Rule 4: what began with the tokens of one login ends with them.  After a sign-in meanwhile, neither is a call
repeated as somebody else, nor is somebody else signed out.

These rules live nowhere else.
"""

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from bymax_auth.client.errors import AuthClientError, NoSession
from bymax_auth.client.flight import Flight, FlightOutcome
from bymax_auth.client.token_text import is_token
from bymax_auth.types.results import RotatedTokens

__all__ = ["Session", "Turn"]

_REMEMBERED: Final = 32
"""Renewals after which a call that is still under way is no longer known to be of this login."""


class Session:
    """
    One login, or none yet, for the clients that are given it.  Safe across tasks, event loops and threads.

    Args:
        tokens: Those of a login that was kept from earlier.

    Raises:
        ValueError: No header can carry these tokens.
    """

    __slots__ = ("_flight", "_lock", "_of_login", "_tokens")

    def __init__(self, tokens: RotatedTokens | None = None) -> None:
        self._tokens: RotatedTokens | None = None
        self._of_login: deque[str] = deque(maxlen=_REMEMBERED)
        self._flight: Flight | None = None
        self._lock = threading.Lock()
        self.replace(tokens)

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
        tokens = self._tokens
        if tokens is None:
            raise NoSession
        return tokens

    def replace(self, tokens: RotatedTokens | None) -> None:
        """
        Hold the tokens of another login, or none.

        With the refresh token that is held, it is the same login, whose calls go on.

        Raises:
            ValueError: No header can carry these tokens.
        """
        checked = _checked(tokens)
        with self._lock:
            if checked is None or not self._holds(checked):
                self._of_login.clear()
            self._hold(checked)

    def begin(self, failed: RotatedTokens, *, or_newer: bool = True) -> "RotatedTokens | Flight | Turn":
        """
        Return newer tokens than `failed`, the turn that somebody has, or a turn for the caller.

        Without `or_newer`, there is a turn for the caller whatever the login's tokens are by now.

        Raises:
            NoSession: The login of these tokens is not held any more.
        """
        with self._lock:
            tokens = self._tokens_of_login(failed)
            if or_newer and tokens.access_token != failed.access_token:
                return tokens
            abandoned = self._flight
            if abandoned is not None and not abandoned.is_abandoned:
                return abandoned
            self._flight = Flight()
            turn = Turn(self, self._flight, tokens)
        if abandoned is not None:
            abandoned.end(None)
        return turn

    def forget(self, ended: RotatedTokens) -> None:
        """Hold no tokens any more, unless these are of another login."""
        with self._lock:
            if ended.access_token in self._of_login:
                self._hold(None)

    def end(self, turn: "Turn", outcome: FlightOutcome, *, is_over: bool = False) -> bool:
        """
        End a turn; hold the tokens that it got, or none if the login is over.

        Say whether that was possible: another login may have come meanwhile.
        """
        with self._lock:
            is_same_login = self._holds(turn.tokens)
            if is_same_login and is_over:
                self._hold(None)
            elif is_same_login and isinstance(outcome, RotatedTokens):
                self._hold(outcome)
            if self._flight is turn.flight:
                self._flight = None
        turn.flight.end(outcome if is_same_login else None)
        return is_same_login

    def _holds(self, tokens: RotatedTokens) -> bool:
        return self._tokens is not None and self._tokens.refresh_token == tokens.refresh_token

    def _hold(self, tokens: RotatedTokens | None) -> None:
        self._tokens = tokens
        if tokens is None:
            self._of_login.clear()
        else:
            self._of_login.append(tokens.access_token)

    def _tokens_of_login(self, tokens: RotatedTokens) -> RotatedTokens:
        if self._tokens is None:
            raise NoSession
        if tokens.access_token not in self._of_login:
            raise NoSession("another login is held by now")
        return self._tokens


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """The right to send the one request that renews or ends a login; one of the methods ends it."""

    session: Session = field(repr=False)
    flight: Flight = field(repr=False)
    tokens: RotatedTokens

    def renewed(self, tokens: RotatedTokens) -> bool:
        """Hold new tokens; say whether they are held."""
        return self.session.end(self, tokens)

    def signed_out(self) -> None:
        """Hold no tokens any more."""
        self.session.end(self, None, is_over=True)

    def failed(self, error: BaseException, *, is_shared: bool) -> None:
        """Keep the tokens.  With `is_shared`, whoever waits gets the same error."""
        self.session.end(self, error if is_shared and isinstance(error, AuthClientError) else None)


def _checked(tokens: RotatedTokens | None) -> RotatedTokens | None:
    # What fails to be encoded as a header is quoted by the error, and so by whatever reports it.
    if tokens is not None and not (is_token(tokens.access_token) and is_token(tokens.refresh_token)):
        raise ValueError("The tokens have characters that no token has.")
    return tokens
