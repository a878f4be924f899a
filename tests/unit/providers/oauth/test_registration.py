"""A registration that cannot work is refused when the process starts."""

from typing import Any

import pytest

from bymax_auth.testing import FakeClock
from bymax_auth.types.secret import Secret
from tests.servers.scripted_provider import ScriptedProvider
from tests.unit.providers.oauth.sign_ins import (
    SECRET,
    provider_of,
)

UNUSABLE: dict[str, dict[str, Any]] = {
    "a name with capitals": {"name": "Example"},
    "no name": {"name": ""},
    "a plain issuer": {"issuer": "http://id.example.com"},
    "a plain issuer on this machine": {"issuer": "http://127.0.0.1:9000"},
    "an issuer with a query": {"issuer": "https://id.example.com/?a=b"},
    "an issuer with a user": {"issuer": "https://evil@id.example.com"},
    "an issuer with a fragment": {"issuer": "https://id.example.com/#a"},
    "no issuer": {"issuer": ""},
    "an issuer at a port that does not exist": {"issuer": "https://id.example.com:65536"},
    "a redirect to a port that does not exist": {"redirect_uri": "https://app.example.com:99999/callback"},
    "no client": {"client_id": " "},
    "no secret": {"client_secret": ""},
    "a plain redirect": {"redirect_uri": "http://app.example.com/callback"},
    "a redirect with a fragment": {"redirect_uri": "https://app.example.com/callback#a"},
    "a scope of two words": {"scope": ("openid", "email profile")},
    "no openid": {"scope": ("email",)},
}


@pytest.mark.parametrize("options", UNUSABLE.values(), ids=UNUSABLE)
def test_a_registration_that_cannot_work_is_refused_at_start(
    server: ScriptedProvider, clock: FakeClock, options: dict[str, Any]
) -> None:
    """Found at the first sign-in, it would be found by a customer."""
    with pytest.raises(ValueError, match=r"name|issuer|blank|redirect|word|openid") as refusal:
        provider_of(server, clock, **options)
    assert SECRET not in str(refusal.value)


def test_a_provider_on_this_machine_is_for_development(server: ScriptedProvider, clock: FakeClock) -> None:
    """Without being told so, a provider without TLS is not used."""
    assert provider_of(
        server,
        clock,
        issuer="http://127.0.0.1:9000",
        redirect_uri="http://localhost:8000/callback",
        client_secret=Secret(SECRET),
        allow_loopback_http=True,
    )
    with pytest.raises(ValueError, match="issuer"):
        provider_of(server, clock, issuer="http://id.example.com", allow_loopback_http=True)
