"""What the description of the routes says about each of them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.errors import INTERNAL_ONLY_CODES
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig, RateLimitConfig
from bymax_auth.http.routes import ROUTES
from tests.unit.http.openapi.documents import fragment

MODES = [*TokenDelivery]
AC, AB, RC = "bymaxAuthAccessCookie", "bymaxAuthAccessBearer", "bymaxAuthRefreshCookie"
PB = "bymaxPlatformAccessBearer"


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for item in document["paths"].values():
        for operation in item.values():
            yield operation["operationId"].removeprefix("bymax_auth_"), operation


def operation(document: Any, name: str) -> Any:
    return dict(operations(document))[name]


def security(document: Any, name: str) -> list[set[str]]:
    return [set(alternative) for alternative in operation(document, name)["security"]]


@pytest.mark.untraced
@pytest.mark.parametrize("mode", MODES)
def test_a_document_made_of_the_fragment_is_valid(mode: TokenDelivery) -> None:
    """A host without FastAPI pastes the fragment into its own document."""
    validate({"openapi": "3.1.0", "info": {"title": "host", "version": "1"}, **fragment(mode)})


def test_every_route_is_described_below_the_prefix() -> None:
    """An undescribed route is one that generated clients do not have."""
    document = fragment(route_prefix="api/v2")
    found = {
        (method.upper(), path.removeprefix("/api/v2"))
        for path, item in document["paths"].items()
        for method in item
    }
    assert found == {(spec.method, spec.path) for spec in ROUTES}


@pytest.mark.parametrize("group", ["auth", "password_reset", "sessions", "mfa", "email_change", "oauth"])
def test_a_group_that_is_off_is_not_described(group: str) -> None:
    """A document must not promise routes that answer 404."""
    names = ("auth", "password_reset", "sessions", "mfa", "email_change", "oauth")
    controllers = dict.fromkeys(names, True) | {group: False}
    document = fragment(controllers=controllers, platform={"enabled": False}, invitations={"enabled": False})
    assert {tag for _, found in operations(document) for tag in found["tags"]} == {
        name for name, on in controllers.items() if on
    }


def test_operation_ids_are_unique_and_name_the_route() -> None:
    """Generated clients name their functions after them."""
    names = [found["operationId"] for _, found in operations(fragment())]
    assert len(names) == len(set(names)) == len(ROUTES)
    revoke_all = "bymax_auth_revoke_all_sessions"
    assert {"bymax_auth_login", revoke_all, f"{revoke_all}_post"} <= set(names)


NAMES_SESSION = {
    "cookie": [{AC, RC}, {AC}],
    "bearer": [{AB}],
    "both": [{AC, RC}, {AC}, {AB, RC}, {AB}],
}
GUARDED = {"cookie": [{AC}], "bearer": [{AB}], "both": [{AC}, {AB}]}
REVOKE_ALL = {"cookie": [{AC, RC}], "bearer": [{AB}], "both": [{AC, RC}, {AC}, {AB, RC}, {AB}]}
PUBLIC: dict[str, list[set[str]]] = {"cookie": [], "bearer": [], "both": []}
ADMINISTRATOR: dict[str, list[set[str]]] = {mode: [{PB}] for mode in PUBLIC}
SECURITY: dict[str, dict[str, list[set[str]]]] = {
    "oauth_initiate": PUBLIC,
    "oauth_callback": PUBLIC,
    "oauth_form_post": PUBLIC,
    "list_identities": GUARDED,
    "link_identity": REVOKE_ALL,
    "unlink_identity": NAMES_SESSION,
    "unlink_identity_post": NAMES_SESSION,
    "register": PUBLIC,
    "login": PUBLIC,
    "verify_email": PUBLIC,
    "resend_verification": PUBLIC,
    "forgot_password": PUBLIC,
    "reset_password": PUBLIC,
    "verify_reset_otp": PUBLIC,
    "resend_reset_otp": PUBLIC,
    "invitation_accept": PUBLIC,
    "invitation_create": GUARDED,
    "invitation_revoke": GUARDED,
    "mfa_challenge": PUBLIC,
    "platform_login": PUBLIC,
    "platform_refresh": PUBLIC,
    "platform_me": ADMINISTRATOR,
    "platform_mfa_challenge": PUBLIC,
    "platform_mfa_setup": ADMINISTRATOR,
    "platform_mfa_verify_enable": ADMINISTRATOR,
    "platform_mfa_disable": ADMINISTRATOR,
    "platform_mfa_recovery_codes": ADMINISTRATOR,
    "platform_revoke_all": ADMINISTRATOR,
    "platform_logout": {mode: [{PB}, set()] for mode in PUBLIC},
    "me": GUARDED,
    "mfa_setup": GUARDED,
    "mfa_verify_enable": GUARDED,
    "mfa_disable": GUARDED,
    "mfa_recovery_codes": GUARDED,
    "ws_ticket": GUARDED,
    "revoke_session": GUARDED,
    "email_change_request": GUARDED,
    "email_change_confirm": PUBLIC,
    "change_password": NAMES_SESSION,
    "list_sessions": NAMES_SESSION,
    "revoke_all_sessions": REVOKE_ALL,
    "revoke_all_sessions_post": REVOKE_ALL,
    "refresh": {"cookie": [{RC}], "bearer": [], "both": [{RC}, set()]},
    "logout": {
        "cookie": [{AC, RC}, {AC}, {RC}, set()],
        "bearer": [{AB}, set()],
        "both": [{AC, RC}, {AC}, {AB, RC}, {AB}, {RC}, set()],
    },
}


@pytest.mark.parametrize("mode", MODES)
def test_each_operation_takes_the_credentials_of_its_mode(mode: TokenDelivery) -> None:
    """A generated client sends what the document says, and nothing else."""
    document = fragment(mode)
    assert {name: security(document, name) for name, _ in operations(document)} == {
        name: by_mode[mode] for name, by_mode in SECURITY.items()
    }


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("only", [None, "auth", "password_reset", "sessions"])
def test_every_scheme_is_declared_and_used(mode: TokenDelivery, only: str | None) -> None:
    """A scheme that no operation takes asks a reader for a credential that does not exist."""
    groups = ("auth", "password_reset", "sessions")
    controllers = {group: only in {None, group} for group in groups}
    on = {"enabled": only is None}
    document = fragment(mode, controllers=controllers, platform=on, invitations=on)
    used = {
        name for _, found in operations(document) for alternative in found["security"] for name in alternative
    }
    assert set(document["components"]["securitySchemes"]) == used
    expected = {
        TokenDelivery.COOKIE: {AC, RC},
        TokenDelivery.BEARER: {AB},
        TokenDelivery.BOTH: {AC, AB, RC},
    }
    assert used == expected[mode] | ({PB} if only is None else set())


def test_schemes_name_the_configured_cookies() -> None:
    """A deployment that renames its cookies renames them for its readers too."""
    document = fragment(
        TokenDelivery.BOTH, cookies={"access_token_name": "my_access", "refresh_token_name": "my_refresh"}
    )
    assert document["components"]["securitySchemes"] == {
        AC: {"type": "apiKey", "in": "cookie", "name": "my_access"},
        AB: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        RC: {"type": "apiKey", "in": "cookie", "name": "my_refresh"},
        PB: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    }


BODIES = {
    "refresh": {"cookie": None, "bearer": True, "both": False},
    "logout": {"cookie": None, "bearer": False, "both": False},
    "revoke_all_sessions": {"cookie": None, "bearer": True, "both": False},
    "revoke_all_sessions_post": {"cookie": None, "bearer": True, "both": False},
    "login": {"cookie": True, "bearer": True, "both": True},
    "me": {"cookie": None, "bearer": None, "both": None},
    "platform_login": {"cookie": True, "bearer": True, "both": True},
    "platform_refresh": {"cookie": True, "bearer": True, "both": True},
    "platform_logout": {"cookie": False, "bearer": False, "both": False},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", BODIES)
def test_the_refresh_token_is_in_the_body_where_no_cookie_carries_it(mode: TokenDelivery, name: str) -> None:
    """A client that is not told to send the token stays signed in for fifteen minutes."""
    document = fragment(mode)
    body = operation(document, name).get("requestBody")
    assert (None if body is None else body["required"]) == BODIES[name][mode]
    if body is not None and not name.endswith("login"):
        target = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][target]
        assert schema.get("required", []) == (["refreshToken"] if body["required"] else [])
        assert schema["properties"]["refreshToken"]["writeOnly"] is True
        assert schema["additionalProperties"] is False


@pytest.mark.parametrize("mode", MODES)
def test_success_is_described_for_the_configured_delivery(mode: TokenDelivery) -> None:
    """A client that looks for tokens in a body that has none cannot sign in."""
    document = fragment(mode)
    session = document["components"]["schemas"]["BymaxAuthSession"]
    tokens = [] if mode is TokenDelivery.COOKIE else ["accessToken", "refreshToken"]
    assert [*session["properties"]] == ["user", *tokens]
    assert session["required"] == (["user"] if mode is TokenDelivery.BOTH else ["user", *tokens])
    for name, status in (("login", "200"), ("register", "201"), ("refresh", "200"), ("logout", "204")):
        answer = operation(document, name)["responses"][status]
        assert ("Set-Cookie" in answer.get("headers", {})) is (mode is not TokenDelivery.BEARER)
        assert ("content" in answer) is (status != "204")
    user = document["components"]["schemas"]["BymaxAuthSafeAuthUser"]
    assert user["properties"]["createdAt"] == {"type": "string", "format": "date-time"}
    assert user["properties"]["lastLoginAt"] == {"type": ["string", "null"], "format": "date-time"}
    assert set(user["required"]) == set(user["properties"])


def codes(document: Any, name: str, status: str) -> set[str]:
    """The codes that a status may carry, ``auth.validation`` included."""
    schema = operation(document, name)["responses"][status]["content"]["application/json"]["schema"]
    found: set[str] = set()
    for part in schema.get("oneOf", [schema]):
        if "$ref" in part:
            assert part["$ref"].endswith("/BymaxAuthValidationErrorEnvelope")
            found.add("auth.validation")
        else:
            restriction = part["allOf"][1]["properties"]["error"]["properties"]["code"]["enum"]
            found |= set(restriction)
    return found


BLOCKED = {
    "auth.account_inactive",
    "auth.account_suspended",
    "auth.account_banned",
    "auth.pending_approval",
}


def test_each_status_has_the_codes_that_are_possible_there() -> None:
    """A client that handles every documented code handles every answer."""
    document = fragment()

    def answers(name: str) -> dict[str, set[str]]:
        responses = operation(document, name)["responses"]
        return {status: codes(document, name, status) for status in responses if int(status) >= 400}

    assert answers("me") == {
        "401": {"auth.token_invalid"},
        "500": {"auth.internal"},
        "503": {"auth.unavailable"},
    }
    assert answers("login") == {
        "400": {"auth.validation"},
        "401": {"auth.invalid_credentials"},
        "403": {*BLOCKED, "auth.email_not_verified", "auth.forbidden", "auth.untrusted_origin"},
        "429": {"auth.account_locked", "auth.too_many_requests"},
        "500": {"auth.internal"},
        "503": {"auth.overloaded", "auth.unavailable"},
    }
    assert answers("reset_password") == {
        "400": {"auth.validation", "auth.password_compromised", "auth.password_reset_token_invalid"},
        "401": {"auth.otp_invalid"},
        "403": {"auth.forbidden", "auth.untrusted_origin"},
        "429": {"auth.too_many_requests"},
        "500": {"auth.internal"},
        "503": {"auth.overloaded", "auth.unavailable"},
    }
    assert answers("revoke_session") == {
        "400": {"auth.validation"},
        "401": {"auth.token_invalid"},
        "403": {*BLOCKED, "auth.untrusted_origin"},
        "404": {"auth.session_not_found"},
        "429": {"auth.too_many_requests"},
        "500": {"auth.internal"},
        "503": {"auth.unavailable"},
    }


def test_a_lifted_limit_and_a_bound_tenant_change_what_is_possible() -> None:
    """The document follows the configuration, not the defaults."""

    class Tenants:
        async def resolve(self, _parts: object) -> str:
            return "acme"

    http = AuthHttpConfig(PeerAddress(), rate_limits=RateLimitConfig.unlimited(), enforce_tenant_binding=True)
    document = fragment(http=http, tenancy={"resolver": Tenants()})
    assert "429" not in operation(document, "register")["responses"]
    assert codes(document, "login", "429") == {"auth.account_locked", "auth.too_many_requests"}
    assert codes(document, "me", "403") == {"auth.forbidden"}


@pytest.mark.parametrize("mode", MODES)
def test_what_only_logs_may_know_is_nowhere_in_the_document(mode: TokenDelivery) -> None:
    """A documented code that never comes tells an attacker what is told apart inside."""
    text = json.dumps(fragment(mode))
    assert not [code for code in INTERNAL_ONLY_CODES if code.value in text]
    assert '"422"' not in text


@pytest.mark.parametrize("mode", MODES)
def test_waiting_times_are_documented_where_they_are_sent(mode: TokenDelivery) -> None:
    """A client that does not know the header hammers on."""
    for _, found in operations(fragment(mode)):
        for status, answer in found["responses"].items():
            assert ("Retry-After" in answer.get("headers", {})) is (status in {"429", "503"})


@pytest.mark.parametrize("mode", MODES)
def test_a_delete_that_needs_a_body_points_elsewhere(mode: TokenDelivery) -> None:
    """Many generated clients silently drop the body of a DELETE."""
    document = fragment(mode)
    elsewhere = {
        "revoke_all_sessions": "/sessions/revoke-all",
        "unlink_identity": "/oauth/identities/{id}/unlink",
    }
    for name, path in elsewhere.items():
        found = operation(document, name)
        assert found.get("deprecated", False) is (mode is TokenDelivery.BEARER)
        assert (path in found["description"]) is (mode is TokenDelivery.BEARER)
    others = [name for name, other in operations(document) if "deprecated" in other]
    assert set(others) <= set(elsewhere)
