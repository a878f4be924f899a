"""What only the service reads from its environment."""

import os
import re

import pytest

from bymax_auth.cli.deployment import DeploymentError
from bymax_auth.cli.serve.settings import ServeSettings
from bymax_auth.http import TrustedForwardedFor


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SERVE__TENANT_ID", "acme\x1b[2J"),
        ("SERVE__HOST", "127.0.0.1\n::1"),
        ("SMTP__SENDER_NAME", "Ana\r\nBcc: eve@example.com"),
        ("SMTP__PASSWORD", os.fsdecode(b"hunter2\xff")),
    ],
)
def test_text_that_nobody_could_have_meant_is_refused(name: str, text: str) -> None:
    """The service starts, and then every request or every mail fails."""
    with pytest.raises(DeploymentError) as refused:
        ServeSettings.from_env({f"BYMAX_AUTH_{name}": text})
    assert str(refused.value) == f"BYMAX_AUTH_{name} contains a control character, or is not UTF-8."


def test_a_tenant_that_no_request_could_have_is_refused() -> None:
    """Everybody who signs in is told of a fault of the server."""
    with pytest.raises(DeploymentError, match="longer than"):
        ServeSettings.from_env({"BYMAX_AUTH_SERVE__TENANT_ID": "a" * 129})


def test_the_end_of_a_line_is_no_part_of_a_value() -> None:
    """A value that was read from a file names another role than the one that was meant."""
    assert ServeSettings.from_env({"BYMAX_AUTH_SERVE__BASE_ROLE": "MEMBER\n"}).base_role == "MEMBER"


@pytest.mark.parametrize("text", ["10.0.0.0/8, ::1/128,", '["10.0.0.0/8", "::1/128"]'])
def test_the_networks_of_proxies_are_a_list_like_every_other(text: str) -> None:
    """One list of the same file is written in another way than the rest."""
    given = {"BYMAX_AUTH_SERVE__PROXY_HOPS": "1", "BYMAX_AUTH_SERVE__TRUSTED_PROXIES": text}
    assert ServeSettings.from_env(given).client_ip == TrustedForwardedFor(1, ("10.0.0.0/8", "::1/128"))


@pytest.mark.parametrize(
    ("hops", "text", "said"),
    [
        ("1", "[10.0.0.0/8]", "must be a list of networks: 10.0.0.0/8,::1/128"),
        ("1", "[1]", "must be a list of networks: 10.0.0.0/8,::1/128"),
        ("1", "proxy", "must be a list of networks: 10.0.0.0/8,::1/128"),
        ("0", "10.0.0.0/8", "needs BYMAX_AUTH_SERVE__PROXY_HOPS."),
    ],
)
def test_networks_that_mean_nothing_are_refused(hops: str, text: str, said: str) -> None:
    """A forwarded address is believed of everybody, or of nobody."""
    given = {"BYMAX_AUTH_SERVE__PROXY_HOPS": hops, "BYMAX_AUTH_SERVE__TRUSTED_PROXIES": text}
    with pytest.raises(DeploymentError, match=re.escape(said)):
        ServeSettings.from_env(given)
