"""What a provider of identities, such as Google, says about a person."""

from dataclasses import dataclass, field

__all__ = ["AuthorizationRequest", "CallbackParameters", "OAuthProfile", "OAuthTokens"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """What a sign-in sends to the provider with the browser."""

    state: str = field(repr=False)
    """64 hexadecimal digits, used once, bound to the browser by a cookie."""

    code_challenge: str = field(repr=False)
    """Of the verifier that `OAuthProvider.exchange_code` gets, by S256.  Source: RFC 7636 §4.2."""

    nonce: str = field(repr=False)
    """What an ``id_token`` must carry.  Source: OpenID Connect Core §3.1.2.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackParameters:
    """What the provider sent back with the browser."""

    code: str = field(repr=False)
    issuer: str | None = None
    """``iss``.  Source: RFC 9207 §2."""

    user: str | None = field(default=None, repr=False)
    """What Apple posts with a person's first sign-in: JSON with the name, which nobody has signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthTokens:
    """The answer of a provider's token endpoint.  Source: RFC 6749 §5.1."""

    access_token: str = field(repr=False)
    token_type: str
    expires_in: int | None = None
    scope: str | None = None
    id_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthProfile:
    """
    A person, as the provider knows them.

    `provider_id` identifies the person for ever; an address or a username may pass to somebody else.
    `email_verified` is what the provider asserts; absent is ``False``.
    """

    provider: str
    provider_id: str
    email: str
    email_verified: bool
    name: str | None = None
    avatar: str | None = None
