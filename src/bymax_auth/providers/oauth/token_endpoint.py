"""The exchange of a code for tokens.  Source: RFC 6749 §4.1.3, §5.1."""

from binascii import b2a_base64
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, cast
from urllib.parse import quote_plus

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.addresses import encoded
from bymax_auth.providers.oauth.answers import ProviderApi
from bymax_auth.providers.oauth.members import malformed, optional_text, required_text
from bymax_auth.providers.oauth.registration import ClientRegistration
from bymax_auth.types.oauth import OAuthTokens

__all__ = ["ClientAuthentication", "redeem_code"]

_WHAT: Final = "token endpoint"


class ClientAuthentication(StrEnum):
    """How the application proves who it is.  Source: OpenID Connect Core §9."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"


async def redeem_code(
    api: ProviderApi,
    endpoint: str,
    client: ClientRegistration,
    code: str,
    code_verifier: str | None,
    *,
    authentication: ClientAuthentication,
) -> OAuthTokens:
    """
    Return the tokens for a code; without `code_verifier` none is sent.

    Raises:
        OAuthProviderError: The provider refused or did not answer, or the answer is none.
    """
    fields = [("code", code)]
    headers: tuple[tuple[str, str], ...] = ()
    if authentication is ClientAuthentication.POST:
        fields += [("client_id", client.client_id), ("client_secret", client.client_secret.reveal())]
    else:
        headers = (_basic(client),)
    fields += [("redirect_uri", client.redirect_uri), ("grant_type", "authorization_code")]
    if code_verifier is not None:
        fields.append(("code_verifier", code_verifier))
    answer = await api.post_form(endpoint, encoded(fields), *headers, what=_WHAT)
    # GitHub and Slack say so with the status 200.
    if "error" in answer:
        raise OAuthProviderError(ProviderFailure.HTTP, "token endpoint: the code is refused", status=200)
    return _tokens(answer)


def _basic(client: ClientRegistration) -> tuple[str, str]:
    """Both parts are encoded as in a form, before they are joined.  Source: RFC 6749 §2.3.1."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret.reveal())}"
    return "authorization", f"Basic {b2a_base64(pair.encode(), newline=False).decode('ascii')}"


def _tokens(answer: Mapping[str, object]) -> OAuthTokens:
    access_token, token_type = required_text(answer, "access_token"), required_text(answer, "token_type")
    if token_type.encode().lower() != b"bearer":
        raise OAuthProviderError(ProviderFailure.UNEXPECTED_TOKEN_TYPE, "the token is no bearer token")
    # It becomes a header, which must not be broken in two.
    if not (access_token.isascii() and access_token.isprintable()):
        malformed("access_token is not printable")
    expires_in = answer.get("expires_in")
    return OAuthTokens(
        access_token=access_token,
        token_type=token_type,
        expires_in=expires_in if type(expires_in) is int else None,
        scope=_scope(answer.get("scope")),
        id_token=optional_text(answer, "id_token"),
        refresh_token=optional_text(answer, "refresh_token"),
    )


def _scope(value: object) -> str | None:
    """Twitch sends a list."""
    if isinstance(value, list):
        words = [word for word in cast(list[object], value) if isinstance(word, str)]
        return " ".join(words)
    return value if isinstance(value, str) else None
