"""Where the service listens."""

import socket

import pytest

from bymax_auth.cli.serve.server import PortUnavailable, check_port


@pytest.mark.parametrize("host", ["nobody.invalid", "a" * 70, "192.0.2.1", "host\x1b[2J"])
def test_a_host_that_is_none_of_this_machine_is_refused(host: str) -> None:
    """A traceback hides which of the addresses is wrong."""
    with pytest.raises(PortUnavailable) as refused:
        check_port(host, 8000)
    said = str(refused.value)
    assert said.startswith("port 8000 of ")
    assert ("\n" in said, "\x1b" in said) == (False, False)


def test_a_port_that_is_free_stays_so() -> None:
    """The service takes its own port away from itself."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortUnavailable, match=f"port {port} of localhost"):
            check_port("localhost", port)
    check_port("localhost", port)
    socket.create_server(("127.0.0.1", port)).close()
