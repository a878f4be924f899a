"""What lies in a store, against what every implementation that shares it writes."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.config import AuthConfig, constants
from bymax_auth.crypto.digest import KeyedDigest, derive_identifier_key, sha256_hex
from bymax_auth.ports.one_time import (
    OAUTH_FORM_USER,
    OAUTH_LINK,
    OAUTH_STATE,
    PASSWORD_RESET,
    PROOF_GENERATION,
    RESET_CODE,
    VERIFIED_RESET,
)
from bymax_auth.ports.ws_tickets import WS_TICKET
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.types.identity import KeyLayout, Realm

STORAGE: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "conformance" / "storage.json").read_text("utf-8")
)
PREFIXES: dict[str, str] = STORAGE["redisKeyPrefixes"]
KEY = derive_identifier_key(STORAGE["hmacKeyDerivation"]["secret"])


def test_no_two_kinds_of_key_share_a_prefix() -> None:
    """Keys of one kind would overwrite those of another."""
    every = [*PREFIXES.values(), *STORAGE["ownPrefixes"].values()]

    assert len(PREFIXES) == 31
    assert len(set(every)) == len(every)


def test_the_realms_keep_apart() -> None:
    """An administrator's id may equal a user's."""
    dashboard = {
        name.removeprefix("dashboard"): prefix
        for name, prefix in PREFIXES.items()
        if name.startswith("dashboard")
    }
    platform = {
        name.removeprefix("platform"): prefix
        for name, prefix in PREFIXES.items()
        if name.startswith("platform")
    }

    assert platform == {name: f"p{prefix}" for name, prefix in dashboard.items()}


def test_proofs_are_kept_under_the_contracts_prefixes() -> None:
    """A link that one backend mailed is opened at another."""
    assert PASSWORD_RESET.prefix == PREFIXES["passwordResetToken"]
    assert VERIFIED_RESET.prefix == PREFIXES["passwordResetVerifiedToken"]
    assert PROOF_GENERATION.prefix == STORAGE["ownPrefixes"]["passwordResetProofGeneration"]
    assert RESET_CODE.prefix == STORAGE["ownPrefixes"]["passwordResetCodeContext"]


def test_the_state_of_a_sign_in_is_kept_under_the_contracts_key() -> None:
    """A browser that one backend sends to the provider may come back to another."""
    key = KeyBuilder("auth", KeyLayout.SHARED).key(OAUTH_STATE.prefix, sha256_hex("ab" * 32), None)

    assert OAUTH_STATE.prefix == PREFIXES["oauthState"]
    assert OAUTH_FORM_USER.prefix == STORAGE["ownPrefixes"]["oauthFormUser"]
    assert OAUTH_LINK.prefix == STORAGE["ownPrefixes"]["oauthLinkState"]
    assert key == "auth:os:271a413bd339c5709fdceaec41f14f11e9fbfb5042d72d331c65f32b284cd09a"


def test_a_ticket_is_kept_under_the_contracts_key() -> None:
    """The backend that answers the handshake may be another than the one that issued the ticket."""
    ticket_hash = sha256_hex("ab" * 32)
    key = KeyBuilder("auth", KeyLayout.SHARED).key(WS_TICKET.prefix, ticket_hash, None)

    assert WS_TICKET.prefix == PREFIXES["wsTicket"]
    assert key == "auth:wst:271a413bd339c5709fdceaec41f14f11e9fbfb5042d72d331c65f32b284cd09a"


def test_the_key_of_identifiers_is_the_contracts() -> None:
    """Under another key no account of a sibling would be found."""
    derivation = STORAGE["hmacKeyDerivation"]

    assert derivation["hmacKey"].encode() == KEY
    assert sha256_hex(f"{derivation['label']}:{derivation['secret']}") == derivation["hmacKey"]


@pytest.mark.parametrize("row", STORAGE["preimages"], ids=lambda row: row["preimage"])
def test_a_preimage_gives_the_contracts_digest(row: dict[str, str]) -> None:
    """Each is the name of a key that siblings look for."""
    assert KeyedDigest(KEY).hex(row["preimage"]) == row["digest"]


@pytest.mark.parametrize("row", STORAGE["withoutTenantLength"], ids=lambda row: row["preimage"])
def test_a_name_without_the_tenants_length_is_never_ours(row: dict[str, str]) -> None:
    """It would let one tenant's user id spell another tenant's account."""
    identifiers = Identifiers.of_key(KEY)
    subject = identifiers.subject(Realm.DASHBOARD, "user-1", "tenant-a")
    ours = {subject.hash, identifiers.reauthentication_counter("change-password", subject).hash}

    assert KeyedDigest(KEY).hex(row["preimage"]) == row["digest"]
    assert row["digest"] not in ours | {known["digest"] for known in STORAGE["preimages"]}


def test_an_index_member_names_the_hash_of_the_tokens_text() -> None:
    """The hash of the bytes that the text spells is another one, and finds nothing."""
    example = STORAGE["indexMembers"]["example"]

    assert sha256_hex(example["token"]) == example["sha256"]
    assert {member.partition(":")[0] for member in STORAGE["indexMembers"]["session"]} == {
        PREFIXES[f"{realm}{kind}"]
        for realm in ("dashboard", "platform")
        for kind in ("RefreshSession", "GracePointer")
    }


def test_fixed_lifetimes_are_the_contracts() -> None:
    """What one backend still remembers, another must not have forgotten."""
    ours = {
        "tokenEpoch": constants.TOKEN_EPOCH_RETENTION,
        "recentAuthMarker": constants.RECENT_AUTH_TTL,
        "attemptsInFlight": constants.ATTEMPT_IN_FLIGHT_TTL,
        "oneTimePasswordGuesses": constants.OTP_GUESS_WINDOW,
        "otpResendCooldown": constants.RESEND_COOLDOWN,
        "passwordResetVerifiedToken": constants.VERIFIED_TOKEN_TTL,
        "wsTicket": constants.WS_TICKET_TTL,
        "oauthState": constants.OAUTH_STATE_TTL,
        "mfaTempTokenMarker": constants.MFA_TEMP_TOKEN_TTL,
        "pendingMfaSetup": constants.MFA_SETUP_TTL,
        "mfaTransitionLock": constants.MFA_LOCK_TTL,
        "recoveryCodeClaim": constants.RECOVERY_CODE_CLAIM_TTL,
    }

    assert {name: ttl // timedelta(seconds=1) for name, ttl in ours.items()} == STORAGE["timeToLiveSeconds"]


def test_default_lifetimes_are_the_contracts() -> None:
    """Two backends with their defaults must agree."""
    config = AuthConfig()
    ours = {
        "refreshSession": timedelta(days=config.jwt.refresh_expires_in_days),
        "gracePointer": config.jwt.refresh_grace_window,
        "failedLoginCounter": config.brute_force.window,
        "passwordResetToken": config.password_reset.token_ttl,
        "passwordResetOtp": config.password_reset.otp_ttl,
        "emailVerificationOtp": config.email_verification.otp_ttl,
        "emailChangeToken": config.email_change.token_ttl,
        "invitation": config.invitations.token_ttl,
        "userStatusCache": config.user_status_cache_ttl,
    }

    assert {name: ttl // timedelta(seconds=1) for name, ttl in ours.items()} == STORAGE[
        "defaultTimeToLiveSeconds"
    ]


def test_sizes_and_limits_are_the_contracts() -> None:
    """A longer value than a sibling reads, or one attempt more than it allows, is a difference to attack."""
    ours = {
        "maxRefreshGraceSeconds": constants.MAX_REFRESH_GRACE // timedelta(seconds=1),
        "otpMaxAttempts": constants.OTP_MAX_ATTEMPTS,
        "otpMaxWrongCodes": constants.OTP_MAX_WRONG_CODES,
        "counterIdBytes": constants.MAX_COUNTER_ID_BYTES,
        "storedIpBytes": constants.MAX_STORED_IP_BYTES,
        "singleUseTokenBytes": constants.SINGLE_USE_TOKEN_BYTES,
        "mfaLockNonceBytes": constants.MFA_LOCK_NONCE_BYTES,
        "oauthStateBytes": constants.OAUTH_STATE_BYTES,
        "oauthVerifierBytes": constants.OAUTH_VERIFIER_BYTES,
        "totpSecretBytes": constants.TOTP_SECRET_BYTES,
        "totpDigits": constants.TOTP_DIGITS,
        "totpStepSeconds": constants.TOTP_STEP // timedelta(seconds=1),
        "recoveryCodeBytes": constants.RECOVERY_CODE_BYTES,
        "verificationOtpLength": constants.VERIFICATION_OTP_LENGTH,
        "kdfMemoryMib": constants.KDF_MEMORY_BUDGET_MIB,
    }

    assert ours == STORAGE["limits"]
