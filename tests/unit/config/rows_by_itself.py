"""What a configuration may get wrong by itself, in the order of the rules."""

from datetime import timedelta

from tests.unit.config.samples import (
    GOOGLE,
    OTHER_SECRET,
    PADDED_MFA_KEY,
    REPETITIVE,
    SECRET,
    Row,
    broken,
)

__all__ = ["CONFIGURATION"]

ONLY_ARGON2 = frozenset({"argon2"})

CONFIGURATION: list[Row] = [
    broken("jwt_secret_too_short", "jwt.secret", SECRET[:31]),
    broken("jwt_secret_low_entropy", "jwt.secret", REPETITIVE),
    broken("jwt_secret_too_long", "jwt.secret", SECRET * 129),
    broken(
        "jwt_secret_too_long",
        "jwt.previous_secrets[0]",
        also={"jwt.previous_secrets": ("ä" + SECRET * 128,), "identifier_secret": SECRET},
    ),
    broken(
        "jwt_secret_too_short",
        "jwt.previous_secrets[1]",
        also={"jwt.previous_secrets": (OTHER_SECRET, "short"), "identifier_secret": SECRET},
    ),
    broken(
        "jwt_secret_low_entropy",
        "jwt.previous_secrets[0]",
        also={"jwt.previous_secrets": (REPETITIVE,), "identifier_secret": SECRET},
    ),
    broken(
        "previous_secret_repeated",
        "jwt.previous_secrets[0]",
        also={"jwt.previous_secrets": (SECRET,), "identifier_secret": SECRET},
    ),
    broken(
        "previous_secret_repeated",
        "jwt.previous_secrets[1]",
        also={"jwt.previous_secrets": (OTHER_SECRET, OTHER_SECRET), "identifier_secret": SECRET},
    ),
    broken("refresh_lifetime_invalid", "jwt.refresh_expires_in_days", 0),
    broken(
        "refresh_grace_too_large", "jwt.refresh_grace_window", 86400, also={"jwt.refresh_expires_in_days": 1}
    ),
    broken("refresh_grace_ceiling", "jwt.refresh_grace_window", 301),
    broken("brute_force_window_invalid", "brute_force.window", 0),
    broken("brute_force_attempts_range", "brute_force.max_attempts", 0),
    broken("brute_force_attempts_range", "brute_force.max_attempts", 101),
    broken("access_lifetime_exceeds_epoch_retention", "jwt.access_ttl", timedelta(days=30, seconds=1)),
    broken(
        "mfa_key_invalid_base64",
        "mfa.previous_encryption_keys[0]",
        also={"mfa.previous_encryption_keys": ["!!"]},
    ),
    broken(
        "mfa_key_length", "mfa.previous_encryption_keys[0]", also={"mfa.previous_encryption_keys": ["AAAA"]}
    ),
    broken(
        "previous_secret_repeated",
        "mfa.previous_encryption_keys[0]",
        also={"mfa.previous_encryption_keys": [PADDED_MFA_KEY]},
    ),
    broken("empty_role_hierarchy", "roles.hierarchy", {}),
    broken("unknown_role_reference", "roles.hierarchy", {"ADMIN": ["MEMBRE"]}),
    broken(
        "unknown_role_reference",
        "roles.platform_hierarchy",
        {"ROOT": ["MEMBER"]},
        also={"roles.hierarchy": {"MEMBER": []}},
    ),
    broken("missing_platform_hierarchy", "roles.platform_hierarchy", also={"platform.enabled": True}),
    broken("scrypt_cost_factor", "password.scrypt.cost_factor", 8192),
    broken("scrypt_cost_factor", "password.scrypt.cost_factor", 16385),
    broken("scrypt_block_size", "password.scrypt.block_size", 7),
    broken("scrypt_parallelization", "password.scrypt.parallelization", 0),
    broken("argon2_memory", "password.argon2.memory_kib", 19455),
    broken("argon2_iterations", "password.argon2.iterations", 1),
    broken("argon2_parallelism", "password.argon2.parallelism", 0),
    broken("hasher_not_enabled", "password.active_algorithm", "argon2id", facts={"importable": frozenset()}),
    broken("mfa_key_invalid_base64", "mfa.encryption_key", "not base64!"),
    broken("mfa_key_length", "mfa.encryption_key", "AAAA"),
    broken("mfa_issuer_missing", "mfa.issuer", " \t"),
    broken("mfa_toggle_without_config", "controllers.mfa", True),
    broken("totp_window_range", "mfa.totp_window", 3),
    broken("totp_window_range", "mfa.totp_window", -1),
    broken("recovery_code_count_range", "mfa.recovery_code_count", 0),
    broken("recovery_code_count_range", "mfa.recovery_code_count", 51),
    broken("otp_length_range", "password_reset.otp_length", 3),
    broken("otp_length_range", "password_reset.otp_length", 9),
    broken("oauth_field_missing", "oauth.google.client_id", " "),
    broken("oauth_field_missing", "oauth.google.client_secret", ""),
    broken("oauth_field_missing", "oauth.google.callback_url", ""),
    broken(
        "oauth_callback_insecure",
        "oauth.google.callback_url",
        "http://app.example.com/cb",
    ),
    broken("oauth_callback_insecure", "oauth.google.callback_url", "https:///cb"),
    broken(
        "oauth_redirect_needs_cookie", "oauth.success_redirect_url", "/", also={"token_delivery": "bearer"}
    ),
    broken("oauth_redirect_insecure", "oauth.success_redirect_url", "//evil.example"),
    broken("oauth_redirect_insecure", "oauth.mfa_redirect_url", "http://app.example.com"),
    broken("oauth_redirect_insecure", "oauth.link_redirect_url", "http://app.example.com"),
    broken("oauth_redirect_insecure", "oauth.error_redirect_url", "welcome"),
    broken("oauth_redirect_insecure", "oauth.success_redirect_url", "/welcome\r\nset-cookie: a=b"),
    broken("oauth_redirect_insecure", "oauth.mfa_redirect_url", "https://app.example.com/\u00fc"),
    broken("oauth_redirect_insecure", "oauth.error_redirect_url", f"/{'a' * 4096}"),
    broken(
        "oauth_redirect_not_allowlisted",
        "oauth.mfa_redirect_url",
        "https://evil.example\\@app.example.com",
        also={"oauth.redirect_allowlist": ["app.example.com"]},
    ),
    broken(
        "oauth_redirect_not_allowlisted",
        "oauth.google.callback_url",
        also={"oauth.google": GOOGLE, "oauth.redirect_allowlist": ["other.example"]},
    ),
    broken(
        "same_site_none_requires_secure",
        "cookies.same_site",
        "none",
        also={"secure_cookies": False, "cookies.trusted_origins": ["https://a.example"]},
    ),
    broken("trusted_origins_required", "cookies.trusted_origins", also={"cookies.same_site": "none"}),
    broken(
        "trusted_origin_malformed",
        "cookies.trusted_origins[1]",
        also={"cookies.trusted_origins": ["https://a.example", "https://a.example/"]},
    ),
    broken(
        "refresh_path_mismatch", "cookies.refresh_cookie_path", "/auth", also={"route_prefix": "api/auth"}
    ),
]
