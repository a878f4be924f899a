"""The networks that a client belongs to."""

import pytest

from bymax_auth.services.client_networks import client_networks, queue_share


@pytest.mark.parametrize(
    ("ip", "networks"),
    [
        ("203.0.113.9", ("203.0.113.9",)),
        ("::ffff:203.0.113.9", ("203.0.113.9",)),
        (
            "2001:db8:1:2ff::9",
            ("2001:db8:1:2ff:0:0:0:0", "2001:db8:1:200:0:0:0:0/56", "2001:db8:1:0:0:0:0:0/48"),
        ),
        (
            "2001:db8:ffff:ffff:ffff::9",
            ("2001:db8:ffff:ffff:0:0:0:0", "2001:db8:ffff:ff00:0:0:0:0/56", "2001:db8:ffff:0:0:0:0:0/48"),
        ),
        ("", ("unknown",)),
        ("testclient", ("unknown",)),
    ],
)
def test_what_is_counted_together(ip: str, networks: tuple[str, ...]) -> None:
    """A customer's whole IPv6 network is one client; nobody else is."""
    assert client_networks(ip) == networks


@pytest.mark.parametrize(
    ("ip", "share"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2ff::9", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", "unknown"),
    ],
)
def test_what_shares_a_place_in_a_queue(ip: str, share: str) -> None:
    """Somebody with many addresses has one place and not as many."""
    assert queue_share(ip) == share
