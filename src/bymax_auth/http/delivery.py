"""
How the tokens of a session are delivered to the client.

    cookie   three cookies       {"user": …}
    bearer   no cookie           {"user": …, "accessToken": …, "refreshToken": …}
    both     three cookies       as bearer

In cookie mode no response body contains a token, because a script could read it there.
"""

from typing import Final

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.http.asgi import Header, Response, empty_response, json_response
from bymax_auth.http.client_ip import PeerAddress, TrustedForwardedFor
from bymax_auth.http.cookies import CookieDomains, SessionCookies
from bymax_auth.http.public_path import routes_path
from bymax_auth.http.request import RequestView
from bymax_auth.types.account import SafeAccount
from bymax_auth.types.wire import WireModel

__all__ = ["Delivery", "json_of"]

_NO_CONTENT: Final = 204


def json_of(model: WireModel) -> bytes:
    """Return a wire model as JSON: camelCase, compact, non-ASCII characters unescaped."""
    return model.__pydantic_serializer__.to_json(model, by_alias=True)


class Delivery:
    """Builds the responses that deliver a session, and the one that clears it."""

    __slots__ = ("_cookies", "_domains", "_in_body", "_in_cookies", "_source")

    def __init__(self, config: ResolvedConfig, source: PeerAddress | TrustedForwardedFor) -> None:
        self._source = source
        delivery = config.auth.token_delivery
        self._in_cookies = delivery is not TokenDelivery.BEARER
        self._in_body = delivery is not TokenDelivery.COOKIE
        self._cookies = SessionCookies(config)
        self._domains = CookieDomains(config.auth.cookies.resolve_domains)

    def session(
        self, view: RequestView, status: int, user: SafeAccount, access_token: str, refresh_token: str
    ) -> Response:
        """Return the response that delivers a dashboard session to the client."""
        cookies: tuple[Header, ...] = ()
        if self._in_cookies:
            below = routes_path(view, self._source)
            cookies = self._cookies.set(access_token, refresh_token, self._domains.of(view), below)
        if not self._in_body:
            return json_response(status, b'{"user":%b}' % json_of(user), cookies)
        # Tokens consist of base64url, dots and hexadecimal: no character needs escaping.
        body = b'{"user":%b,"accessToken":"%b","refreshToken":"%b"}' % (
            json_of(user),
            access_token.encode(),
            refresh_token.encode(),
        )
        return json_response(status, body, cookies)

    def signed_out(self, view: RequestView) -> Response:
        """Return the empty response that clears a session's cookies."""
        domain, below = self._domains.of(view), routes_path(view, self._source)
        if self._in_cookies:
            return empty_response(_NO_CONTENT, self._cookies.clear(domain, below))
        return empty_response(_NO_CONTENT, self._cookies.clear_carried(view, domain, below))
