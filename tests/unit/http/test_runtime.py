from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.runtime import request_context
from tests.unit.http.scopes import view_of


def test_a_flow_learns_the_transport_facts_and_no_credential() -> None:
    """Hooks belong to the host; a bearer token does not."""
    view = view_of(
        [
            ("host", "app.example.com:8443"),
            ("user-agent", "Firefox"),
            ("authorization", "Bearer t"),
            ("cookie", "access_token=t"),
            ("x-tenant-id", "acme"),
        ]
    )
    context = request_context(view, PeerAddress())
    assert (context.ip, context.user_agent, context.host) == (
        "203.0.113.9",
        "Firefox",
        "app.example.com:8443",
    )
    assert (context.method, context.path, context.scope) == ("POST", "/auth/login", view.scope)
    assert dict(context.sanitized_headers) == {
        "host": "app.example.com:8443",
        "user-agent": "Firefox",
        "x-tenant-id": "acme",
    }
    assert len(context.sanitized_headers) == 3
    assert "acme" not in repr(context)


def test_what_is_not_known_is_empty() -> None:
    """A request without headers or peer is still a request."""
    context = request_context(view_of(client=None), PeerAddress())
    assert (context.ip, context.user_agent, context.host) == ("", "", None)
