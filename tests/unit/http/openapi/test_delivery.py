"""What the description says about how a client gets and ends its session."""

import pytest

from bymax_auth.config.enums import TokenDelivery
from tests.unit.http.openapi.test_document import MODES, fragment, operation, operations


def test_signing_out_without_credentials_is_explained() -> None:
    """A reader would take the success for a revocation."""
    assert "succeeds and revokes nothing" in operation(fragment(), "logout")["description"]


@pytest.mark.parametrize("mode", MODES)
def test_the_choice_of_delivery_is_documented_where_there_is_one(mode: TokenDelivery) -> None:
    """A client's author finds out how to keep tokens out of a page, and only where that is possible."""
    document = fragment(mode)
    choosing = {
        item["operationId"].removeprefix("bymax_auth_")
        for _, item in operations(document)
        for parameter in item.get("parameters", [])
        if parameter["name"] == "X-Auth-Delivery"
    }
    delivering = {"login", "register", "refresh", "logout", "mfa_challenge", "invitation_accept"}
    delivering |= {"oauth_callback"}
    assert choosing == (delivering if mode is TokenDelivery.BOTH else set())
