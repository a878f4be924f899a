"""Every fault that is looked for: what is wrong, why it matters and what to change."""

from typing import Final

from bymax_auth.cli.doctor.report import Fault

__all__ = [
    "API_OPEN",
    "COOKIE_NOT_HTTP_ONLY",
    "COOKIE_NOT_SAME_SITE",
    "COOKIE_NOT_SECURE",
    "HSTS_MISSING",
    "OPEN_REDIRECT",
    "PAGE_CACHEABLE",
    "PAGE_OPEN",
    "PREFETCH_REFRESHES",
    "REFUSAL_CACHEABLE",
    "SET_COOKIE_CACHEABLE",
]

PAGE_OPEN: Final = Fault(
    id="page_open",
    title="A protected page is shown without a session",
    why=(
        "Whoever sends this request reads the page. The answer is neither a refusal nor the login page, the "
        "start page or the page of an unknown path."
    ),
    change=(
        "Check the session where the page's data is read: in the page itself and in the API. A proxy or "
        "middleware only chooses pages; have it refuse what it does not recognise, compare the path that the "
        "router uses, remove internal headers at the edge, and keep the framework up to date. If the page is "
        "a shell without private data, protect its API (--api) instead."
    ),
)

API_OPEN: Final = Fault(
    id="api_open",
    title="The API answers without credentials",
    why="Whoever calls this address is served; a proxy in front of pages does not protect it.",
    change=(
        "Put the guard on the route itself, so that every way to it is refused with 401: with bymax-auth the "
        "dependency of the route, or `install(...)` for its own routes."
    ),
)

SET_COOKIE_CACHEABLE: Final = Fault(
    id="set_cookie_cacheable",
    title="A cookie is set by an answer that shared caches may store",
    why="A cache that stores this answer gives one person's cookie to the next.",
    change=(
        "Send `Cache-Control: private, no-store` and `CDN-Cache-Control: no-store` with every answer that "
        "sets a cookie, or do not set cookies on public pages."
    ),
)

PAGE_CACHEABLE: Final = Fault(
    id="page_cacheable",
    title="A protected page may be stored by caches",
    why=(
        "A shared cache may show one person's page to another, and the back button may show it after "
        "sign-out."
    ),
    change=(
        "Send `Cache-Control: private, no-store` and `Vary: Cookie` with the page, and no cache lifetime in "
        "the headers for content delivery networks."
    ),
)

REFUSAL_CACHEABLE: Final = Fault(
    id="refusal_cacheable",
    title="The redirect of a protected page may be stored by caches",
    why="A browser or cache that stores it sends people to the login page who have signed in since.",
    change="Redirect with 303 or 307, and send `Cache-Control: no-store` with it.",
)

OPEN_REDIRECT: Final = Fault(
    id="open_redirect",
    title="The login path sends people to another site",
    why=(
        "A link to your own site ends at a page of somebody else, which asks for the password again or "
        "receives what the address holds."
    ),
    change=(
        "Accept only a path: it starts with one slash and holds no backslash and no control character; "
        "resolve it against your own origin, and examine the result again before it is sent as Location."
    ),
)

COOKIE_NOT_HTTP_ONLY: Final = Fault(
    id="cookie_not_http_only",
    title="Scripts can read a session cookie",
    why="One script that was injected into any page takes the session to another machine.",
    change="Set the cookie with `HttpOnly`.",
)

COOKIE_NOT_SECURE: Final = Fault(
    id="cookie_not_secure",
    title="A session cookie is sent without TLS",
    why="Whoever is on the network reads it from one request by http://.",
    change="Set the cookie with `Secure`.",
)

COOKIE_NOT_SAME_SITE: Final = Fault(
    id="cookie_not_same_site",
    title="A session cookie names no SameSite",
    why="Not every browser takes Lax for the default, and without it other sites' forms act for the person.",
    change="Set the cookie with `SameSite=Lax` or `SameSite=Strict`.",
)

PREFETCH_REFRESHES: Final = Fault(
    id="prefetch_refreshes",
    title="A prefetch refreshes the session",
    why=(
        "The browser prefetches links that nobody opens. Each one exchanges the refresh token, the answer "
        "may be thrown away with its cookies, and the person is signed out or has parallel sessions."
    ),
    change=(
        "Answer a request with `Purpose: prefetch`, `Sec-Purpose: prefetch`, `Next-Router-Prefetch` or "
        "`Sec-Fetch-Mode` other than `navigate` with 401 and `no-store`, and redirect only navigation to "
        "the refresh."
    ),
)

HSTS_MISSING: Final = Fault(
    id="hsts_missing",
    title="Strict-Transport-Security is missing",
    why="The first request by http:// can be answered by whoever is on the network.",
    change="Send `Strict-Transport-Security: max-age=31536000; includeSubDomains` with every answer.",
)
