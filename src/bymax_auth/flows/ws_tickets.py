"""
WebSocket tickets: what a browser opens a WebSocket with.

    issue     claims ──▶ account exists, not blocked, second factor passed ──▶ ticket, kept for 30 s

    redeem    ticket ──▶ kept, once ──▶ its access token holds ──▶ account exists, not blocked ──▶ claims
                │ no         │ no                │ no                      │ no
                └────────────┴───────────────────┴──▶ invalid token        └──▶ invalid token, or blocked

A ticket stands for the access token that it was asked with: when that token is revoked or expires, the ticket
opens nothing any more, and a socket that it opened ends as one that the token itself opened.
"""

from dataclasses import dataclass
from datetime import timedelta

from bymax_auth.config.constants import WS_TICKET_TTL
from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.tokens import is_opaque_token, new_uuid, secure_token
from bymax_auth.errors import MfaRequired, TokenExpired, TokenInvalid, TokenRevoked, WsTicketsNotKept
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.ports.ws_tickets import WsTicketSnapshot, WsTicketStore
from bymax_auth.services.account_status import StatusGate
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.types.claims import AdmittingToken, DashboardClaims, TicketClaims, admitting_token
from bymax_auth.types.identity import Realm

__all__ = ["IssueWsTicket", "RedeemWsTicket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueWsTicket:
    """The exchange of an access token for a ticket."""

    users: UserRepository
    status_gate: StatusGate
    tickets: WsTicketStore | None

    async def __call__(self, claims: DashboardClaims) -> str:
        """
        Return a new ticket of the account that a guard has authenticated.

        Raises:
            TokenInvalid: The account is gone.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account is blocked.
            MfaRequired: The account has a second factor that this session has not passed.
            WsTicketsNotKept: The stores keep no tickets.
            StoreUnavailable: The store did not answer, or is full.
            RepositoryBackendError: The repository failed.
        """
        if self.tickets is None:
            raise WsTicketsNotKept
        user = await self.users.find_by_id(claims.sub, tenant_id=claims.tenant_id)
        if user is None:
            raise TokenInvalid
        self.status_gate.check(user.status)
        # The account decides, not the claims: the factor may have been enabled since the token was issued.
        if user.mfa_enabled and not claims.mfa_verified:
            raise MfaRequired
        behind = admitting_token(claims)
        snapshot = WsTicketSnapshot(
            user_id=user.id,
            tenant_id=user.tenant_id,
            role=user.role,
            status=user.status,
            mfa_enabled=user.mfa_enabled,
            mfa_verified=claims.mfa_verified,
            epoch=behind.epoch,
            jti=behind.jti,
            exp=behind.exp,
        )
        ticket = secure_token()
        await self.tickets.mint(sha256_hex(ticket), snapshot, WS_TICKET_TTL)
        return ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemWsTicket:
    """The use of a ticket, by the handshake that it opens."""

    users: UserRepository
    status_gate: StatusGate
    identifiers: Identifiers
    revocation: RevocationStore
    tickets: WsTicketStore | None
    clock: Clock
    access_ttl: timedelta

    async def __call__(self, ticket: str, *, recheck_status: bool = True) -> TicketClaims:
        """
        Return the claims of the socket, which are never signed and authenticate nothing else.

        Args:
            ticket: The ticket, which is used up even when it is refused.
            recheck_status: Read the account again: it may have been blocked since the ticket was issued.

        Raises:
            TokenInvalid: The ticket is malformed, unknown, used or expired, its access token was revoked or
                has expired, or the account is gone.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account is blocked.
            WsTicketsNotKept: The stores keep no tickets.
            StoreUnavailable: The store did not answer.
            RepositoryBackendError: The repository failed.
        """
        if self.tickets is None:
            raise WsTicketsNotKept
        if not is_opaque_token(ticket):
            raise TokenInvalid
        found = await self.tickets.redeem(sha256_hex(ticket))
        # Without a tenant no account could be found, so nothing could end the socket.
        if found is None or not found.tenant_id:
            raise TokenInvalid
        behind = await self._admitting(found, found.tenant_id)
        if recheck_status:
            await self._require_active(found.user_id, found.tenant_id)
        return self._claims(found, found.tenant_id, behind)

    async def _admitting(self, found: WsTicketSnapshot, tenant_id: str) -> AdmittingToken:
        """
        Return the access token behind the ticket, which must hold.

        A ticket of a sibling backend does not name it.  Its socket then ends with the next rise of the
        epoch, and no later than a token could that is issued now.
        """
        now = self.clock.unix_seconds()
        jti = new_uuid() if found.jti is None else found.jti
        subject = self.identifiers.subject(Realm.DASHBOARD, found.user_id, tenant_id)
        state = await self.revocation.token_state(subject, jti)
        epoch = state.epoch if found.epoch is None else found.epoch
        if state.blacklisted or epoch < state.epoch:
            raise TokenRevoked
        exp = now + int(self.access_ttl.total_seconds()) if found.exp is None else found.exp
        if exp <= now:
            raise TokenExpired
        return AdmittingToken(jti, epoch, exp)

    async def _require_active(self, user_id: str, tenant_id: str) -> None:
        user = await self.users.find_by_id(user_id, tenant_id=tenant_id)
        if user is None:
            raise TokenInvalid
        self.status_gate.check(user.status)

    def _claims(self, found: WsTicketSnapshot, tenant_id: str, behind: AdmittingToken) -> TicketClaims:
        issued_at = self.clock.unix_seconds()
        return TicketClaims(
            sub=found.user_id,
            jti=new_uuid(),
            tenant_id=tenant_id,
            role=found.role,
            type="dashboard",
            status=found.status,
            mfa_enabled=found.mfa_enabled,
            mfa_verified=found.mfa_verified,
            iat=issued_at,
            exp=issued_at + int(WS_TICKET_TTL.total_seconds()),
            epoch=0,
            admitted_by=behind,
        )
