"""Options for authenticators and credentials: tokens, passwords, second factors."""

from datetime import timedelta

from pydantic import Field

from bymax_auth.config.enums import JwtAlgorithm, PasswordAlgorithm
from bymax_auth.config.field_types import (
    ConfigGroup,
    Duration,
    Flag,
    HashFormats,
    OptionalText,
    SecretText,
    SecretTexts,
    Text,
    Texts,
    WholeNumber,
)
from bymax_auth.config.resolvers import LegacyVerifier
from bymax_auth.types.secret import Secret

__all__ = ["Argon2Config", "JwtConfig", "MfaConfig", "PasswordConfig", "ScryptConfig"]


class JwtConfig(ConfigGroup):
    """Access tokens, refresh tokens and signing keys."""

    secret: SecretText = Field(
        default=Secret(""),
        description="Signing secret of access tokens. Required: at least 32 characters, not repetitive. "
        "`bymax-auth keygen` prints one.",
    )
    previous_secrets: SecretTexts = Field(
        default=(), description="Previous signing secrets, still accepted when a token is verified."
    )
    access_ttl: Duration = Field(
        default=timedelta(minutes=15), description="Lifetime of an access token; at most 30 days."
    )
    access_cookie_max_age: Duration = Field(
        default=timedelta(minutes=15), description="How long a browser keeps the access cookie."
    )
    refresh_expires_in_days: WholeNumber = Field(
        default=7, le=36_500, description="Days until an unused session expires; at least 1."
    )
    absolute_session_lifetime_days: WholeNumber = Field(
        default=30,
        ge=0,
        le=36_500,
        description="Days until a login expires, however often it is refreshed; 0 means never.",
    )
    algorithm: JwtAlgorithm = Field(
        default=JwtAlgorithm.HS256, description="The signature algorithm. There is one."
    )
    issuer: OptionalText = Field(
        default=None, description="When set, the `iss` claim of issued tokens, required in presented ones."
    )
    audience: OptionalText = Field(
        default=None, description="When set, the `aud` claim of issued tokens, required in presented ones."
    )
    refresh_grace_window: Duration = Field(
        default=timedelta(seconds=30),
        description="How long a rotated refresh token leads to the same successor again, for tabs that "
        "refresh concurrently; at most 300 seconds, 0 disables it.",
    )


class ScryptConfig(ConfigGroup):
    """The cost of scrypt."""

    cost_factor: WholeNumber = Field(
        default=131_072, description="N: a power of two, at least 16384. 131072 takes 128 MiB for each hash."
    )
    block_size: WholeNumber = Field(default=8, description="r: at least 8.")
    parallelization: WholeNumber = Field(default=1, description="p: at least 1.")


class Argon2Config(ConfigGroup):
    """The cost of Argon2id."""

    memory_kib: WholeNumber = Field(
        default=19_456, description="Memory for each hash, in KiB; at least 19456."
    )
    iterations: WholeNumber = Field(default=2, description="Passes over the memory; at least 2.")
    parallelism: WholeNumber = Field(default=1, description="Parallel lanes; at least 1.")


class PasswordConfig(ConfigGroup):
    """How passwords are hashed, and which are refused."""

    active_algorithm: PasswordAlgorithm = Field(
        default=PasswordAlgorithm.SCRYPT,
        description="Algorithm of new hashes; hashes of both algorithms are verified. "
        "`argon2id` needs the extra `argon2`.",
    )
    rehash_on_verify: Flag = Field(
        default=True, description="Whether a sign-in replaces a hash that is weaker than configured."
    )
    min_length: WholeNumber = Field(
        default=15,
        description="Minimum characters of a new password, 8 to 128. Existing passwords stay valid.",
    )
    scrypt: ScryptConfig = Field(default_factory=ScryptConfig, description="The cost of scrypt.")
    argon2: Argon2Config = Field(default_factory=Argon2Config, description="The cost of Argon2id.")
    kdf_processes: WholeNumber = Field(
        default=1,
        ge=1,
        description="Server processes that share the 512 MiB for hashing. Taken from `WEB_CONCURRENCY` when "
        "its own variable is not set.",
    )
    kdf_max_waiting: WholeNumber | None = Field(
        default=None,
        ge=0,
        description="Hashes that may be queued before `auth.overloaded`, if their expected wait of about two "
        "seconds is not exceeded before; unset means 64 per thread.",
    )
    importers: HashFormats = Field(
        default=(),
        description="Formats of other systems whose hashes are verified, and replaced at the next sign-in. "
        "Those of bcrypt, Argon2 and Firebase need the extra `importers`.",
    )
    legacy_verifiers: tuple[LegacyVerifier, ...] = Field(
        default=(), description="Verifiers of your own for hashes of an older system."
    )
    blocklist: Texts = Field(
        default=(),
        description="Further words for the common-password check, such as your product's name.",
    )


class MfaConfig(ConfigGroup):
    """TOTP as second factor; setting the group enables the feature."""

    encryption_key: SecretText = Field(
        default=Secret(""),
        description="Encryption key of TOTP secrets. Required: base64 of 32 bytes.",
    )
    previous_encryption_keys: SecretTexts = Field(
        default=(), description="Previous encryption keys, used to decrypt only."
    )
    issuer: Text = Field(default="", description="The name that authenticator apps show. Required.")
    recovery_code_count: WholeNumber = Field(
        default=8, description="Recovery codes issued at enrolment, 1 to 50."
    )
    totp_window: WholeNumber = Field(
        default=1, description="Steps of 30 seconds accepted before and after the current one, 0 to 2."
    )
    bind_secret_to_account: Flag = Field(
        default=False,
        description="Whether an encrypted secret is bound to its account. Other implementations cannot "
        "decrypt such secrets.",
    )
