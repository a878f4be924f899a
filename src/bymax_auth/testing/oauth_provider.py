"""
A provider of identities in memory, which checks what a real one checks.

    provider = InMemoryOAuthProvider()
    auth = build_engine(config, hooks=..., oauth_providers=[provider])
    redirect = await auth.engine.oauth_initiate("memory", TEST_TENANT, RequestContext())
    returned = provider.sign_in(redirect.authorize_url, email="ada@example.com")
    result = await auth.engine.oauth_callback(
        "memory", **returned, state_cookie=redirect.state, context=RequestContext()
    )
"""

import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.crypto.pkce import challenge_of
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens

__all__ = ["InMemoryOAuthProvider"]


@dataclass(frozen=True, slots=True)
class _Consent:
    """What a person has agreed to, until its code is exchanged."""

    challenge: str = field(repr=False)
    nonce: str = field(repr=False)
    profile: OAuthProfile


class InMemoryOAuthProvider:
    """Implements `OAuthProvider`; `uses_form_post` is whether it claims to post its answer."""

    def __init__(self, name: str = "memory", *, uses_form_post: bool = False) -> None:
        self.name = name
        self.uses_form_post = uses_form_post
        self.issuer = f"https://{name}.example"
        self.callbacks: list[CallbackParameters] = []
        """What was exchanged, in order."""
        self._codes: dict[str, _Consent] = {}
        self._tokens: dict[str, _Consent] = {}

    def sign_in(
        self, authorize_url: str, *, email: str, provider_id: str = "1234", verified: bool = True
    ) -> dict[str, str]:
        """
        Return the parameters with which the browser of a person returns: ``code`` and ``state``.

        Args:
            authorize_url: Where the browser was sent.
            email: The person's address.
            provider_id: The person's identifier.
            verified: Whether the provider asserts the address as verified.
        """
        query = {name: values[0] for name, values in parse_qs(urlsplit(authorize_url).query).items()}
        profile = OAuthProfile(
            provider=self.name, provider_id=provider_id, email=email, email_verified=verified, name=None
        )
        code = secrets.token_urlsafe(16)
        self._codes[code] = _Consent(query["code_challenge"], query["nonce"], profile)
        return {"code": code, "state": query["state"]}

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        """Return the address of a page that does not exist."""
        query = {
            "response_type": "code",
            "state": request.state,
            "code_challenge": request.code_challenge,
            "code_challenge_method": "S256",
            "nonce": request.nonce,
        }
        return f"{self.issuer}/authorize?{urlencode(query)}"

    async def exchange_code(self, callback: CallbackParameters, code_verifier: str) -> OAuthTokens:
        """
        Return a token for the code, once, if the verifier fits the challenge.

        Raises:
            OAuthProviderError: The code is unknown or used, the verifier is another, or the issuer is.
        """
        self.callbacks.append(callback)
        if callback.issuer not in {None, self.issuer}:
            raise OAuthProviderError(ProviderFailure.ISSUER, "another issuer")
        consent = self._codes.pop(callback.code, None)
        if consent is None or not ct_eq_text(challenge_of(code_verifier), consent.challenge):
            raise OAuthProviderError(ProviderFailure.HTTP, "invalid_grant", status=400)
        token = secrets.token_urlsafe(16)
        self._tokens[token] = consent
        return OAuthTokens(access_token=token, token_type="Bearer")

    async def fetch_profile(self, tokens: OAuthTokens, *, nonce: str) -> OAuthProfile:
        """
        Return the person of a token.

        Raises:
            OAuthProviderError: The token is unknown, or the nonce is of another sign-in.
        """
        consent = self._tokens.get(tokens.access_token)
        if consent is None or not ct_eq_text(nonce, consent.nonce):
            raise OAuthProviderError(ProviderFailure.ID_TOKEN, "another sign-in")
        return consent.profile
