"""Which tests mirror a module: those of its name, and those of what it is a part of."""

from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("tests/unit", "tests/integration")
"""Where a module's tests have its path and its name, with whatever follows the name."""

CONTRACTS = "tests/contract"
EMBEDDED = "tests/unit/stores/embedded"
WITHOUT_SERVERS = ("-k", "not redis")

PARTS: dict[str, tuple[str, ...]] = {
    "crypto/password/argon2.py": ("tests/unit/crypto/password",),
    "crypto/password/errors.py": ("tests/unit/crypto/password",),
    "crypto/password/hasher.py": ("tests/unit/crypto/password",),
    "crypto/password/phc.py": ("tests/unit/crypto/password",),
    "crypto/password/scrypt.py": ("tests/unit/crypto/password",),
    "flows/enroll_mfa.py": (
        "tests/integration/flows/test_enrolment_and_password.py",
        "tests/security/test_reclaimed_accounts.py",
    ),
    "jwt/canonical.py": ("tests/unit/jwt",),
    "jwt/claims.py": ("tests/unit/jwt",),
    "jwt/hs256.py": ("tests/unit/jwt/test_verified_tokens.py",),
    "jwt/keys.py": ("tests/unit/jwt/test_verified_tokens.py",),
    "services/access_revocation.py": (
        "tests/integration/flows/test_change_password.py",
        "tests/integration/flows/test_reset_password.py",
        "tests/integration/flows/test_enroll_mfa.py",
    ),
    "services/address_verification.py": ("tests/integration/flows/test_verify_email.py",),
    "services/challenge_tokens.py": ("tests/integration/flows/test_challenge_mfa.py",),
    "services/factor_changes.py": (
        "tests/integration/flows/test_enroll_mfa_code.py",
        "tests/integration/flows/test_enrolment_and_password.py",
        "tests/integration/flows/test_manage_mfa.py",
    ),
    "services/identity_links.py": (
        "tests/integration/flows/test_identities.py",
        "tests/integration/flows/test_identities_meanwhile.py",
    ),
    "services/inviters.py": (
        "tests/integration/flows/test_invite.py",
        "tests/integration/flows/test_accept_invitation.py",
    ),
    "services/login_bindings.py": ("tests/integration/flows/test_identities.py",),
    "services/new_accounts.py": (
        "tests/integration/flows/test_profiles_of_newcomers.py",
        "tests/integration/flows/test_register.py",
        "tests/integration/flows/test_accept_invitation.py",
        "tests/security/test_reclaimed_accounts.py",
    ),
    "services/oauth_accounts.py": (
        "tests/integration/flows/test_oauth_accounts.py",
        "tests/integration/flows/test_oauth_reclaim.py",
        "tests/security/test_reclaimed_accounts.py",
    ),
    "services/oauth_profiles.py": ("tests/integration/flows/test_oauth_providers.py",),
    "services/oauth_providers.py": ("tests/integration/flows/test_oauth_providers.py",),
    "services/oauth_states.py": (
        "tests/integration/flows/test_oauth.py",
        "tests/integration/flows/test_oauth_providers.py",
    ),
    "services/proof_bindings.py": (
        "tests/unit/services/test_reset_proofs.py",
        "tests/unit/services/test_email_change_proofs.py",
    ),
    "services/reset_accounts.py": (
        "tests/integration/flows/test_reset_password.py",
        "tests/integration/flows/test_oauth_reclaim.py",
    ),
    "services/roles.py": ("tests/integration/flows/test_invite.py",),
    "services/second_factor.py": (
        "tests/integration/flows/test_challenge_mfa.py",
        "tests/integration/flows/test_manage_mfa.py",
    ),
    "services/sign_ins.py": (
        "tests/integration/flows/test_login.py",
        "tests/integration/flows/test_oauth_accounts.py",
        "tests/security/test_reclaimed_accounts.py",
    ),
}
"""Modules that are tested with what they are a part of."""

FOREIGN_HASHES = ("tests/unit/crypto/password/imported", "tests/conformance/test_password_imports.py")
"""The tests of every format of hashes of another system."""

FLOWS = (
    "tests/integration/flows/test_input_bounds.py",
    "tests/integration/flows/test_overload.py",
    "tests/integration/flows/test_outages.py",
)
"""Tests of what all flows do alike."""

VECTORS = {
    "crypto/": "tests/conformance/test_crypto_vectors.py",
    "jwt/": "tests/conformance/test_jwt_vectors.py",
    "services/identifiers.py": "tests/conformance/test_identifiers.py",
}
"""Known answers, which come last because some take long."""

HIDDEN = "field(repr=False)"
REDACTION = "tests/security/test_redaction.py"
"""What looks at each type with a credential."""

STORES: dict[str, tuple[str, ...]] = {
    "attempts": ("test_attempt_store.py",),
    "displacement": ("test_store_races.py",),
    "epochs": ("test_revocation_store.py", "test_session_store.py"),
    "expiring_values": ("test_revocation_store.py",),
    "fixed_window": ("test_rate_limit_store.py", "test_attempt_store.py"),
    "invitations": ("test_invitation_store.py",),
    "mfa": ("test_mfa_store.py",),
    "otps": ("test_one_time_stores.py",),
    "proofs": ("test_one_time_stores.py",),
    "rate_limits": ("test_rate_limit_store.py",),
    "revocation": ("test_revocation_store.py",),
    "session_revocation": ("test_session_revocation.py", "test_session_logins.py"),
    "sessions": (
        "test_session_store.py",
        "test_session_logins.py",
        "test_session_reissue.py",
        "test_session_revocation.py",
    ),
}
"""The contract suites of the modules of the embedded store."""


@dataclass(frozen=True)
class Tests:
    """Arguments of pytest."""

    paths: tuple[str, ...]
    options: tuple[str, ...] = ()


def mirrored_tests(root: Path, module: Path) -> Tests:
    """
    The tests that mirror a module, given by its path in the package.

    Raises:
        LookupError: There are none.
    """
    name = module.as_posix()
    if name.startswith("stores/embedded/"):
        contracts = tuple(f"{CONTRACTS}/{suite}" for suite in STORES.get(module.stem, ()))
        return Tests((*contracts, *of_its_name(root, module), EMBEDDED), WITHOUT_SERVERS)
    if name.startswith("crypto/password/imported/"):
        return Tests(FOREIGN_HASHES)
    found = PARTS.get(name, ()) + tuple(of_its_name(root, module))
    if not found:
        raise LookupError(f"no tests mirror {name}")
    if HIDDEN in (root / "src" / "bymax_auth" / module).read_text(encoding="utf-8"):
        found += (REDACTION,)
    if name.startswith("flows/"):
        found += FLOWS
    found += tuple(path for start, path in VECTORS.items() if name.startswith(start))
    return Tests(tuple(dict.fromkeys(found)))


def of_its_name(root: Path, module: Path) -> list[str]:
    """Test files with the module's path and name."""
    return [
        path.relative_to(root).as_posix()
        for folder in FOLDERS
        for path in sorted((root / folder / module.parent).glob(f"test_{module.stem}*.py"))
    ]
