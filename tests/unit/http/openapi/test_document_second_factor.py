"""What the description says about answers that are no session, and about second factors."""

from typing import Any

import pytest

from bymax_auth.config.enums import TokenDelivery
from tests.unit.http.openapi.test_document import BLOCKED, MODES, codes, fragment, operation


@pytest.mark.parametrize("mode", MODES)
def test_a_registration_without_a_session_is_described(mode: TokenDelivery) -> None:
    """A generated client would fail on the answer to somebody who waits for approval."""
    document = fragment(mode)
    created = operation(document, "register")["responses"]["201"]
    assert created["content"]["application/json"]["schema"] == {
        "anyOf": [
            {"$ref": "#/components/schemas/BymaxAuthSession"},
            {"$ref": "#/components/schemas/BymaxAuthAccountCreated"},
        ]
    }
    assert document["components"]["schemas"]["BymaxAuthAccountCreated"] == {
        "type": "object",
        "description": "A new account that may not sign in yet.",
        "properties": {"user": {"$ref": "#/components/schemas/BymaxAuthSafeAuthUser"}},
        "required": ["user"],
    }
    assert ("headers" in created) is (mode is not TokenDelivery.BEARER)


@pytest.mark.parametrize("mode", MODES)
def test_a_sign_in_without_a_session_is_described(mode: TokenDelivery) -> None:
    """A generated client would fail on the answer to somebody with a second factor."""
    document = fragment(mode)
    answered = operation(document, "login")["responses"]["200"]
    assert answered["content"]["application/json"]["schema"] == {
        "anyOf": [
            {"$ref": "#/components/schemas/BymaxAuthSession"},
            {"$ref": "#/components/schemas/BymaxAuthMfaChallengeResult"},
        ]
    }
    challenge = document["components"]["schemas"]["BymaxAuthMfaChallengeResult"]
    assert challenge["required"] == ["mfaRequired", "mfaTempToken"]
    assert challenge["properties"]["mfaRequired"]["const"] is True


def answers_of(document: Any, name: str) -> dict[str, set[str]]:
    responses = operation(document, name)["responses"]
    return {status: codes(document, name, status) for status in responses if int(status) >= 400}


def test_each_status_of_a_second_factor_has_the_codes_that_are_possible_there() -> None:
    """A client that handles every documented code handles every answer."""
    document = fragment()
    assert answers_of(document, "mfa_challenge") == {
        "400": {"auth.validation", "auth.mfa_not_enabled"},
        "401": {"auth.mfa_temp_token_invalid", "auth.mfa_invalid_code", "auth.token_invalid"},
        "403": {*BLOCKED, "auth.untrusted_origin"},
        "409": {"auth.mfa_state_conflict"},
        "429": {"auth.account_locked", "auth.too_many_requests"},
        "500": {"auth.internal"},
        "503": {"auth.unavailable"},
    }
    assert answers_of(document, "mfa_setup") == {
        "400": {"auth.validation", "auth.mfa_not_enabled"},
        "401": {"auth.token_invalid", "auth.invalid_credentials"},
        "403": {
            *BLOCKED,
            "auth.email_not_verified",
            "auth.reauthentication_required",
            "auth.untrusted_origin",
        },
        "409": {"auth.mfa_already_enabled", "auth.mfa_state_conflict"},
        "429": {"auth.account_locked", "auth.too_many_requests"},
        "500": {"auth.internal"},
        "503": {"auth.overloaded", "auth.unavailable"},
    }
