"""What an OpenID provider publishes about itself.  Source: OpenID Connect Discovery §3, RFC 9207 §3."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from bymax_auth.config.urls import is_acceptable_address
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.members import flag, malformed, required_text
from bymax_auth.providers.oauth.token_endpoint import ClientAuthentication

__all__ = ["ProviderMetadata", "discovery_address", "read_metadata"]

_DEFAULT_AUTHENTICATION: Final = ["client_secret_basic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMetadata:
    """The addresses of a provider, and how it is spoken to."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    authentication: ClientAuthentication = ClientAuthentication.BASIC
    names_itself: bool = False
    """Whether every callback has ``iss``."""


def discovery_address(issuer: str) -> str:
    """Return where the metadata of `issuer` is.  Source: OpenID Connect Discovery §4.1."""
    return f"{issuer.removesuffix('/')}/.well-known/openid-configuration"


def read_metadata(document: Mapping[str, object], issuer: str, *, loopback: bool) -> ProviderMetadata:
    """
    Return the metadata in a document.

    Args:
        document: What the provider publishes.
        issuer: The one that was asked, to which the document's must be equal byte for byte.
        loopback: Whether the addresses may be http on this machine.

    Raises:
        OAuthProviderError: The document is of another issuer, an address is missing or not secure, or the
            provider accepts no client secret.
    """
    if document.get("issuer") != issuer:
        raise OAuthProviderError(ProviderFailure.ISSUER, "the metadata is of another issuer")
    return ProviderMetadata(
        authorization_endpoint=_address(document, "authorization_endpoint", loopback=loopback),
        token_endpoint=_address(document, "token_endpoint", loopback=loopback),
        jwks_uri=_address(document, "jwks_uri", loopback=loopback),
        userinfo_endpoint=_address(document, "userinfo_endpoint", loopback=loopback)
        if "userinfo_endpoint" in document
        else None,
        authentication=_authentication(document),
        names_itself=flag(document, "authorization_response_iss_parameter_supported"),
    )


def _address(document: Mapping[str, object], name: str, *, loopback: bool) -> str:
    address = required_text(document, name)
    if not is_acceptable_address(address, loopback=loopback):
        malformed(f"{name} is not secure")
    return address


def _authentication(document: Mapping[str, object]) -> ClientAuthentication:
    listed = document.get("token_endpoint_auth_methods_supported", _DEFAULT_AUTHENTICATION)
    methods = cast(list[object], listed) if isinstance(listed, list) else []
    chosen = next((method for method in ClientAuthentication if method.value in methods), None)
    if chosen is None:
        malformed("the token endpoint accepts no client secret")
    return chosen
