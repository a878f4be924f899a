"""The issuer of a callback.  Source: RFC 9207 §2.4."""

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.types.oauth import CallbackParameters

__all__ = ["check_issuer"]


def check_issuer(callback: CallbackParameters, issuer: str | None, *, announced: bool = False) -> None:
    """
    Refuse a callback of another provider, which would get the code of this one.

    Args:
        callback: What came back with the browser.
        issuer: The provider's own; ``None`` when it has none, and then no callback may name one.
        announced: Whether the provider has said that its callbacks name it.

    Raises:
        OAuthProviderError: The callback names another issuer, or none although that was announced.
    """
    missing = callback.issuer is None
    if (missing and announced) or (not missing and callback.issuer != issuer):
        raise OAuthProviderError(ProviderFailure.ISSUER, "the callback is not from this provider")
