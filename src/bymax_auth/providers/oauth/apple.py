"""Sign in with Apple: a secret that is signed for each exchange, and a form that brings the browser back."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, cast

from bymax_auth.crypto.jws import SignatureAlgorithm, SigningKey
from bymax_auth.jwt import base64url
from bymax_auth.jwt.strict_json import read_object
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.http import HttpClient
from bymax_auth.providers.oauth.answers import ProviderApi
from bymax_auth.providers.oauth.issuer import check_issuer
from bymax_auth.providers.oauth.members import identifier, optional_text, required_text
from bymax_auth.providers.oauth.metadata import ProviderMetadata
from bymax_auth.providers.oauth.openid import OpenIdProtocol, OpenIdRules
from bymax_auth.providers.oauth.registration import ClientRegistration, register
from bymax_auth.providers.oauth.token_endpoint import ClientAuthentication
from bymax_auth.services.system import SystemClock
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile, OAuthTokens
from bymax_auth.types.secret import Secret

__all__ = ["AppleProvider"]

_ISSUER: Final = "https://appleid.apple.com"
# Written down, because the published metadata has named another issuer than the tokens have.
_METADATA: Final = ProviderMetadata(
    authorization_endpoint=f"{_ISSUER}/auth/authorize",
    token_endpoint=f"{_ISSUER}/auth/token",
    jwks_uri=f"{_ISSUER}/auth/keys",
    authentication=ClientAuthentication.POST,
)
_SECRET_LIFETIME: Final = timedelta(minutes=5)
_MAX_NAME: Final = 255
_TRUE: Final = frozenset({True, "true"})
"""Source: Apple, "Authenticating users with Sign in with Apple": a string or a Boolean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _AppleTokens(OAuthTokens):
    """The tokens, and the name that came with the browser."""

    name: str | None = field(default=None, repr=False)


class AppleProvider:
    """
    Implements `OAuthProvider` with Apple.

    Apple tells the name only with a person's first sign-in, unsigned and by way of the browser: it is for
    display and proves nothing.  The address may be a relay of Apple's own.

    Args:
        client_id: The identifier of the Services ID.
        team_id: The ten characters of the team.
        key_id: The ten characters of the key.
        private_key: The text of the key's file, ``AuthKey_….p8``.
        redirect_uri: The callback route, as registered.
        scope: What is asked for at the first sign-in.
        http_client: ``None`` for `HttpxHttpClient` (extra ``oauth``).
        clock: ``None`` for the system's.

    Raises:
        ValueError: The key is no private key on P-256, or a part of the registration is not usable.
        ModuleNotFoundError: There is no `http_client`, and httpx2 is not installed.
    """

    def __init__(  # noqa: PLR0913 - a provider is described in one call
        self,
        *,
        client_id: str,
        team_id: str,
        key_id: str,
        private_key: Secret | str,
        redirect_uri: str,
        scope: Iterable[str] = ("name", "email"),
        http_client: HttpClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name: Final = "apple"
        self.uses_form_post: Final = True
        if not team_id.strip() or not key_id.strip():
            raise ValueError("The team or the key of apple is blank.")
        self._client: Final = register(
            self.name,
            client_id=client_id,
            client_secret="signed for each exchange",
            redirect_uri=redirect_uri,
            scope=scope,
        )
        self._team_id: Final = team_id
        self._key_id: Final = key_id
        pem = private_key.reveal() if isinstance(private_key, Secret) else private_key
        self._key: Final = SigningKey(pem)
        self._clock: Final = clock or SystemClock()
        rules = OpenIdRules(form_post=True)
        api = ProviderApi(http_client)
        self._protocol: Final = OpenIdProtocol(self._client, _written_down, api, self._clock, rules)

    async def authorize_url(self, request: AuthorizationRequest) -> str:
        return await self._protocol.authorize_url(request)

    async def exchange_code(self, callback: CallbackParameters, code_verifier: str) -> OAuthTokens:
        check_issuer(callback, _ISSUER)
        tokens = await self._protocol.redeem(callback.code, code_verifier, self._with_secret())
        return _AppleTokens(
            access_token=tokens.access_token,
            token_type=tokens.token_type,
            expires_in=tokens.expires_in,
            scope=tokens.scope,
            id_token=tokens.id_token,
            refresh_token=tokens.refresh_token,
            name=_name(callback.user),
        )

    async def fetch_profile(self, tokens: OAuthTokens, *, nonce: str) -> OAuthProfile:
        token = await self._protocol.verify(tokens, nonce, lambda _claims: _ISSUER)
        return OAuthProfile(
            provider=self.name,
            provider_id=identifier(required_text(token.claims, "sub")),
            email=required_text(token.claims, "email"),
            email_verified=_is_true(token.claims.get("email_verified")),
            name=tokens.name if isinstance(tokens, _AppleTokens) else None,
        )

    def _with_secret(self) -> ClientRegistration:
        """Return the registration with a new secret.  Source: Apple, "Creating a client secret"."""
        now = self._clock.unix_seconds()
        header = {"alg": SignatureAlgorithm.ES256.value, "kid": self._key_id}
        claims = {
            "iss": self._team_id,
            "iat": now,
            "exp": now + int(_SECRET_LIFETIME.total_seconds()),
            "aud": _ISSUER,
            "sub": self._client.client_id,
        }
        signed = f"{_segment(header)}.{_segment(claims)}"
        signature = base64url.encode(self._key.sign(signed.encode("ascii")))
        return replace(self._client, client_secret=Secret(f"{signed}.{signature}"))


async def _written_down() -> ProviderMetadata:
    return _METADATA


def _segment(members: Mapping[str, object]) -> str:
    return base64url.encode(json.dumps(members, separators=(",", ":")).encode())


def _is_true(value: object) -> bool:
    return isinstance(value, bool | str) and value in _TRUE


def _name(user: str | None) -> str | None:
    """Return the name in what the browser brought; ``None`` for anything that is not as Apple writes it."""
    try:
        name = read_object(user or "").get("name")
    except ValueError:
        return None
    if not isinstance(name, dict):
        return None
    members = cast(dict[str, object], name)
    parts = (optional_text(members, "firstName"), optional_text(members, "lastName"))
    full = " ".join(part.strip() for part in parts if part is not None)
    return full if full and len(full) <= _MAX_NAME and full.isprintable() else None
