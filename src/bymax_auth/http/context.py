"""The transport facts of a request, in the form that flows and hooks take."""

from collections.abc import Iterator, Mapping

from bymax_auth.http.asgi import Header
from bymax_auth.http.client_ip import PeerAddress, TrustedForwardedFor
from bymax_auth.http.request import RequestView
from bymax_auth.services.privacy import sanitize_headers
from bymax_auth.types.context import RequestContext

__all__ = ["request_context"]


def request_context(view: RequestView, source: PeerAddress | TrustedForwardedFor) -> RequestContext:
    """Return what a flow may know about the request."""
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
    """Cleans the headers when a hook or a resolver first looks: most requests have neither."""

    __slots__ = ("_clean", "_raw")

    def __init__(self, raw: list[Header]) -> None:
        self._raw = raw
        self._clean: dict[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        return self._headers()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers())

    def __len__(self) -> int:
        return len(self._headers())

    def __repr__(self) -> str:
        return f"<{len(self._raw)} headers>"

    def _headers(self) -> dict[str, str]:
        if self._clean is None:
            self._clean = sanitize_headers(self._raw)
        return self._clean
