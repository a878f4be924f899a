"""The data of a request that flows and hooks receive."""

from collections.abc import Iterator, Mapping

from bymax_auth.http.asgi import Header
from bymax_auth.http.client_ip import PeerAddress, TrustedForwardedFor
from bymax_auth.http.request import RequestView
from bymax_auth.services.privacy import sanitize_headers
from bymax_auth.types.context import RequestContext

__all__ = ["request_context"]


def request_context(view: RequestView, source: PeerAddress | TrustedForwardedFor) -> RequestContext:
    """Return the `RequestContext` of a request."""
    scope = view.scope
    return RequestContext(
        ip=source.resolve(view),
        user_agent=view.header(b"user-agent") or "",
        sanitized_headers=_SanitizedHeaders(scope["headers"]),
        method=scope.get("method", "GET"),
        path=scope["path"],
        host=view.header(b"host"),
        scope=scope,
    )


class _SanitizedHeaders(Mapping[str, str]):
    """Sanitizes the headers on first access: most requests have no hook or resolver that reads them."""

    __slots__ = ("_raw", "_sanitized")

    def __init__(self, raw: list[Header]) -> None:
        self._raw = raw
        self._sanitized: dict[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        return self._headers()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers())

    def __len__(self) -> int:
        return len(self._headers())

    def __repr__(self) -> str:
        return f"<{len(self._raw)} headers>"

    def _headers(self) -> dict[str, str]:
        if self._sanitized is None:
            self._sanitized = sanitize_headers(self._raw)
        return self._sanitized
