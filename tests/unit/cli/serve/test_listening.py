"""Where the service listens."""

import errno
import socket

import pytest

from bymax_auth.cli.serve.server import PortUnavailable, ServeOptions, listen


@pytest.mark.parametrize("host", ["nobody.invalid", "a" * 70, "192.0.2.1", "host\x1b[2J"])
def test_a_host_that_is_none_of_this_machine_is_refused(host: str) -> None:
    """A traceback hides which of the addresses is wrong."""
    with pytest.raises(PortUnavailable) as refused:
        listen(ServeOptions(host=host, port=8000, workers=1))
    said = str(refused.value)
    assert said.startswith("port 8000 of ")
    assert ("\n" in said, "\x1b" in said) == (False, False)


def test_nobody_is_let_in_before_the_service_runs() -> None:
    """A load balancer takes a service that is still starting for one that hangs."""
    with listen(ServeOptions(host="localhost", port=0, workers=1)) as listening, socket.socket() as visitor:
        assert visitor.connect_ex(listening.getsockname()) == errno.ECONNREFUSED
