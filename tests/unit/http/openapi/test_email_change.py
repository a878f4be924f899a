"""What the description of the routes says about a change of address."""

from typing import Any

from tests.unit.http.openapi.test_document import BLOCKED, codes, fragment, operation


def test_each_status_has_the_codes_that_are_possible_there() -> None:
    """A client that handles every documented code handles every answer."""
    document: Any = fragment()

    def answers(name: str) -> dict[str, set[str]]:
        responses = operation(document, name)["responses"]
        return {status: codes(document, name, status) for status in responses if int(status) >= 400}

    assert answers("email_change_request") == {
        "400": {"auth.validation"},
        "401": {"auth.invalid_credentials", "auth.token_invalid"},
        "403": {*BLOCKED, "auth.untrusted_origin"},
        "409": {"auth.email_already_exists"},
        "429": {"auth.account_locked", "auth.too_many_requests"},
        "500": {"auth.internal"},
        "503": {"auth.overloaded", "auth.unavailable"},
    }
    assert answers("email_change_confirm") == {
        "400": {"auth.validation", "auth.email_change_token_invalid"},
        "403": {*BLOCKED, "auth.untrusted_origin"},
        "409": {"auth.email_already_exists"},
        "429": {"auth.too_many_requests"},
        "500": {"auth.internal"},
        "503": {"auth.unavailable"},
    }
