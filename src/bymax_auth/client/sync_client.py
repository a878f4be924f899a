"""The synchronous client of dashboard users."""

from collections.abc import Mapping
from typing import Any

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
from bymax_auth.client.sync_realm import SyncRealmClient
from bymax_auth.errors.extras import needs_extra
from bymax_auth.types.results import AuthResult, IdentityInfo
from bymax_auth.types.session import ActiveSessionInfo

with needs_extra("client", ("httpx2",)):
    import httpx2

__all__ = ["SyncAuthClient"]


class SyncAuthClient(SyncRealmClient[DashboardCalls]):
    """
    As `AuthClient`, for code without an event loop.  Threads may share one.

    Raises:
        ValueError: `base_url` is no absolute http address, or has more than a host and a path; or
            `route_prefix` is no plain path.
    """

    __slots__ = ()

    def __init__(
        self,
        base_url: str,
        *,
        http: httpx2.Client | None = None,
        route_prefix: str = "auth",
        session: Session | None = None,
        cookies: CookieNames | None = None,
    ) -> None:
        delivery = BearerDelivery() if cookies is None else CookieDelivery(cookies)
        calls = DashboardCalls(session or Session(), delivery)
        super().__init__(calls, RouteAddress(base_url, route_prefix), http)

    def register(
        self,
        *,
        email: str,
        password: str,
        name: str,
        tenant_id: str | None = None,
        profile: Mapping[str, Any] | None = None,
    ) -> RegistrationOutcome:
        """As `AuthClient.register`."""
        return self._driver.run(self._calls.register(email, password, name, tenant_id, profile))

    def login(self, *, email: str, password: str, tenant_id: str | None = None) -> AuthOutcome:
        """As `AuthClient.login`."""
        return self._driver.run(self._calls.login(email, password, tenant_id))

    def mfa_challenge(self, mfa_temp_token: str, code: str) -> AuthResult:
        """As `AuthClient.mfa_challenge`."""
        return self._driver.run(self._calls.mfa_challenge(mfa_temp_token, code))

    def me(self) -> OwnUser:
        """As `AuthClient.me`."""
        return self._driver.run(self._calls.me())

    def verify_email(self, *, email: str, otp: str, tenant_id: str | None = None) -> None:
        """As `AuthClient.verify_email`."""
        self._driver.run(self._calls.verify_email(email, otp, tenant_id))

    def resend_verification(self, email: str, tenant_id: str | None = None) -> None:
        """As `AuthClient.resend_verification`."""
        self._driver.run(self._calls.resend_verification(email, tenant_id))

    def forgot_password(self, email: str, tenant_id: str | None = None) -> None:
        """As `AuthClient.forgot_password`."""
        self._driver.run(self._calls.forgot_password(email, tenant_id))

    def resend_reset_otp(self, email: str, tenant_id: str | None = None) -> None:
        """As `AuthClient.resend_reset_otp`."""
        self._driver.run(self._calls.resend_reset_otp(email, tenant_id))

    def verify_reset_otp(self, *, email: str, otp: str, tenant_id: str | None = None) -> VerifiedTokenProof:
        """As `AuthClient.verify_reset_otp`."""
        return self._driver.run(self._calls.verify_reset_otp(email, otp, tenant_id))

    def reset_password(
        self, *, email: str, new_password: str, proof: ResetProof, tenant_id: str | None = None
    ) -> None:
        """As `AuthClient.reset_password`."""
        self._driver.run(self._calls.reset_password(email, new_password, proof, tenant_id))

    def change_password(self, *, current_password: str, new_password: str) -> None:
        """As `AuthClient.change_password`."""
        self._driver.run(self._calls.change_password(current_password, new_password))

    def list_sessions(self) -> tuple[ActiveSessionInfo, ...]:
        """As `AuthClient.list_sessions`."""
        return self._driver.run(self._calls.list_sessions())

    def revoke_session(self, session_hash: str) -> None:
        """As `AuthClient.revoke_session`."""
        self._driver.run(self._calls.revoke_session(session_hash))

    def revoke_other_sessions(self) -> None:
        """As `AuthClient.revoke_other_sessions`."""
        self._driver.run(self._calls.revoke_other_sessions())

    def invite(self, *, email: str, role: str, tenant_name: str | None = None) -> None:
        """As `AuthClient.invite`."""
        self._driver.run(self._calls.invite(email, role, tenant_name))

    def accept_invitation(
        self, *, token: str, name: str, password: str, profile: Mapping[str, Any] | None = None
    ) -> RegistrationOutcome:
        """As `AuthClient.accept_invitation`."""
        return self._driver.run(self._calls.accept_invitation(token, name, password, profile))

    def revoke_invitation(self, email: str) -> None:
        """As `AuthClient.revoke_invitation`."""
        self._driver.run(self._calls.revoke_invitation(email))

    def request_email_change(self, *, new_email: str, current_password: str) -> None:
        """As `AuthClient.request_email_change`."""
        self._driver.run(self._calls.request_email_change(new_email, current_password))

    def confirm_email_change(self, token: str) -> None:
        """As `AuthClient.confirm_email_change`."""
        self._driver.run(self._calls.confirm_email_change(token))

    def list_identities(self) -> tuple[IdentityInfo, ...]:
        """As `AuthClient.list_identities`."""
        return self._driver.run(self._calls.list_identities())

    def link_identity(self, provider: str, *, password: str | None = None) -> LinkDeparture:
        """As `AuthClient.link_identity`."""
        return self._driver.run(self._calls.link_identity(provider, password))

    def unlink_identity(self, identity_id: str, *, password: str | None = None) -> None:
        """As `AuthClient.unlink_identity`."""
        self._driver.run(self._calls.unlink_identity(identity_id, password))

    def ws_ticket(self) -> WsTicket:
        """As `AuthClient.ws_ticket`."""
        return self._driver.run(self._calls.ws_ticket())
