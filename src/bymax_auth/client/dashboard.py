"""The calls of the routes for dashboard users."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter

from bymax_auth.client.decoding import ABSENT_AS_NULL, decoded, members_of
from bymax_auth.client.errors import DecodeError
from bymax_auth.client.exchange import Exchange, Reply
from bymax_auth.client.results import (
    Authenticated,
    AuthOutcome,
    LinkDeparture,
    MfaRequired,
    OtpProof,
    OwnUser,
    RegistrationOutcome,
    ResetProof,
    TokenProof,
    VerifiedTokenProof,
    WsTicket,
)
from bymax_auth.client.second_factor import SecondFactorCalls
from bymax_auth.types.account import SafeAuthUser
from bymax_auth.types.results import AccountCreated, AuthResult, IdentityInfo, MfaChallengeResult
from bymax_auth.types.session import ActiveSessionInfo
from bymax_auth.types.wire import WireModel

__all__ = ["DashboardCalls", "challenged"]


class _UserBody(WireModel):
    user: Annotated[SafeAuthUser, ABSENT_AS_NULL]


class _VerifiedTokenBody(WireModel):
    verified_token: str = Field(repr=False)


class _DepartureBody(WireModel):
    authorize_url: str = Field(repr=False)


_USER: Final = TypeAdapter(_UserBody)
_OWN_USER: Final[TypeAdapter[OwnUser]] = TypeAdapter(Annotated[OwnUser, ABSENT_AS_NULL])
_CHALLENGE: Final = TypeAdapter(MfaChallengeResult)
_VERIFIED_TOKEN: Final = TypeAdapter(_VerifiedTokenBody)
_SESSIONS: Final = TypeAdapter(tuple[ActiveSessionInfo, ...])
_IDENTITIES: Final = TypeAdapter(tuple[IdentityInfo, ...])
_DEPARTURE: Final = TypeAdapter(_DepartureBody)
_TICKET: Final = TypeAdapter(WsTicket)

_SESSION_HASH: Final = re.compile("[0-9a-f]{64}")
_IDENTITY: Final = re.compile("[0-9a-f]{32}")
_PROVIDER: Final = re.compile("[a-z0-9-]{1,64}")
_STATE: Final = re.compile("(?:__Host-)?oauth_state=([0-9a-f]{64})(?:;.*)?")


def challenged(reply: Reply) -> MfaRequired | None:
    """Return the second factor that a sign-in asks for, if it does."""
    if members_of(reply).get("mfaRequired") is not True:
        return None
    return MfaRequired(decoded(_CHALLENGE, reply).mfa_temp_token)


@dataclass(frozen=True, slots=True)
class DashboardCalls(SecondFactorCalls):
    """What a dashboard user can do."""

    def register(
        self, email: str, password: str, name: str, tenant_id: str | None, profile: Mapping[str, Any] | None
    ) -> Exchange[RegistrationOutcome]:
        """Create an account."""
        body = _given(email=email, password=password, name=name, tenantId=tenant_id, profile=profile)
        return self._registered((yield from self.post("/register", body)))

    def login(self, email: str, password: str, tenant_id: str | None) -> Exchange[AuthOutcome]:
        """Sign in with a password."""
        body = _given(email=email, password=password, tenantId=tenant_id)
        reply = yield from self.post("/login", body)
        return challenged(reply) or Authenticated(self._signed_in(reply))

    def mfa_challenge(self, mfa_temp_token: str, code: str) -> Exchange[AuthResult]:
        """Complete a sign-in with a code."""
        body = {"mfaTempToken": mfa_temp_token, "code": code}
        return self._signed_in((yield from self.post("/mfa/challenge", body)))

    def me(self) -> Exchange[OwnUser]:
        """Read the signed-in user."""
        return decoded(_OWN_USER, (yield from self.guarded("GET", "/me", renew_on_any_401=True)))

    def verify_email(self, email: str, otp: str, tenant_id: str | None) -> Exchange[None]:
        """Prove an address."""
        yield from self.post("/verify-email", _given(email=email, otp=otp, tenantId=tenant_id))

    def resend_verification(self, email: str, tenant_id: str | None) -> Exchange[None]:
        """Have another code mailed."""
        yield from self.post("/resend-verification", _given(email=email, tenantId=tenant_id))

    def forgot_password(self, email: str, tenant_id: str | None) -> Exchange[None]:
        """Have a proof mailed."""
        yield from self.post("/password/forgot-password", _given(email=email, tenantId=tenant_id))

    def resend_reset_otp(self, email: str, tenant_id: str | None) -> Exchange[None]:
        """Have another code mailed."""
        yield from self.post("/password/resend-otp", _given(email=email, tenantId=tenant_id))

    def verify_reset_otp(self, email: str, otp: str, tenant_id: str | None) -> Exchange[VerifiedTokenProof]:
        """Exchange a mailed code for a proof."""
        reply = yield from self.post("/password/verify-otp", _given(email=email, otp=otp, tenantId=tenant_id))
        return VerifiedTokenProof(decoded(_VERIFIED_TOKEN, reply).verified_token)

    def reset_password(
        self, email: str, new_password: str, proof: ResetProof, tenant_id: str | None
    ) -> Exchange[None]:
        """Set a password by a mailed proof."""
        match proof:
            case TokenProof(value):
                key = "token"
            case OtpProof(value):
                key = "otp"
            case VerifiedTokenProof(value):
                key = "verifiedToken"
        body = _given(email=email, newPassword=new_password, tenantId=tenant_id)
        yield from self.post("/password/reset-password", {**body, key: value})

    def change_password(self, current_password: str, new_password: str) -> Exchange[None]:
        """Change the password; this session stays."""
        body = {"currentPassword": current_password, "newPassword": new_password}
        yield from self.guarded("POST", "/password/change", body, with_refresh=True)

    def list_sessions(self) -> Exchange[tuple[ActiveSessionInfo, ...]]:
        """List the logins of the user."""
        before = self.session.held
        listed = decoded(_SESSIONS, (yield from self.guarded("GET", "/sessions")))
        # With bearer tokens the server cannot tell: a GET carries no refresh token.  Somebody may renew
        # meanwhile, and the list be from before or after that.
        held = (before, self.session.tokens or before)
        own = {hashlib.sha256(tokens.refresh_token.encode()).hexdigest() for tokens in held}
        return tuple(
            one.model_copy(update={"is_current": one.is_current or one.session_hash in own}) for one in listed
        )

    def revoke_session(self, session_hash: str) -> Exchange[None]:
        """End one login."""
        if _SESSION_HASH.fullmatch(session_hash) is None:
            raise ValueError("A session hash is 64 lower-case hexadecimal characters.")
        yield from self.guarded("DELETE", f"/sessions/{session_hash}")

    def revoke_other_sessions(self) -> Exchange[None]:
        """End every login but this one."""
        # The POST spelling, because some proxies drop the body of a DELETE.
        yield from self.guarded("POST", "/sessions/revoke-all", {}, with_refresh=True)

    def invite(self, email: str, role: str, tenant_name: str | None) -> Exchange[None]:
        """Invite a person into the own tenant."""
        yield from self.guarded(
            "POST", "/invitations", _given(email=email, role=role, tenantName=tenant_name)
        )

    def accept_invitation(
        self, token: str, name: str, password: str, profile: Mapping[str, Any] | None
    ) -> Exchange[RegistrationOutcome]:
        """Create the invited account."""
        body = _given(token=token, name=name, password=password, profile=profile)
        return self._registered((yield from self.post("/invitations/accept", body)))

    def revoke_invitation(self, email: str) -> Exchange[None]:
        """Withdraw an invitation."""
        yield from self.guarded("POST", "/invitations/revoke", {"email": email})

    def request_email_change(self, new_email: str, current_password: str) -> Exchange[None]:
        """Have a link mailed to the new address."""
        body = {"newEmail": new_email, "currentPassword": current_password}
        yield from self.guarded("POST", "/email/change", body)

    def confirm_email_change(self, token: str) -> Exchange[None]:
        """Move the account to the new address."""
        yield from self.post("/email/change/confirm", {"token": token})

    def list_identities(self) -> Exchange[tuple[IdentityInfo, ...]]:
        """List the identities with which the user can sign in."""
        return decoded(_IDENTITIES, (yield from self.guarded("GET", "/oauth/identities")))

    def link_identity(self, provider: str, password: str | None) -> Exchange[LinkDeparture]:
        """Begin to add an identity."""
        if _PROVIDER.fullmatch(provider) is None:
            raise ValueError("The name of a provider is 1 to 64 characters of a-z, 0-9 and -.")
        body = _given(password=password)
        reply = yield from self.guarded("POST", f"/oauth/{provider}/link", body, with_refresh=True)
        states = [found[1] for line in reply.all("set-cookie") if (found := _STATE.fullmatch(line))]
        if len(states) != 1:
            raise DecodeError("the answer sets no state")
        return LinkDeparture(decoded(_DEPARTURE, reply).authorize_url, states[0])

    def unlink_identity(self, identity_id: str, password: str | None) -> Exchange[None]:
        """Remove an identity."""
        if _IDENTITY.fullmatch(identity_id) is None:
            raise ValueError("The id of an identity is 32 lower-case hexadecimal characters.")
        # The POST spelling, because some proxies drop the body of a DELETE.
        path = f"/oauth/identities/{identity_id}/unlink"
        yield from self.guarded("POST", path, _given(password=password), with_refresh=True)

    def ws_ticket(self) -> Exchange[WsTicket]:
        """Get a ticket for one WebSocket."""
        return decoded(_TICKET, (yield from self.guarded("POST", "/ws-ticket")))

    def _registered(self, reply: Reply) -> RegistrationOutcome:
        if (challenge := challenged(reply)) is not None:
            return challenge
        if self.delivery.tokens_of(reply) is None:
            return AccountCreated(user=decoded(_USER, reply).user)
        return Authenticated(self._signed_in(reply))

    def _signed_in(self, reply: Reply) -> AuthResult:
        user = decoded(_USER, reply).user
        tokens = self.signed_in(reply)
        return AuthResult(user=user, access_token=tokens.access_token, refresh_token=tokens.refresh_token)


def _given(**members: object) -> dict[str, object]:
    """Return a body without the members that are not given."""
    return {name: value for name, value in members.items() if value is not None}
