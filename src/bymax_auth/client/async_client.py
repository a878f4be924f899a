"""The asynchronous client of dashboard users."""

from collections.abc import Mapping
from typing import Any

from bymax_auth.client.async_realm import AsyncRealmClient
from bymax_auth.client.dashboard import DashboardCalls
from bymax_auth.client.delivery import BearerDelivery, CookieDelivery, CookieNames
from bymax_auth.client.results import (
    AuthOutcome,
    LinkDeparture,
    OwnUser,
    RegistrationOutcome,
    ResetProof,
    VerifiedTokenProof,
    WsTicket,
)
from bymax_auth.client.sending import RouteAddress
from bymax_auth.client.session import Session
from bymax_auth.errors.extras import needs_extra
from bymax_auth.types.results import AuthResult, IdentityInfo
from bymax_auth.types.session import ActiveSessionInfo

with needs_extra("client", ("httpx2",)):
    import httpx2

__all__ = ["AuthClient"]


class AuthClient(AsyncRealmClient[DashboardCalls]):
    """
    Calls the routes of a server as one user, and holds the user's session.

    A call raises an `AuthClientError` if it does not succeed.  Calls that need a session renew an expired
    access token by themselves, once; tasks and threads that meet share one renewal.

    Args:
        base_url: The address below which the routes are, without their prefix.
        http: A client of the caller's, which stays open; calls neither send its cookies nor leave any there.
        route_prefix: The server's `route_prefix`; ``""`` if `base_url` has it.
        session: A session to share with other clients, or one that was kept; ``None`` is a new one.
        cookies: The names of the server's cookies, for a server that delivers tokens in cookies only.

    Raises:
        ValueError: `base_url` is no absolute http address, or has more than a host and a path; or
            `route_prefix` is no plain path.
    """

    __slots__ = ()

    def __init__(
        self,
        base_url: str,
        *,
        http: httpx2.AsyncClient | None = None,
        route_prefix: str = "auth",
        session: Session | None = None,
        cookies: CookieNames | None = None,
    ) -> None:
        delivery = BearerDelivery() if cookies is None else CookieDelivery(cookies)
        calls = DashboardCalls(session or Session(), delivery)
        super().__init__(calls, RouteAddress(base_url, route_prefix), http)

    async def register(
        self,
        *,
        email: str,
        password: str,
        name: str,
        tenant_id: str | None = None,
        profile: Mapping[str, Any] | None = None,
    ) -> RegistrationOutcome:
        """Create an account; `profile` are the profile fields of the server, if it has any."""
        return await self._driver.run(self._calls.register(email, password, name, tenant_id, profile))

    async def login(self, *, email: str, password: str, tenant_id: str | None = None) -> AuthOutcome:
        """Sign in with a password.  `tenant_id` where the server does not find the tenant by itself."""
        return await self._driver.run(self._calls.login(email, password, tenant_id))

    async def mfa_challenge(self, mfa_temp_token: str, code: str) -> AuthResult:
        """Complete a sign-in with the token of its `MfaRequired` and a code of the app or a recovery code."""
        return await self._driver.run(self._calls.mfa_challenge(mfa_temp_token, code))

    async def me(self) -> OwnUser:
        """
        Return the signed-in user.

        Raises:
            NoSession: Nobody is signed in.
        """
        return await self._driver.run(self._calls.me())

    async def verify_email(self, *, email: str, otp: str, tenant_id: str | None = None) -> None:
        """Prove an address by the mailed code."""
        await self._driver.run(self._calls.verify_email(email, otp, tenant_id))

    async def resend_verification(self, email: str, tenant_id: str | None = None) -> None:
        """Have another verification code mailed."""
        await self._driver.run(self._calls.resend_verification(email, tenant_id))

    async def forgot_password(self, email: str, tenant_id: str | None = None) -> None:
        """Have a link or a code mailed that resets the password."""
        await self._driver.run(self._calls.forgot_password(email, tenant_id))

    async def resend_reset_otp(self, email: str, tenant_id: str | None = None) -> None:
        """Have another code mailed."""
        await self._driver.run(self._calls.resend_reset_otp(email, tenant_id))

    async def verify_reset_otp(
        self, *, email: str, otp: str, tenant_id: str | None = None
    ) -> VerifiedTokenProof:
        """Exchange the mailed code for a proof that `reset_password` takes."""
        return await self._driver.run(self._calls.verify_reset_otp(email, otp, tenant_id))

    async def reset_password(
        self, *, email: str, new_password: str, proof: ResetProof, tenant_id: str | None = None
    ) -> None:
        """Set a new password.  Every session of the account ends."""
        await self._driver.run(self._calls.reset_password(email, new_password, proof, tenant_id))

    async def change_password(self, *, current_password: str, new_password: str) -> None:
        """
        Change the password.  Every other session of the account ends.

        Raises:
            NoSession: Nobody is signed in.
        """
        await self._driver.run(self._calls.change_password(current_password, new_password))

    async def list_sessions(self) -> tuple[ActiveSessionInfo, ...]:
        """
        Return the logins of the user, the newest first.

        Raises:
            NoSession: Nobody is signed in.
        """
        return await self._driver.run(self._calls.list_sessions())

    async def revoke_session(self, session_hash: str) -> None:
        """
        End one login.

        Raises:
            NoSession: Nobody is signed in.
            ValueError: `session_hash` is not 64 lower-case hexadecimal characters.
        """
        await self._driver.run(self._calls.revoke_session(session_hash))

    async def revoke_other_sessions(self) -> None:
        """
        End every login but this one.

        Raises:
            NoSession: Nobody is signed in.
        """
        await self._driver.run(self._calls.revoke_other_sessions())

    async def invite(self, *, email: str, role: str, tenant_name: str | None = None) -> None:
        """
        Invite a person into the tenant of the signed-in user.

        Raises:
            NoSession: Nobody is signed in.
        """
        await self._driver.run(self._calls.invite(email, role, tenant_name))

    async def accept_invitation(
        self, *, token: str, name: str, password: str, profile: Mapping[str, Any] | None = None
    ) -> RegistrationOutcome:
        """Create the invited account."""
        return await self._driver.run(self._calls.accept_invitation(token, name, password, profile))

    async def revoke_invitation(self, email: str) -> None:
        """
        Withdraw an invitation.

        Raises:
            NoSession: Nobody is signed in.
        """
        await self._driver.run(self._calls.revoke_invitation(email))

    async def request_email_change(self, *, new_email: str, current_password: str) -> None:
        """
        Have a link mailed to a new address.

        Raises:
            NoSession: Nobody is signed in.
        """
        await self._driver.run(self._calls.request_email_change(new_email, current_password))

    async def confirm_email_change(self, token: str) -> None:
        """Move the account to its new address by the mailed token."""
        await self._driver.run(self._calls.confirm_email_change(token))

    async def list_identities(self) -> tuple[IdentityInfo, ...]:
        """
        Return the identities of providers with which the user can sign in, oldest first.

        Raises:
            NoSession: Nobody is signed in.
        """
        return await self._driver.run(self._calls.list_identities())

    async def link_identity(self, provider: str, *, password: str | None = None) -> LinkDeparture:
        """
        Begin to add an identity of a provider; a browser goes on, while this session lasts.

        `password` is that of the user, where the user has one.

        Raises:
            NoSession: Nobody is signed in.
            ValueError: `provider` cannot be the name of one.
        """
        return await self._driver.run(self._calls.link_identity(provider, password))

    async def unlink_identity(self, identity_id: str, *, password: str | None = None) -> None:
        """
        Remove an identity, and end every login but this one.

        Args:
            identity_id: The `id` of one that `list_identities` has returned.
            password: That of the user, where the user has one.

        Raises:
            NoSession: Nobody is signed in.
            ValueError: `identity_id` is not 32 lower-case hexadecimal characters.
        """
        await self._driver.run(self._calls.unlink_identity(identity_id, password))

    async def ws_ticket(self) -> WsTicket:
        """
        Return a ticket that opens one WebSocket.

        Raises:
            NoSession: Nobody is signed in.
        """
        return await self._driver.run(self._calls.ws_ticket())
