"""
The networks of a client, in which its requests are counted and its share of a queue is taken.

An IPv6 customer is assigned a network and not an address: usually a /56, sometimes a /48 or a single /64.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

__all__ = ["client_networks", "queue_share"]

_UNKNOWN: Final = "unknown"
_IPV6_PREFIXES: Final = (64, 56, 48)
_IPV4_SHARE: Final = 24
_IPV6_SHARE: Final = 48


def client_networks(ip: str) -> tuple[str, ...]:
    """
    Return the networks whose requests are counted together, the narrowest first.

    One IPv4 address; or the /64, the /56 and the /48 of an IPv6 address, the first of them without its
    length.  Everything that is no address shares one, so omitting the address gains an attacker nothing.
    """
    address = _address(ip)
    if address is None:
        return (_UNKNOWN,)
    if isinstance(address, IPv4Address):
        return (str(address),)
    return tuple(_ipv6_network(address, prefix) for prefix in _IPV6_PREFIXES)


def queue_share(ip: str) -> str:
    """
    Return the network that shares one place in a queue: an IPv4 /24 or an IPv6 /48.

    Wider than what is counted together: sharing costs nothing while the queue is short, and whoever has many
    addresses must not have as many places.
    """
    address = _address(ip)
    if address is None:
        return _UNKNOWN
    prefix = _IPV4_SHARE if address.version == 4 else _IPV6_SHARE
    return str(ip_network((address.packed, prefix), strict=False))


def _address(ip: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(ip)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _ipv6_network(address: IPv6Address, prefix: int) -> str:
    """Return the network in eight groups without leading zeros, as the shared key layout writes a /64."""
    bits = int(address) >> (128 - prefix) << (128 - prefix)
    groups = ":".join(f"{bits >> shift & 0xFFFF:x}" for shift in range(112, -1, -16))
    return groups if prefix == _IPV6_PREFIXES[0] else f"{groups}/{prefix}"
