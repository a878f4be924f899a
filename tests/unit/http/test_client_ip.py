import pytest

from bymax_auth.http.client_ip import PeerAddress, TrustedForwardedFor
from tests.unit.http.scopes import view_of

PEER = "203.0.113.9"

ROWS = [
    (["1.1.1.1, 198.51.100.7"], 1, "198.51.100.7"),
    (["1.1.1.1", "198.51.100.7"], 1, "198.51.100.7"),
    (["6.6.6.6, 198.51.100.7, 10.0.0.2"], 2, "198.51.100.7"),
    (["198.51.100.7:4711"], 1, "198.51.100.7"),
    (["[2001:db8::1]:443"], 1, "2001:db8::1"),
    (["[2001:db8::1]"], 1, "2001:db8::1"),
    (["2001:db8::1"], 1, "2001:db8::1"),
    (["\t198.51.100.7 "], 1, "198.51.100.7"),
    (["1.1.1.1, junk"], 1, PEER),
    (["1.1.1.1,"], 1, PEER),
    ([], 1, PEER),
    (["198.51.100.7"], 2, PEER),
    (["198.51.100.7:port"], 1, PEER),
    (["[2001:db8::1]443"], 1, PEER),
    (["[2001:db8::1]:x"], 1, PEER),
    (["[2001:db8::1"], 1, PEER),
]


@pytest.mark.parametrize(("lines", "hops", "expected"), ROWS)
def test_the_chosen_hop_names_the_client(lines: list[str], hops: int, expected: str) -> None:
    """The wrong entry is text that the caller wrote, and lets them choose whose budget they spend."""
    view = view_of([("x-forwarded-for", line) for line in lines])
    assert TrustedForwardedFor(hops=hops).resolve(view) == expected


def test_no_other_header_is_believed() -> None:
    """A header that the proxy does not overwrite is the caller's own."""
    view = view_of([("x-real-ip", "6.6.6.6"), ("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "6.6.6.6")])
    assert PeerAddress().resolve(view) == PEER
    assert TrustedForwardedFor(hops=2).resolve(view) == PEER


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("10.0.0.2", "198.51.100.7"),
        ("::ffff:10.0.0.2", "198.51.100.7"),
        ("fd00::1", "198.51.100.7"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::5", "2001:db8::5"),
        ("testclient", "testclient"),
    ],
)
def test_the_header_counts_only_behind_a_trusted_proxy(peer: str, expected: str) -> None:
    """Somebody who reaches the service past the proxy must not be able to forge their address."""
    source = TrustedForwardedFor(trusted_proxies=("10.0.0.0/8", "fd00::/8"))
    assert source.resolve(view_of([("x-forwarded-for", "198.51.100.7")], client=(peer, 1))) == expected


def test_a_server_without_a_peer_gives_no_address() -> None:
    """A Unix socket has no address, and asking for one must not fail the request."""
    assert PeerAddress().resolve(view_of(client=None)) == ""


def test_a_source_that_could_never_work_is_refused_when_built() -> None:
    """A deployment learns of a wrong hop count or network at start, not from its users."""
    with pytest.raises(ValueError, match="at least 1"):
        TrustedForwardedFor(hops=0)
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        TrustedForwardedFor(trusted_proxies=("10.0.0.0/99",))
