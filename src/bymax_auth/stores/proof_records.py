"""Encoding and decoding of single-use proofs and tickets; the rules are those of `records`."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from bymax_auth.ports.one_time import (
    EmailChangeContext,
    OAuthFormUser,
    OAuthLinkState,
    OAuthState,
    PayloadT,
    ProofGeneration,
    ProofKind,
    ResetContext,
)
from bymax_auth.ports.ws_tickets import WsTicketSnapshot
from bymax_auth.stores.json_objects import filled, members_of, object_text

__all__ = ["decode_proof", "encode_proof"]


def encode_proof(kind: ProofKind[PayloadT], payload: PayloadT) -> str:
    """Return what a store keeps of a proof."""
    write, _ = _PROOFS[kind.payload]
    return write(payload)


def decode_proof(kind: ProofKind[PayloadT], text: str) -> PayloadT | None:
    """Return the payload of a proof, ``None`` when it is unreadable."""
    _, read = _PROOFS[kind.payload]
    return cast("PayloadT | None", read(text))


def _encode_reset_context(context: ResetContext) -> str:
    fields = {"userId": context.user_id, "email": context.email, "tenantId": context.tenant_id}
    return object_text(fields | _binding_fields(context))


def _decode_reset_context(text: str) -> ResetContext | None:
    fields = members_of(text)
    user_id, email, tenant_id = fields.get("userId"), fields.get("email"), fields.get("tenantId")
    binding = _binding(fields)
    if (
        not (isinstance(user_id, str) and isinstance(email, str) and isinstance(tenant_id, str))
        or binding is None
    ):
        return None
    fingerprint, generation = binding
    return ResetContext(
        user_id=user_id,
        email=email,
        tenant_id=tenant_id,
        password_fingerprint=fingerprint,
        generation=generation,
    )


def _encode_email_change_context(context: EmailChangeContext) -> str:
    fields = {"userId": context.user_id, "newEmail": context.new_email, "tenantId": context.tenant_id}
    return object_text(fields | _binding_fields(context))


def _decode_email_change_context(text: str) -> EmailChangeContext | None:
    fields = members_of(text)
    user_id, new_email, tenant_id = fields.get("userId"), fields.get("newEmail"), fields.get("tenantId")
    binding = _binding(fields)
    if (
        not (isinstance(user_id, str) and isinstance(new_email, str) and isinstance(tenant_id, str))
        or binding is None
    ):
        return None
    fingerprint, generation = binding
    return EmailChangeContext(
        user_id=user_id,
        new_email=new_email,
        tenant_id=tenant_id,
        password_fingerprint=fingerprint,
        generation=generation,
    )


def _binding_fields(context: ResetContext | EmailChangeContext) -> dict[str, str]:
    fields: dict[str, str] = {}
    if context.password_fingerprint is not None:
        fields["passwordFingerprint"] = context.password_fingerprint
    if context.generation is not None:
        fields["generation"] = context.generation
    return fields


def _binding(fields: Mapping[str, object]) -> tuple[str | None, str | None] | None:
    """Return the fingerprint and the generation of a proof, ``None`` when one of them is unreadable."""
    fingerprint, generation = fields.get("passwordFingerprint"), fields.get("generation")
    if not isinstance(fingerprint, str) and "passwordFingerprint" in fields:
        return None
    if not isinstance(generation, str) and "generation" in fields:
        return None
    return cast("str | None", fingerprint), cast("str | None", generation)


def _encode_generation(payload: ProofGeneration) -> str:
    return object_text({"generation": payload.generation})


def _decode_generation(text: str) -> ProofGeneration | None:
    generation = members_of(text).get("generation")
    return ProofGeneration(generation) if isinstance(generation, str) else None


def _encode_oauth_state(state: OAuthState) -> str:
    return object_text(
        {"provider": state.provider, "tenantId": state.tenant_id, "codeVerifier": state.code_verifier}
    )


def _decode_oauth_state(text: str) -> OAuthState | None:
    """Every field is required: one that binds to nothing would let any sign-in pass."""
    fields = members_of(text)
    provider, tenant_id = filled(fields.get("provider")), filled(fields.get("tenantId"))
    code_verifier = filled(fields.get("codeVerifier"))
    if provider is None or tenant_id is None or code_verifier is None:
        return None
    return OAuthState(provider=provider, tenant_id=tenant_id, code_verifier=code_verifier)


def _encode_oauth_link(state: OAuthLinkState) -> str:
    return object_text(
        {
            "provider": state.provider,
            "tenantId": state.tenant_id,
            "codeVerifier": state.code_verifier,
            "userId": state.user_id,
            "login": state.login,
            "epoch": state.epoch,
            "passwordFingerprint": state.password_fingerprint,
        }
    )


def _decode_oauth_link(text: str) -> OAuthLinkState | None:
    """Every field is required: one that binds to nothing would let any account be linked."""
    fields = members_of(text)
    names = ("provider", "tenantId", "codeVerifier", "userId", "login")
    given = [value for name in names if (value := filled(fields.get(name))) is not None]
    epoch, fingerprint = fields.get("epoch"), fields.get("passwordFingerprint")
    if len(given) != len(names) or type(epoch) is not int or not isinstance(fingerprint, str):
        return None
    provider, tenant_id, code_verifier, user_id, login = given
    return OAuthLinkState(
        provider=provider,
        tenant_id=tenant_id,
        code_verifier=code_verifier,
        user_id=user_id,
        login=login,
        epoch=epoch,
        password_fingerprint=fingerprint,
    )


def _encode_oauth_form_user(payload: OAuthFormUser) -> str:
    return object_text({"user": payload.user})


def _decode_oauth_form_user(text: str) -> OAuthFormUser | None:
    user = members_of(text).get("user")
    return OAuthFormUser(user) if isinstance(user, str) else None


def _encode_ws_ticket(snapshot: WsTicketSnapshot) -> str:
    fields: dict[str, str | bool | int] = {"sub": snapshot.user_id}
    if snapshot.tenant_id is not None:
        fields["tenantId"] = snapshot.tenant_id
    fields["role"] = snapshot.role
    fields["status"] = snapshot.status
    fields["mfaEnabled"] = snapshot.mfa_enabled
    fields["mfaVerified"] = snapshot.mfa_verified
    added = {"epoch": snapshot.epoch, "jti": snapshot.jti, "exp": snapshot.exp}
    return object_text(fields | {name: value for name, value in added.items() if value is not None})


def _decode_ws_ticket(text: str) -> WsTicketSnapshot | None:
    """An absent field of the access token means no check of it; one that cannot be read is not absent."""
    fields = members_of(text)
    user_id, role, status = fields.get("sub"), fields.get("role"), fields.get("status")
    enabled, verified = fields.get("mfaEnabled"), fields.get("mfaVerified")
    if not (isinstance(user_id, str) and user_id and isinstance(role, str) and isinstance(status, str)):
        return None
    if not (isinstance(enabled, bool) and isinstance(verified, bool)):
        return None
    optional = {"tenantId": str, "epoch": int, "jti": str, "exp": int}
    if any(name in fields and type(fields[name]) is not kind for name, kind in optional.items()):
        return None
    tenant_id, epoch, jti, exp = map(fields.get, optional)
    return WsTicketSnapshot(
        user_id=user_id,
        tenant_id=cast("str | None", tenant_id),
        role=role,
        status=status,
        mfa_enabled=enabled,
        mfa_verified=verified,
        epoch=cast("int | None", epoch),
        jti=cast("str | None", jti),
        exp=cast("int | None", exp),
    )


_PROOFS: Final[Mapping[type[Any], tuple[Callable[[Any], str], Callable[[str], Any]]]] = {
    EmailChangeContext: (_encode_email_change_context, _decode_email_change_context),
    OAuthFormUser: (_encode_oauth_form_user, _decode_oauth_form_user),
    OAuthLinkState: (_encode_oauth_link, _decode_oauth_link),
    OAuthState: (_encode_oauth_state, _decode_oauth_state),
    ProofGeneration: (_encode_generation, _decode_generation),
    ResetContext: (_encode_reset_context, _decode_reset_context),
    WsTicketSnapshot: (_encode_ws_ticket, _decode_ws_ticket),
}
