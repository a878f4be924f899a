"""The address to which the browser is sent.  Source: RFC 6749 §4.1.1, RFC 7636 §4.3."""

from collections.abc import Iterable

from bymax_auth.providers.oauth.addresses import with_query
from bymax_auth.providers.oauth.registration import ClientRegistration
from bymax_auth.types.oauth import AuthorizationRequest

__all__ = ["authorization_address"]


def authorization_address(
    endpoint: str,
    client: ClientRegistration,
    request: AuthorizationRequest,
    *,
    with_pkce: bool = True,
    with_nonce: bool = False,
    more: Iterable[tuple[str, str]] = (),
) -> str:
    """Return the address with every parameter, in the order of the specifications."""
    fields = [
        ("response_type", "code"),
        ("client_id", client.client_id),
        ("redirect_uri", client.redirect_uri),
        ("scope", " ".join(client.scope)),
        ("state", request.state),
    ]
    if with_pkce:
        fields += [("code_challenge", request.code_challenge), ("code_challenge_method", "S256")]
    if with_nonce:
        fields.append(("nonce", request.nonce))
    return with_query(endpoint, [*fields, *more])
