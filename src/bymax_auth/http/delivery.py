"""
How the tokens of a session are delivered to the client.

    cookie   three cookies       {"user": …}
    bearer   no cookie           {"user": …, "accessToken": …, "refreshToken": …}
    both     three cookies       as bearer

In cookie mode no response body contains a token, because a script could read it there.  In mode `both` a
client chooses one of the others with the header ``X-Auth-Delivery``; with
`cookies.hide_tokens_from_browsers` a browser page that does not choose gets cookies.
"""

from typing import Final

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.http.asgi import Header, Response, empty_response, json_response
from bymax_auth.http.client_ip import PeerAddress, TrustedForwardedFor
from bymax_auth.http.cookies import CookieDomains, MfaTempCookie, OAuthStateCookie, SessionCookies
from bymax_auth.http.public_path import routes_path
from bymax_auth.http.request import RequestView
from bymax_auth.types.account import SafeAccount
from bymax_auth.types.results import MfaChallengeResult
from bymax_auth.types.wire import WireModel

__all__ = ["DELIVERY_HEADER", "Delivery", "challenge_response", "json_of"]

DELIVERY_HEADER: Final = "X-Auth-Delivery"
"""With it, a client chooses ``cookie`` or ``bearer`` where both are configured."""

_CHOICE: Final = DELIVERY_HEADER.lower().encode()
_BROWSER: Final = b"sec-fetch-mode"
"""Browsers send it with every request, and scripts cannot remove it.  Source: Fetch Metadata §2."""

_NO_CONTENT: Final = 204


def json_of(model: WireModel) -> bytes:
    """Return a wire model as JSON: camelCase, compact, non-ASCII characters unescaped."""
    return model.__pydantic_serializer__.to_json(model, by_alias=True)


def challenge_response(challenge: MfaChallengeResult) -> Response:
    """Return the response to a sign-in that must pass a second factor: the same in every delivery mode."""
    return json_response(200, json_of(challenge))


class Delivery:
    """Builds the responses that deliver a session, and the one that clears it."""

    __slots__ = (
        "_cookies",
        "_delivery",
        "_domains",
        "_hides_from_browsers",
        "_mfa_temp",
        "_oauth_state",
        "_source",
    )

    def __init__(self, config: ResolvedConfig, source: PeerAddress | TrustedForwardedFor) -> None:
        self._source = source
        self._delivery = config.auth.token_delivery
        self._hides_from_browsers = config.auth.cookies.hide_tokens_from_browsers
        self._cookies = SessionCookies(config)
        self._mfa_temp = MfaTempCookie(config)
        self._oauth_state = OAuthStateCookie(config)
        self._domains = CookieDomains(config.auth.cookies.resolve_domains)

    def session(
        self, view: RequestView, status: int, user: SafeAccount, access_token: str, refresh_token: str
    ) -> Response:
        """Return the response that delivers a dashboard session to the client."""
        delivery = self._delivery_of(view)
        cookies: tuple[Header, ...] = ()
        if delivery is not TokenDelivery.BEARER:
            cookies = self._session_cookies(view, access_token, refresh_token)
        if delivery is TokenDelivery.COOKIE:
            return json_response(status, b'{"user":%b}' % json_of(user), cookies)
        # Tokens consist of base64url, dots and hexadecimal: no character needs escaping.
        body = b'{"user":%b,"accessToken":"%b","refreshToken":"%b"}' % (
            json_of(user),
            access_token.encode(),
            refresh_token.encode(),
        )
        return json_response(status, body, cookies)

    def with_session(
        self, view: RequestView, response: Response, access_token: str, refresh_token: str
    ) -> Response:
        """Return a response without a body, which can deliver a session in its cookies alone."""
        cookies = self._session_cookies(view, access_token, refresh_token)
        return response._replace(headers=(*response.headers, *cookies))

    def with_challenge(self, view: RequestView, response: Response, mfa_temp_token: str) -> Response:
        """Return the response, which also hands a temporary token over in its cookie."""
        cookie = self._mfa_temp.set(mfa_temp_token, routes_path(view, self._source))
        return response._replace(headers=(*response.headers, cookie))

    def with_oauth_state(self, response: Response, state: str) -> Response:
        """Return the response, which also binds the browser to the state of a sign-in."""
        return response._replace(headers=(*response.headers, self._oauth_state.set(state)))

    def without_oauth_state(self, response: Response) -> Response:
        """Return the response, which also clears the cookie of a state."""
        return response._replace(headers=(*response.headers, self._oauth_state.clear()))

    def oauth_state(self, view: RequestView) -> str | None:
        """Return the state that the browser is bound to."""
        return self._oauth_state.read(view)

    def signed_out(self, view: RequestView) -> Response:
        """Return the empty response that clears a session's cookies."""
        domain, below = self._domains.of(view), routes_path(view, self._source)
        if self._delivery_of(view) is TokenDelivery.BEARER:
            return empty_response(_NO_CONTENT, self._cookies.clear_carried(view, domain, below))
        return empty_response(_NO_CONTENT, self._cookies.clear(domain, below))

    def without_challenge(self, view: RequestView, response: Response) -> Response:
        """Return the response, which also clears the cookie of a temporary token if the request sent one."""
        cleared = self._mfa_temp.clear_carried(view, routes_path(view, self._source))
        return response._replace(headers=(*response.headers, *cleared))

    def _session_cookies(
        self, view: RequestView, access_token: str, refresh_token: str
    ) -> tuple[Header, ...]:
        below = routes_path(view, self._source)
        return self._cookies.set(access_token, refresh_token, self._domains.of(view), below)

    def _delivery_of(self, view: RequestView) -> TokenDelivery:
        """Return how this client gets its tokens."""
        if self._delivery is not TokenDelivery.BOTH:
            return self._delivery
        match (view.header(_CHOICE) or "").strip(" \t").lower():
            case TokenDelivery.COOKIE:
                return TokenDelivery.COOKIE
            case TokenDelivery.BEARER:
                return TokenDelivery.BEARER
            case _:
                is_page = self._hides_from_browsers and bool(view.lines(_BROWSER))
                return TokenDelivery.COOKIE if is_page else TokenDelivery.BOTH
