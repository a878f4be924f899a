"""Flows of the second factor, and the challenge that a sign-in answers with."""

from bymax_auth.config.checks import decoded_key
from bymax_auth.config.credentials import MfaConfig
from bymax_auth.crypto.aead import AesGcmBox
from bymax_auth.engine.disabled_flows import disabled_factor
from bymax_auth.engine.flow_records import FactorFlows
from bymax_auth.engine.services import Services
from bymax_auth.engine.wiring.realm import RealmServices
from bymax_auth.errors import MfaNotEnabled
from bymax_auth.flows.challenge_mfa import ChallengeMfa
from bymax_auth.flows.enroll_mfa import EnableMfa, SetUpMfa
from bymax_auth.flows.manage_mfa import DisableMfa, RegenerateRecoveryCodes, ResetMfa
from bymax_auth.ports.mfa import MfaStore
from bymax_auth.services.challenge_tokens import ChallengeTokens
from bymax_auth.services.factor_changes import FactorChanges
from bymax_auth.services.mfa_secrets import MfaSecrets
from bymax_auth.services.recovery_codes import RecoveryCodes
from bymax_auth.services.second_factor import SecondFactor
from bymax_auth.services.totp_codes import TotpCodes

__all__ = ["challenge_tokens", "factor_flows", "mfa_secrets"]


def challenge_tokens(services: Services, realm: RealmServices) -> ChallengeTokens | None:
    """Return the tokens between password and second factor, ``None`` where mfa is not configured."""
    store = services.stores.mfa
    if services.config.auth.mfa is None or store is None:
        return None
    jwt = services.config.auth.jwt
    return ChallengeTokens(
        policy=realm.policy,
        store=store,
        identifiers=services.identifiers,
        keys=services.keys,
        clock=services.clock,
        events=services.events,
        issuer=jwt.issuer,
        audience=jwt.audience,
    )


def factor_flows(services: Services, realm: RealmServices, tokens: ChallengeTokens | None) -> FactorFlows:
    """Return the flows of one realm's second factors; where mfa is not configured, each says so."""
    chosen = services.config.auth.mfa
    if chosen is None or tokens is None:
        return disabled_factor(MfaNotEnabled)
    factor = _second_factor(services, realm, chosen, tokens.store)
    return FactorFlows(
        mfa_setup=SetUpMfa(factor=factor, passwords=services.passwords, issuer=chosen.issuer),
        mfa_verify_enable=EnableMfa(factor=factor),
        mfa_challenge=ChallengeMfa(factor=factor, tokens=tokens, issuer=realm.issuer),
        mfa_disable=DisableMfa(factor=factor),
        mfa_recovery_codes=RegenerateRecoveryCodes(factor=factor),
        reset_mfa=ResetMfa(factor=factor),
    )


def _second_factor(
    services: Services, realm: RealmServices, chosen: MfaConfig, store: MfaStore
) -> SecondFactor:
    keys = (services.config.identifier_key, *services.config.previous_identifier_keys)
    return SecondFactor(
        policy=realm.policy,
        accounts=realm.accounts,
        identifiers=services.identifiers,
        status_gate=services.status_gate,
        revocation=services.stores.revocation,
        sessions=services.stores.sessions,
        store=store,
        secrets=mfa_secrets(services, chosen),
        totp=TotpCodes(chosen.totp_window, services.clock),
        recovery=RecoveryCodes.of_keys(keys, chosen.recovery_code_count),
        changes=FactorChanges(
            accounts=realm.accounts, store=store, clock=services.clock, failures=services.failures
        ),
        lockout=services.lockout,
        background=services.background,
        hooks=services.hooks,
        mailer=services.mailer,
        events=services.events,
        failures=services.failures,
    )


def mfa_secrets(services: Services, chosen: MfaConfig) -> MfaSecrets:
    """Return what encrypts the secrets of second factors with the configured keys."""
    current, *previous = (
        decoded_key(secret.reveal()) or b""
        for secret in (chosen.encryption_key, *chosen.previous_encryption_keys)
    )
    return MfaSecrets(
        box=AesGcmBox(current, tuple(previous)),
        identifiers=services.identifiers,
        binds_to_account=chosen.bind_secret_to_account,
    )
