"""
The client's IP address.

Each source is silently wrong where the other is right: behind a proxy, the peer's address puts all users
into one rate-limit bucket; on a directly exposed service, a forwarded header lets callers choose their
address.  So the host must choose a source; there is no default.
"""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from bymax_auth.http.request import RequestView

__all__ = ["PeerAddress", "TrustedForwardedFor", "peer_of"]

_FORWARDED_FOR: Final = b"x-forwarded-for"


def peer_of(view: RequestView) -> str:
    """Return the address of the connection's peer, ``""`` when the server does not provide it."""
    client = view.scope.get("client")
    return str(client[0]) if client else ""


@dataclass(frozen=True, slots=True)
class PeerAddress:
    """The address of the connection's peer: for a service that clients connect to directly."""

    def resolve(self, view: RequestView) -> str:
        """Return the client's address."""
        return peer_of(view)


@dataclass(frozen=True, slots=True)
class TrustedForwardedFor:
    """
    The `hops`-th entry of ``X-Forwarded-For`` from the right: for a service behind `hops` proxies.

    With `trusted_proxies` (networks in CIDR notation) the header is used only when the peer is in
    one of them.  If the entry is missing or cannot be parsed, the peer's address is used.
    """

    hops: int = 1
    trusted_proxies: tuple[str, ...] = ()
    _networks: tuple[IPv4Network | IPv6Network, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.hops < 1:
            raise ValueError("TrustedForwardedFor.hops is the number of proxies: at least 1.")
        object.__setattr__(self, "_networks", tuple(ip_network(cidr) for cidr in self.trusted_proxies))

    def resolve(self, view: RequestView) -> str:
        """Return the client's address."""
        peer = peer_of(view)
        if not self.trusts_peer(view):
            return peer
        entries = b",".join(view.lines(_FORWARDED_FOR)).decode("latin-1").rsplit(",", self.hops)
        if len(entries) < self.hops:
            return peer
        return _address(entries[-self.hops]) or peer

    def trusts_peer(self, view: RequestView) -> bool:
        """Return whether the connection's peer is one of the trusted proxies."""
        if not self._networks:
            return True
        try:
            address = ip_address(peer_of(view))
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)


def _address(entry: str) -> str | None:
    """Return the address in one entry, without its port; ``None`` when there is none."""
    text = entry.strip(" \t")
    if text.startswith("["):
        text, closing, port = text[1:].partition("]")
        if not closing or (port and not (port.startswith(":") and port[1:].isdecimal())):
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not port.isdecimal():
            return None
    try:
        ip_address(text)
    except ValueError:
        return None
    return text
