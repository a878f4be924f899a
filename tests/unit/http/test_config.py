import inspect

import pytest

from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig, RateLimit


def test_the_source_of_client_addresses_has_no_default() -> None:
    """Either default would be silently wrong behind, or without, a proxy."""
    parameters = inspect.signature(AuthHttpConfig).parameters
    assert parameters["client_ip_source"].default is inspect.Parameter.empty
    assert AuthHttpConfig(PeerAddress()).max_body_bytes == 65_536


@pytest.mark.parametrize(("requests", "seconds"), [(0, 60), (5, 0), (-1, 60)])
def test_a_limit_that_admits_nobody_is_refused(requests: int, seconds: int) -> None:
    """A slip of the pen must not close a route."""
    with pytest.raises(ValueError, match="at least one"):
        RateLimit(requests, seconds)


def test_a_body_cap_that_admits_nothing_is_refused() -> None:
    """No request could ever pass."""
    with pytest.raises(ValueError, match="max_body_bytes"):
        AuthHttpConfig(PeerAddress(), max_body_bytes=0)
