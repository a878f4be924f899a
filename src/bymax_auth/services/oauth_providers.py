"""
Calls to providers: whatever goes wrong there refuses the sign-in, and is an event.

The text of a provider's exception may hold what it sent, so no event carries it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bymax_auth.config.constants import OAUTH_PROVIDER_TIMEOUT
from bymax_auth.config.urls import is_location
from bymax_auth.errors import OAuthFailed
from bymax_auth.ports.events import OAuthProviderFailed
from bymax_auth.ports.oauth import OAuthProvider, OAuthProviderError, ProviderFailure
from bymax_auth.services.failures import FailureReporter, class_name
from bymax_auth.services.oauth_profiles import usable_profile
from bymax_auth.services.privacy import log_safe
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile

__all__ = ["OAuthProviders"]

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class OAuthProviders:
    """The providers of a deployment, by name."""

    by_name: Mapping[str, OAuthProvider]
    failures: FailureReporter

    def named(self, name: str) -> OAuthProvider:
        """
        Return the provider with this name.

        Raises:
            OAuthFailed: There is none.
        """
        provider = self.by_name.get(name)
        if provider is None:
            raise OAuthFailed
        return provider

    async def authorize_url(self, provider: OAuthProvider, request: AuthorizationRequest) -> str:
        """
        Return the address to which the browser is sent.

        Raises:
            OAuthFailed: The provider failed, or no header can carry the address.
        """

        async def departure() -> str:
            url = await provider.authorize_url(request)
            if not is_location(url):
                raise OAuthProviderError(ProviderFailure.DECODE, "the address cannot be sent")
            return url

        return await self._asked(provider, departure)

    async def profile(
        self, provider: OAuthProvider, callback: CallbackParameters, *, code_verifier: str, nonce: str
    ) -> OAuthProfile:
        """
        Return the person for whom the provider has issued the code.

        Raises:
            OAuthFailed: The provider failed, or says nobody.
        """

        async def exchange() -> OAuthProfile:
            tokens = await provider.exchange_code(callback, code_verifier)
            return await provider.fetch_profile(tokens, nonce=nonce)

        answer = await self._asked(provider, exchange)
        profile = usable_profile(answer, provider.name)
        if profile is None:
            self._emit(provider, ProviderFailure.DECODE)
            raise OAuthFailed
        return profile

    def note_refusal(self, name: str, error: str | None) -> None:
        """Emit that a provider sent the browser back without a code; `error` is what the browser brought."""
        refused = None if error is None else log_safe(error)
        self.failures.events.emit(OAuthProviderFailed(provider=name, kind="refused", error=refused))

    async def _asked(self, provider: OAuthProvider, call: Callable[[], Awaitable[AnswerT]]) -> AnswerT:
        try:
            async with asyncio.timeout(OAUTH_PROVIDER_TIMEOUT.total_seconds()):
                return await call()
        except OAuthProviderError as error:
            self._emit(provider, error.kind, error.status)
            raise OAuthFailed from None
        except TimeoutError:
            self._emit(provider, ProviderFailure.TRANSPORT)
            raise OAuthFailed from None
        except Exception as error:  # noqa: BLE001 - a host's provider may raise anything
            event = OAuthProviderFailed(provider=provider.name, kind="exception", exception=class_name(error))
            self.failures.note(event, error)
            raise OAuthFailed from None

    def _emit(self, provider: OAuthProvider, kind: ProviderFailure, status: int | None = None) -> None:
        event = OAuthProviderFailed(provider=provider.name, kind=kind.value, status=status)
        self.failures.events.emit(event)
