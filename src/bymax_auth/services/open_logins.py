"""
The logins that open connections depend on: WebSockets, and streams of server-sent events.

    wait() ──▶ checked every second, and at each revocation that the store tells of ──▶ reason
          └──▶ timer of the earliest expiry ─────────────────────────────────────────▶ expired

Rule 1: one task and one timer serve every connection, and exist only while one waits.
Rule 2: a connection that closes first leaves nothing behind.
Rule 3: all connections are checked with one question to the store, once a second.
Rule 4: where the store tells of revocations, a connection is also checked when it begins to wait: its login
may have ended since a guard admitted it, before anybody listened.
Rule 5: when the store has not answered for ten seconds, every login ends.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Generator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from bymax_auth.errors import TokenInvalid
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.revocation import RevocationStore, TokenState
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.types.claims import AccessClaims, AdmittingToken, DashboardClaims, admitting_token
from bymax_auth.types.identity import Realm, Subject
from bymax_auth.types.login_end import LoginEndReason

__all__ = ["Authenticate", "OpenLogin", "OpenLogins"]

Authenticate = Callable[[str], Awaitable[AccessClaims]]
"""Returns the claims of a token of the same realm, or raises `TokenInvalid`."""

_INTERVAL: Final = timedelta(seconds=1)
_TOLERATED_OUTAGE: Final = timedelta(seconds=10)


class OpenLogin:
    """
    One login that an open connection depends on; awaiting it returns why the login ended.

    Nothing is kept for it but while somebody waits, and the wait can be repeated.
    """

    __slots__ = ("_authenticate", "_logins", "_subject", "_token", "_wait", "_waiting")

    def __init__(
        self, logins: "OpenLogins", subject: Subject, token: AdmittingToken, authenticate: Authenticate
    ) -> None:
        self._logins = logins
        self._subject = subject
        self._token = token
        self._authenticate = authenticate
        self._wait: _Wait | None = None
        self._waiting = 0

    @property
    def expires_at(self) -> datetime:
        """When the login ends by itself, unless it is renewed before."""
        return datetime.fromtimestamp(self._token.exp, UTC)

    async def wait(self) -> LoginEndReason:
        """Return why the login ended, once it has."""
        wait = self._wait
        if wait is None:
            wait = self._wait = self._logins.add(self._subject, self._token)
        self._waiting += 1
        try:
            # Several tasks may wait; the one that is cancelled must not cancel the others.
            return await asyncio.shield(wait.ended)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._logins.remove(wait)
                self._wait = None

    def __await__(self) -> Generator[object, None, LoginEndReason]:
        return self.wait().__await__()

    async def renew(self, token: str) -> AccessClaims:
        """
        Go on with a fresh access token or WebSocket ticket of the same account, and return its claims.

        A wait that is running goes on.

        Raises:
            TokenInvalid: The token is invalid, or of another account; the login is what it was.
            PlatformAuthRequired: The same, on the platform.
            AuthError, InternalError: As the flow that authenticates the token.
        """
        claims = await self._authenticate(token)
        if self._logins.subject_of(claims) != self._subject:
            raise TokenInvalid
        self._token = admitting_token(claims)
        if self._wait is not None:
            self._logins.replace_token(self._wait, self._token)
        return claims


class _Wait:
    """The wait of one connection."""

    __slots__ = ("ended", "subject", "token")

    def __init__(
        self, subject: Subject, token: AdmittingToken, ended: "asyncio.Future[LoginEndReason]"
    ) -> None:
        self.subject = subject
        self.token = token
        self.ended = ended

    @property
    def key(self) -> tuple[str, str]:
        """What the state of the token is read by."""
        return self.subject.hash, self.token.jti

    def end(self, reason: LoginEndReason) -> None:
        if not self.ended.done():
            self.ended.set_result(reason)


class OpenLogins:
    """Every login that a connection of this process waits on."""

    _loop: asyncio.AbstractEventLoop | None
    _task: asyncio.Task[None] | None
    _timer: asyncio.TimerHandle | None
    _waits: set[_Wait]
    _by_name: dict[str, set[_Wait]]
    _due: set[_Wait]
    _unsubscribe: Callable[[], None] | None

    def __init__(
        self,
        revocation: RevocationStore,
        identifiers: Identifiers,
        clock: Clock,
        failures: FailureReporter,
        *,
        interval: timedelta = _INTERVAL,
        tolerated_outage: timedelta = _TOLERATED_OUTAGE,
    ) -> None:
        self._revocation = revocation
        self._identifiers = identifiers
        self._clock = clock
        self._failures = failures
        self._interval = interval.total_seconds()
        self._tolerated_outage = tolerated_outage.total_seconds()
        self._closed = False
        self._forget()

    def of(self, claims: AccessClaims, authenticate: Authenticate) -> OpenLogin:
        """Return the login of these claims, which are those of a guard or a ticket."""
        return OpenLogin(self, self.subject_of(claims), admitting_token(claims), authenticate)

    def subject_of(self, claims: AccessClaims) -> Subject:
        """Return the account of these claims."""
        if isinstance(claims, DashboardClaims):
            return self._identifiers.subject(Realm.DASHBOARD, claims.sub, claims.tenant_id)
        return self._identifiers.subject(Realm.PLATFORM, claims.sub, None)

    def add(self, subject: Subject, token: AdmittingToken) -> _Wait:
        """Begin the wait of one connection."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._leave_loop()
            self._loop = loop
        wait = _Wait(subject, token, loop.create_future())
        if self._closed:
            wait.end(LoginEndReason.UNAVAILABLE)
            return wait
        if self._task is None:
            self._answered_at = loop.time()
            self._unsubscribe = self._revocation.listen(self._on_revocation)
            self._task = loop.create_task(self._follow())
        self._index(wait)
        return wait

    def remove(self, wait: _Wait) -> None:
        """End the wait of one connection.  Idempotent."""
        self._waits.discard(wait)
        self._due.discard(wait)
        self._unname(wait)
        if not self._waits:
            self._woken.set()
            self._stop_timer()

    def replace_token(self, wait: _Wait, token: AdmittingToken) -> None:
        """Let a wait go on with another token of the same account."""
        self._unname(wait)
        wait.token = token
        self._index(wait)

    async def aclose(self) -> None:
        """End every wait.  Idempotent."""
        self._closed = True
        self._end_all(self._waits)
        self._stop_timer()
        task = self._task
        if task is not None and self._loop is asyncio.get_running_loop():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    # ── entries ──

    def _forget(self) -> None:
        self._loop = self._task = self._timer = self._unsubscribe = None
        self._waits, self._by_name, self._due = set(), {}, set()
        self._woken = asyncio.Event()
        self._answered_at = 0.0
        self._reported = False

    def _leave_loop(self) -> None:
        """End what waits on the last event loop, if that still runs, and begin without it."""
        loop, waits, woken = self._loop, tuple(self._waits), self._woken
        self._stop_listening()
        # Before the other loop's task wakes on its thread, which must find that it is not followed any more.
        self._forget()
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it is closed
                loop.call_soon_threadsafe(self._end_all, waits)
                loop.call_soon_threadsafe(woken.set)

    def _index(self, wait: _Wait) -> None:
        self._waits.add(wait)
        for name in wait.key:
            self._by_name.setdefault(name, set()).add(wait)
        if self._unsubscribe is not None:
            self._due.add(wait)
            self._woken.set()
        self._set_timer(wait.token.exp)

    def _unname(self, wait: _Wait) -> None:
        for name in wait.key:
            named = self._by_name.get(name)
            if named is not None:
                named.discard(wait)
                if not named:
                    del self._by_name[name]

    def _end_all(self, waits: Iterable[_Wait]) -> None:
        for wait in waits:
            wait.end(LoginEndReason.UNAVAILABLE)

    # ── revocation ──

    def _stop_listening(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def _on_revocation(self, revoked: str | None) -> None:
        """Called by the store, on any thread."""
        loop = self._loop
        if loop is not None and (revoked is None or revoked in self._by_name):
            with contextlib.suppress(RuntimeError):  # the event loop is closed, and with it every connection
                loop.call_soon_threadsafe(self._wake, revoked)

    def _wake(self, revoked: str | None) -> None:
        self._due |= self._waits if revoked is None else self._by_name.get(revoked, set())
        self._woken.set()

    async def _follow(self) -> None:
        # Another loop that takes over has an event of its own, on which this one must not wait.
        loop, woken = asyncio.get_running_loop(), self._woken
        next_round = loop.time() + self._interval
        try:
            while self._waits and self._loop is loop:
                if loop.time() >= next_round:
                    next_round = loop.time() + self._interval
                    self._due = set(self._waits)
                    self._end_expired()
                due, self._due = self._due, set()
                woken.clear()
                await self._check([wait for wait in due if not wait.ended.done()])
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, next_round - loop.time())):
                        await woken.wait()
        finally:
            if self._loop is loop:
                self._stop_listening()
                self._task = None
                # Nobody checks those that are left, if there are any.
                self._end_all(self._waits)

    async def _check(self, due: Collection[_Wait]) -> None:
        """End the logins of `due` that were revoked."""
        if not due:
            return
        subjects = {wait.key: wait.subject for wait in due}
        try:
            states = await self._revocation.token_states(
                [(subject, jti) for (_, jti), subject in subjects.items()]
            )
            by_key = dict(zip(subjects, states, strict=True))
        except Exception as error:  # noqa: BLE001 - a host's store may do anything, and the task must go on
            self._unanswered(error)
            return
        self._answered_at, self._reported = asyncio.get_running_loop().time(), False
        for wait in due:
            # A wait that was renewed meanwhile has another token, which is due again.
            state = by_key.get(wait.key)
            if state is not None:
                _end_if_revoked(wait, state)

    def _unanswered(self, error: Exception) -> None:
        """Report an outage once, and end every login when it has lasted too long."""
        if not self._reported:
            self._failures.report("open_logins", error)
            self._reported = True
        if asyncio.get_running_loop().time() - self._answered_at >= self._tolerated_outage:
            self._end_all(self._waits)

    # ── expiry ──

    def _set_timer(self, exp: int) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + max(0.0, exp - self._clock.now().timestamp())
        if self._timer is None or at < self._timer.when():
            self._stop_timer()
            self._timer = loop.call_at(at, self._end_expired)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_expired(self) -> None:
        """End the logins that have expired, and set the timer for the next."""
        self._stop_timer()
        now = self._clock.now().timestamp()
        left: list[int] = []
        for wait in self._waits:
            if wait.token.exp <= now:
                wait.end(LoginEndReason.EXPIRED)
            else:
                left.append(wait.token.exp)
        if left:
            self._set_timer(min(left))


def _end_if_revoked(wait: _Wait, state: TokenState) -> None:
    if state.blacklisted:
        wait.end(LoginEndReason.TOKEN_REVOKED)
    elif wait.token.epoch < state.epoch:
        wait.end(LoginEndReason.SESSIONS_REVOKED)
