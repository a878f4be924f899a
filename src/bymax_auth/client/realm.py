"""
The calls that both realms share: asking, renewing the tokens, signing out.

    a guarded call ──▶ 401 of the guard ──▶ still the same login? ──no──▶ refuse
                                              │ yes
                                            renew, unless somebody has ──▶ the same call, once
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from bymax_auth.client.decoding import refusal_of, refuse
from bymax_auth.client.delivery import Delivery
from bymax_auth.client.errors import DecodeError, NoSession
from bymax_auth.client.exchange import Call, Exchange, Reply, ask, wait
from bymax_auth.client.flight import Flight
from bymax_auth.client.session import Session, Turn
from bymax_auth.errors import AuthErrorCode
from bymax_auth.types.results import RotatedTokens

__all__ = ["GUARD_REFUSALS", "RealmCalls"]

GUARD_REFUSALS: Final = frozenset(
    {
        AuthErrorCode.TOKEN_INVALID,
        AuthErrorCode.TOKEN_EXPIRED,
        AuthErrorCode.TOKEN_REVOKED,
        AuthErrorCode.TOKEN_MISSING,
        AuthErrorCode.PLATFORM_AUTH_REQUIRED,
    }
)
"""What a guard says of an access token that is no longer good: nothing of the call has happened yet."""

_UNAUTHORIZED: Final = 401


@dataclass(frozen=True, slots=True)
class RealmCalls:
    """The calls of one realm; its routes are below `path`."""

    session: Session
    delivery: Delivery
    path: str = ""

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Exchange[Reply]:
        """Call a public route; return its success."""
        return (yield from self._succeed(self._call("POST", path, {}, body)))

    def guarded(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        with_refresh: bool = False,
        renew_on_any_401: bool = False,
    ) -> Exchange[Reply]:
        """Call a guarded route, which may read the refresh token as well; return its success."""
        tokens = self.session.held
        reply = yield from ask(self._guarded_call(method, path, body, tokens, with_refresh=with_refresh))
        refusal = refusal_of(reply) if reply.status == _UNAUTHORIZED else None
        if refusal is not None and (renew_on_any_401 or refusal.code in GUARD_REFUSALS):
            # Without the login that made the call nobody repeats it: somebody else may have signed in.
            with suppress(NoSession):
                tokens = yield from self.renew(tokens)
                again = self._guarded_call(method, path, body, tokens, with_refresh=with_refresh)
                reply = yield from ask(again)
        return reply if reply.is_success else refuse(reply)

    def ending(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Exchange[None]:
        """Call a guarded route that ends every login of the account; its tokens go once it has succeeded."""
        tokens = self.session.held
        yield from self.guarded(method, path, body)
        self.session.forget(tokens)

    def refresh(self) -> Exchange[RotatedTokens]:
        """Exchange the refresh token, or wait for the exchange that is under way."""
        return (yield from self.renew(self.session.held))

    def renew(self, failed: RotatedTokens) -> Exchange[RotatedTokens]:
        """Return newer tokens than `failed`, from whoever gets them first."""
        while True:
            step = self.session.begin(failed)
            match step:
                case RotatedTokens():
                    return step
                case Turn():
                    tokens = yield from self._exchanged(step)
                    if step.renewed(tokens):
                        return tokens
                case Flight():
                    outcome = yield from wait(step)
                    if isinstance(outcome, RotatedTokens):
                        return outcome
                    if outcome is not None:
                        raise outcome.copied()

    def logout(self) -> Exchange[None]:
        """End the session; the tokens go once the server has answered."""
        tokens = self.session.held
        while not isinstance(step := self.session.begin(tokens, or_newer=False), Turn):
            if isinstance(step, Flight):
                yield from wait(step)
        try:
            headers = self.delivery.refresh(step.tokens, with_access=True)
            body = self.delivery.refresh_in_body(step.tokens)
            yield from self._succeed(self._call("POST", "/logout", headers, body))
        except BaseException as error:
            step.failed(error, is_shared=False)
            raise
        step.signed_out()

    def signed_in(self, reply: Reply) -> RotatedTokens:
        """
        Hold the tokens of a sign-in.

        Raises:
            DecodeError: The answer has none.
        """
        tokens = self._tokens(reply)
        self.session.replace(tokens)
        return tokens

    def _exchanged(self, turn: Turn) -> Exchange[RotatedTokens]:
        try:
            headers = self.delivery.refresh(turn.tokens, with_access=False)
            body = self.delivery.refresh_in_body(turn.tokens)
            return self._tokens((yield from self._succeed(self._call("POST", "/refresh", headers, body))))
        except BaseException as error:
            # Also what is thrown in by a cancelled task, whose turn another one then takes.
            turn.failed(error, is_shared=True)
            raise

    def _tokens(self, reply: Reply) -> RotatedTokens:
        tokens = self.delivery.tokens_of(reply)
        if tokens is None:
            raise DecodeError("the answer has no tokens")
        return tokens

    def _guarded_call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        tokens: RotatedTokens,
        *,
        with_refresh: bool,
    ) -> Call:
        if not with_refresh:
            return self._call(method, path, dict([self.delivery.access(tokens)]), body)
        headers = self.delivery.refresh(tokens, with_access=True)
        return self._call(method, path, headers, {**(body or {}), **self.delivery.refresh_in_body(tokens)})

    def _call(
        self, method: str, path: str, headers: Mapping[str, str], body: Mapping[str, object] | None
    ) -> Call:
        return Call(
            method=method, path=self.path + path, headers={**self.delivery.choice, **headers}, body=body
        )

    def _succeed(self, call: Call) -> Exchange[Reply]:
        reply = yield from ask(call)
        return reply if reply.is_success else refuse(reply)
