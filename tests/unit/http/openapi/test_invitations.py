"""What the description of the invitation routes says."""

import pytest

from bymax_auth.config.enums import TokenDelivery
from tests.unit.http.openapi.test_document import BLOCKED, MODES, codes, fragment, operation, operations


def answers(name: str) -> dict[str, set[str]]:
    document = fragment()
    responses = operation(document, name)["responses"]
    return {status: codes(document, name, status) for status in responses if int(status) >= 400}


def test_each_status_has_the_codes_that_are_possible_there() -> None:
    """A client that handles every documented code handles every answer."""
    signed_in = {
        "400": {"auth.validation"},
        "401": {"auth.token_invalid"},
        "403": {*BLOCKED, "auth.untrusted_origin"},
        "429": {"auth.too_many_requests"},
        "500": {"auth.internal"},
        "503": {"auth.unavailable"},
    }
    assert answers("invitation_revoke") == signed_in
    forbidden = signed_in["403"] | {"auth.insufficient_role"}
    assert answers("invitation_create") == signed_in | {"403": forbidden}
    assert answers("invitation_accept") == {
        "400": {"auth.validation", "auth.password_compromised", "auth.invalid_invitation_token"},
        "403": {"auth.untrusted_origin"},
        "409": {"auth.email_already_exists"},
        "429": {"auth.too_many_requests"},
        "500": {"auth.internal"},
        "503": {"auth.overloaded", "auth.unavailable"},
    }


@pytest.mark.parametrize("mode", MODES)
def test_an_acceptance_is_answered_like_a_registration(mode: TokenDelivery) -> None:
    """A generated client handles one way in like the other."""
    document = fragment(mode)
    registered, accepted = (
        operation(document, name)["responses"]["201"] for name in ("register", "invitation_accept")
    )
    assert accepted == registered


def test_the_group_is_described_only_while_it_is_on() -> None:
    """A document must not promise routes that answer 404."""
    described = operations(fragment(invitations={"enabled": False}))
    assert not [name for name, _ in described if name.startswith("invitation")]
