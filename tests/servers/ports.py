"""Ports of the loopback interface for servers that tests start."""

import secrets
import socket

__all__ = ["free_port"]

LOWEST, HIGHEST = 11_000, 22_000
"""Below what a system gives to outgoing connections, one of which could take the port first."""
ABOVE = 10_000
"""How far above its port a node of a Redis Cluster listens for the others."""


def free_port() -> int:
    """A port that nobody listens on, nor on the one a Cluster's node needs above it."""
    while True:
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        if _is_free(port) and _is_free(port + ABOVE):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
