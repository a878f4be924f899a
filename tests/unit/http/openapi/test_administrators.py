"""What the description says about the routes of administrators."""

import json

import pytest

from bymax_auth.config.enums import TokenDelivery
from tests.unit.http.openapi.test_document import BLOCKED, MODES, PB, codes, fragment, operation


def test_administrators_are_described_where_there_are_any() -> None:
    """A generated client would have a sign-in that answers 404."""
    off = json.dumps(fragment(platform={"enabled": False}))
    assert not [word for word in ("Platform", "/platform/", PB) if word in off]
    assert "BymaxAuthPlatformAuthResult" in fragment()["components"]["schemas"]


@pytest.mark.parametrize("mode", MODES)
def test_an_administrators_session_is_described_as_it_is_sent(mode: TokenDelivery) -> None:
    """Administrators get their tokens in the body, also where users get cookies."""
    document = fragment(mode)
    schemas = document["components"]["schemas"]
    admin = schemas["BymaxAuthSafeAuthPlatformUser"]
    assert [*admin["properties"]] == [
        "id",
        "email",
        "name",
        "role",
        "status",
        "mfaEnabled",
        "platformId",
        "lastLoginAt",
        "updatedAt",
        "createdAt",
    ]
    assert set(admin["required"]) == set(admin["properties"])
    session = schemas["BymaxAuthPlatformAuthResult"]
    assert session["properties"]["admin"] == {"$ref": "#/components/schemas/BymaxAuthSafeAuthPlatformUser"}
    assert session["required"] == ["admin", "accessToken", "refreshToken"]
    for name in ("platform_login", "platform_refresh"):
        answer = operation(document, name)["responses"]["200"]
        schema = answer["content"]["application/json"]["schema"]
        names = [one["$ref"].rpartition("/")[2] for one in schema.get("anyOf", [schema])]
        challenge = ["BymaxAuthMfaChallengeResult"] * (name == "platform_login")
        assert names == ["BymaxAuthPlatformAuthResult", *challenge]
        assert "headers" not in answer
    assert "headers" not in operation(document, "platform_logout")["responses"]["204"]


def test_each_status_of_an_administrators_route_has_its_codes() -> None:
    """A client that handles every documented code handles every answer."""
    document = fragment()

    def answers(name: str) -> dict[str, set[str]]:
        responses = operation(document, name)["responses"]
        return {status: codes(document, name, status) for status in responses if int(status) >= 400}

    assert answers("platform_login") == {
        "400": {"auth.validation"},
        "401": {"auth.invalid_credentials"},
        "403": {*BLOCKED, "auth.untrusted_origin"},
        "429": {"auth.account_locked", "auth.too_many_requests"},
        "500": {"auth.internal"},
        "503": {"auth.overloaded", "auth.unavailable"},
    }
    assert answers("platform_me") == {
        "401": {"auth.platform_auth_required", "auth.token_invalid"},
        "500": {"auth.internal"},
        "503": {"auth.unavailable"},
    }
