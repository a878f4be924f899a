"""
Clients of the servers of a whole run, which stay connected from test to test.

To open one takes longer than most of what it is asked.  One whose connection a test has ended connects anew.
"""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers.patience import PATIENCE

__all__ = ["client_at", "close_client_at"]

_clients: dict[int, Redis] = {}


def client_at(port: int) -> Redis:
    """The client of the server at this port."""
    if port not in _clients:
        _clients[port] = Redis(
            port=port, socket_timeout=PATIENCE, decode_responses=True, retry=Retry(NoBackoff(), 1)
        )
    return _clients[port]


def close_client_at(port: int) -> None:
    """Close the client, whose server ends."""
    if (client := _clients.pop(port, None)) is not None:
        client.close()
