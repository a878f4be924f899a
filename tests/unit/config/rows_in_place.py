"""What a configuration may get wrong with its collaborators or at run time, in the order of the rules."""

from datetime import timedelta

from tests.unit.config.samples import (
    GOOGLE,
    MFA,
    OTHER_SECRET,
    PUBLISHED,
    PUBLISHED_KEY,
    REPETITIVE,
    SECRET,
    Row,
    broken,
)

__all__ = ["COLLABORATORS", "RUNTIME"]

ONLY_ARGON2 = frozenset({"argon2"})


class AsyncVerify:
    """A verifier of older hashes whose answer nobody would await."""

    def matches(self, _stored: str) -> bool:
        return True

    async def verify(self, _password: str, _stored: str) -> bool:
        return False


class AsyncMatches:
    """A verifier that would claim every hash."""

    async def matches(self, _stored: str) -> bool:
        return False

    def verify(self, _password: str, _stored: str) -> bool:
        return False


COLLABORATORS: list[Row] = [
    broken("missing_user_repository", "users", facts={"has_users": False}),
    broken("missing_stores", "stores", facts={"missing_stores": ("sessions",), "has_proof_store": False}),
    broken(
        "missing_platform_repository",
        "platform_users",
        also={
            "platform.enabled": True,
            "roles.hierarchy": {"MEMBER": []},
            "roles.platform_hierarchy": {"ROOT": []},
        },
        facts={"has_platform_users": False},
    ),
    broken("oauth_toggle_without_provider", "controllers.oauth", True),
    broken(
        "oauth_state_store_missing",
        "stores.proofs",
        also={"controllers.oauth": True},
        facts={"oauth_provider_names": ("acme",), "has_proof_store": False},
    ),
    broken(
        "missing_invitation_store",
        "stores.invitations",
        also={"invitations.enabled": True},
        facts={"has_invitation_store": False},
    ),
    broken("password_min_length_range", "password.min_length", 7),
    broken("password_min_length_range", "password.min_length", 129),
]

RUNTIME: list[Row] = [
    broken("missing_extra", "mfa", also={"mfa": MFA}, facts={"importable": ONLY_ARGON2}),
    broken(
        "missing_extra",
        "oauth.google",
        also={"oauth.google": GOOGLE},
        facts={"importable": ONLY_ARGON2, "has_http_client": False},
    ),
    broken(
        "missing_extra",
        "password.importers",
        ("bcrypt",),
        facts={"importable": frozenset({"argon2", "mfa"})},
    ),
    broken(
        "missing_extra",
        "password.importers",
        ("django-pbkdf2", "firebase-scrypt"),
        facts={"importable": ONLY_ARGON2},
    ),
    broken("legacy_verifier_async", "password.legacy_verifiers", (AsyncVerify(),)),
    broken("legacy_verifier_async", "password.legacy_verifiers", (AsyncMatches(),)),
    broken("invalid_duration", "jwt.access_ttl", 0),
    broken("invalid_duration", "jwt.access_cookie_max_age", 0),
    broken("invalid_duration", "password_reset.token_ttl", 0),
    broken("invalid_duration", "password_reset.otp_ttl", 0),
    broken("invalid_duration", "email_verification.otp_ttl", 0),
    broken("invalid_duration", "invitations.token_ttl", 0),
    broken("invalid_duration", "email_change.token_ttl", 0),
    broken("kdf_ceiling", "password.scrypt.cost_factor", 1048576),
    broken("kdf_ceiling", "password.scrypt.block_size", 256, also={"password.scrypt.cost_factor": 16384}),
    broken(
        "kdf_ceiling", "password.scrypt.parallelization", 256, also={"password.scrypt.cost_factor": 16384}
    ),
    broken("kdf_ceiling", "password.scrypt.parallelization", 17),
    broken("kdf_ceiling", "password.argon2.memory_kib", 524289),
    broken("kdf_ceiling", "password.argon2.iterations", 65),
    broken("kdf_ceiling", "password.argon2.iterations", 17, also={"password.argon2.memory_kib": 524288}),
    broken("kdf_ceiling", "password.argon2.parallelism", 17),
    broken(
        "identifier_secret_not_pinned", "identifier_secret", also={"jwt.previous_secrets": [OTHER_SECRET]}
    ),
    broken("identifier_secret_too_short", "identifier_secret", "short"),
    broken("identifier_secret_low_entropy", "identifier_secret", REPETITIVE),
    broken(
        "identifier_secret_too_short",
        "previous_identifier_secrets[0]",
        also={"previous_identifier_secrets": ["short"]},
    ),
    broken(
        "previous_secret_repeated",
        "previous_identifier_secrets[0]",
        also={"previous_identifier_secrets": [SECRET]},
    ),
    broken(
        "previous_secret_repeated",
        "previous_identifier_secrets[1]",
        also={"previous_identifier_secrets": [OTHER_SECRET, OTHER_SECRET]},
    ),
    broken("jwt_secret_published", "jwt.secret", PUBLISHED),
    broken(
        "jwt_secret_published",
        "jwt.previous_secrets[0]",
        also={"jwt.previous_secrets": (PUBLISHED,), "identifier_secret": SECRET},
    ),
    broken("jwt_secret_published", "identifier_secret", PUBLISHED),
    broken(
        "jwt_secret_published",
        "previous_identifier_secrets[0]",
        also={"previous_identifier_secrets": [PUBLISHED]},
    ),
    broken("jwt_secret_published", "mfa.encryption_key", PUBLISHED_KEY),
    broken(
        "jwt_secret_published",
        "mfa.previous_encryption_keys[0]",
        also={"mfa.previous_encryption_keys": [PUBLISHED_KEY]},
    ),
    broken("jwt_secret_published", "jwt.secret", "Change-Me-kW7vR2mQx9Zt4LbN8cYp3HsD"),
    broken("tenant_resolver_required", "tenancy.resolver", also={"tenancy.allow_body_tenant": False}),
    broken("volatile_stores_in_production", "stores", facts={"stores_volatile": True}),
    broken("store_file_exposed", "stores", facts={"exposed_store_files": ("/srv/auth.db-wal",)}),
    broken(
        "feed_horizon_too_short",
        "stores",
        also={"jwt.access_ttl": 901},
        facts={"stores_longest_access_ttl": timedelta(minutes=15)},
    ),
    broken("missing_mfa_store", "mfa", also={"mfa": MFA}, facts={"has_mfa_store": False}),
    broken("missing_password_reset_store", "stores.proofs", facts={"has_proof_store": False}),
    broken(
        "missing_password_reset_store",
        "stores.proofs",
        also={"controllers.password_reset": False, "controllers.email_change": True},
        facts={"has_proof_store": False},
    ),
    broken("platform_toggle_without_config", "controllers.platform", True),
    broken("invitations_toggle_without_config", "controllers.invitations", True),
    broken("oauth_provider_invalid", "oauth_providers", facts={"oauth_provider_names": ("Acme",)}),
    broken("oauth_provider_invalid", "oauth_providers", facts={"oauth_provider_names": ("acme", "acme")}),
    broken("oauth_provider_invalid", "oauth_providers", facts={"oauth_provider_names": ("identities",)}),
    broken("cookie_name_invalid", "cookies.access_token_name", "access token"),
    broken("cookie_name_invalid", "cookies.access_token_name", ""),
    broken("cookie_name_invalid", "cookies.refresh_token_name", "access_token"),
    broken("cookie_name_invalid", "cookies.session_signal_name", "oauth_state"),
    broken("cookie_name_invalid", "cookies.session_signal_name", "__Host-oauth_state"),
    broken(
        "cookie_prefix_violation",
        "cookies.access_token_name",
        "__Host-access",
        also={"secure_cookies": False},
    ),
    broken(
        "cookie_prefix_violation",
        "cookies.access_token_name",
        "__Host-access",
        also={"cookies.resolve_domains": lambda _host: ["example.com"]},
    ),
    broken("cookie_prefix_violation", "cookies.refresh_token_name", "__Host-refresh"),
    broken(
        "cookie_prefix_violation",
        "cookies.session_signal_name",
        "__Secure-session",
        also={"secure_cookies": False},
    ),
    broken("cookie_path_invalid", "cookies.refresh_cookie_path", "auth"),
    broken("cookie_path_invalid", "cookies.mfa_temp_cookie_path", "/auth; Domain=evil.example"),
    broken(
        "mfa_temp_path_mismatch",
        "cookies.mfa_temp_cookie_path",
        "/auth/mfa",
        also={"mfa": MFA, "route_prefix": "api", "controllers.mfa": True, "controllers.oauth": True},
        facts={"oauth_provider_names": ("acme",)},
    ),
    *(
        broken(
            "trusted_origin_malformed",
            "cookies.trusted_origins[0]",
            also={"cookies.trusted_origins": [origin]},
        )
        for origin in (
            "https://*",
            "https://*.com",
            "https://*.*.example.com",
            "https://a.*.example.com",
            "https://a*.example.com",
            "https://*example.com",
            "https://*.0.0.1",
            "https://*..com",
            "https://*.example.com:*",
            "*.example.com",
            "*://a.example.com",
        )
    ),
    broken(
        "trusted_origin_malformed",
        "cookies.trusted_origins[0]",
        also={"cookies.trusted_origins": ["https://a.example:https"]},
    ),
    broken(
        "trusted_origin_malformed",
        "cookies.trusted_origins[0]",
        also={"cookies.trusted_origins": ["https://a.example:65536"]},
    ),
    broken(
        "trusted_origin_malformed",
        "cookies.trusted_origins[0]",
        also={"cookies.trusted_origins": ["HTTPS://a.example:443"]},
    ),
    broken(
        "trusted_origin_malformed",
        "cookies.trusted_origins[0]",
        also={"cookies.trusted_origins": ["http://[::1]:80"]},
    ),
    broken("route_prefix_invalid", "route_prefix", "/"),
    broken("route_prefix_invalid", "route_prefix", "api//auth"),
    broken("route_prefix_invalid", "route_prefix", "api/../auth"),
    broken("route_prefix_invalid", "route_prefix", "{tenant}/auth"),
    broken(
        "email_provider_incomplete",
        "email",
        also={"password_reset.method": "otp"},
        facts={"email_missing_methods": ("send_password_reset_otp",)},
    ),
    broken(
        "missing_email_provider",
        "email",
        also={"controllers.email_change": True},
        facts={"email_is_noop": True},
    ),
    broken("oauth_provider_invalid", "oauth.google.scope", ["open id"], also={"oauth.google": GOOGLE}),
]
