"""
The steps of OpenID Connect that every provider with an ``id_token`` shares.

What differs between providers is data (`OpenIdRules`, the metadata) or belongs to the provider's own class:
which issuer a token must have, and what its claims mean.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bymax_auth.crypto.jws import PublicKey, SignatureAlgorithm
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.answers import ProviderApi, bearer
from bymax_auth.providers.oauth.authorization import authorization_address
from bymax_auth.providers.oauth.cached_document import CachedDocument
from bymax_auth.providers.oauth.id_token import (
    TokenExpectation,
    check_access_token,
    check_claims,
    read_id_token,
)
from bymax_auth.providers.oauth.key_set import ProviderKeys, find_key, read_key_set
from bymax_auth.providers.oauth.metadata import ProviderMetadata
from bymax_auth.providers.oauth.registration import ClientRegistration
from bymax_auth.providers.oauth.token_endpoint import ClientAuthentication, redeem_code
from bymax_auth.types.oauth import AuthorizationRequest, OAuthTokens

__all__ = ["DEFAULT_ALGORITHMS", "OpenIdProtocol", "OpenIdRules", "VerifiedIdToken"]

DEFAULT_ALGORITHMS: Final = frozenset(
    {SignatureAlgorithm.RS256, SignatureAlgorithm.PS256, SignatureAlgorithm.ES256, SignatureAlgorithm.EDDSA}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdRules:
    """What is special about a provider; the defaults are those of the specifications."""

    algorithms: frozenset[SignatureAlgorithm] = DEFAULT_ALGORITHMS
    """The signatures that are accepted, whatever a token says."""

    parameters: tuple[tuple[str, str], ...] = ()
    """Further parameters of the address to which the browser is sent."""

    form_post: bool = False
    """Whether the provider sends the browser back with a form.  Source: Form Post Response Mode."""

    supports_pkce: bool = True
    """False for a provider that refuses a ``code_verifier``."""

    supports_nonce: bool = True
    """False for a provider whose tokens carry no ``nonce``; one that does must be the right one."""

    authentication: ClientAuthentication | None = None
    """How the client secret is sent; ``None`` for what the metadata says."""

    name_claim: str = "name"
    """The claim with the person's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedIdToken:
    """A token that is the provider's, and about this sign-in."""

    claims: Mapping[str, object] = field(repr=False)
    key: PublicKey


class OpenIdProtocol:
    """One provider, spoken to with OpenID Connect."""

    def __init__(
        self,
        client: ClientRegistration,
        metadata: Callable[[], Awaitable[ProviderMetadata]],
        api: ProviderApi,
        clock: Clock,
        rules: OpenIdRules,
    ) -> None:
        self._client: Final = client
        self._metadata: Final = metadata
        self._api: Final = api
        self._clock: Final = clock
        self._rules: Final = rules
        self._keys: Final[ProviderKeys] = CachedDocument(self._fetch_keys, clock)

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        """
        Return the address to which the browser is sent.

        Raises:
            OAuthProviderError: The metadata cannot be read.
        """
        metadata = await self._metadata()
        more = (("response_mode", "form_post"),) if self._rules.form_post else ()
        return authorization_address(
            metadata.authorization_endpoint,
            self._client,
            request,
            with_pkce=self._rules.supports_pkce,
            with_nonce=True,
            more=(*more, *self._rules.parameters),
        )

    async def redeem(
        self, code: str, code_verifier: str, client: ClientRegistration | None = None
    ) -> OAuthTokens:
        """
        Return the tokens for a code, as `client` if it is given.

        Raises:
            OAuthProviderError: The provider refused or did not answer.
        """
        metadata = await self._metadata()
        return await redeem_code(
            self._api,
            metadata.token_endpoint,
            client or self._client,
            code,
            code_verifier if self._rules.supports_pkce else None,
            authentication=self._rules.authentication or metadata.authentication,
        )

    async def verify(
        self, tokens: OAuthTokens, nonce: str, issuer: Callable[[Mapping[str, object]], str]
    ) -> VerifiedIdToken:
        """
        Return the ``id_token``, once everything about it is proven.

        Args:
            tokens: The answer of the token endpoint.
            nonce: The one of this sign-in.
            issuer: Returns the issuer that a token with these claims must have.

        Raises:
            OAuthProviderError: The token is not valid for this sign-in, or the keys cannot be read.
        """
        received = read_id_token(tokens.id_token)
        if received.algorithm not in self._rules.algorithms:
            raise OAuthProviderError(ProviderFailure.ID_TOKEN, "id_token: its algorithm is not allowed")
        algorithm = SignatureAlgorithm(received.algorithm)
        key = await find_key(self._keys, received.key_id, algorithm)
        if not key.has_signed(received.signed, received.signature, algorithm):
            raise OAuthProviderError(ProviderFailure.ID_TOKEN, "id_token: not signed by the provider")
        expected = TokenExpectation(
            issuer=issuer(received.claims),
            client_id=self._client.client_id,
            nonce=nonce,
            now=self._clock.now().timestamp(),
            nonce_may_be_absent=not self._rules.supports_nonce,
        )
        check_claims(received.claims, expected)
        check_access_token(received.claims, tokens.access_token, algorithm.hash_name)
        return VerifiedIdToken(claims=received.claims, key=key)

    async def userinfo(self, tokens: OAuthTokens, subject: str) -> Mapping[str, object]:
        """
        Return what the provider says of the person beside the token; nothing where it has no such address.

        Raises:
            OAuthProviderError: The provider did not answer, or it is about somebody else.
        """
        metadata = await self._metadata()
        if metadata.userinfo_endpoint is None:
            return {}
        headers = bearer(tokens.access_token)
        found = await self._api.get_object(metadata.userinfo_endpoint, *headers, what="userinfo")
        # Else somebody's access token could be combined with the token of another.  Source: Core §5.3.2.
        if found.get("sub") != subject:
            raise OAuthProviderError(ProviderFailure.ID_TOKEN, "userinfo: about somebody else")
        return found

    async def _fetch_keys(self) -> tuple[PublicKey, ...]:
        metadata = await self._metadata()
        document = await self._api.get_object(
            metadata.jwks_uri, ("accept", "application/json"), what="key set"
        )
        return read_key_set(document)
