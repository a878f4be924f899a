"""What the description says about the bodies of requests."""

import re

from bymax_auth.services.addresses import is_usable_tenant_id
from tests.cheap import COST_OPTIONS
from tests.unit.http.openapi.documents import fragment


def test_request_schemas_state_every_rule_that_a_schema_can() -> None:
    """A form that is made from the document must not accept what the route refuses."""
    schemas = fragment()["components"]["schemas"]
    assert schemas["BymaxAuthRegisterRequest"] == {
        "type": "object",
        "description": "A new account.",
        "additionalProperties": False,
        "properties": {
            "email": {"type": "string", "format": "email", "maxLength": 255},
            "password": {
                "type": "string",
                "format": "password",
                "minLength": 15,
                "maxLength": 512,
                "description": "At most 128 characters once normalised to NFC.",
                "writeOnly": True,
            },
            "name": {"type": "string", "minLength": 2, "maxLength": 128, "pattern": "^[^\\u0000]*$"},
            "tenantId": {
                "type": "string",
                "minLength": 1,
                "maxLength": 128,
                "pattern": schemas["BymaxAuthLoginRequest"]["properties"]["tenantId"]["pattern"],
            },
        },
        "required": ["email", "password", "name", "tenantId"],
    }
    for name, schema in schemas.items():
        if name.endswith("Request"):
            assert schema["additionalProperties"] is False
            for field, rules in schema["properties"].items():
                secret = "assword" in field or "oken" in field or field in {"otp", "code"}
                assert rules.get("writeOnly", False) is secret
                assert (rules.get("format") == "password") is ("assword" in field)
                assert "maxLength" in rules


def test_the_pattern_of_a_tenant_is_the_rule_of_the_route() -> None:
    """A generated client sends a tenant of spaces, which its document allows and the route refuses."""
    rules = fragment()["components"]["schemas"]["BymaxAuthRegisterRequest"]["properties"]["tenantId"]
    for character in map(chr, range(0x3100)):
        for text in (character, f"{character} ", f" {character}", f"a{character}b"):
            matches = re.search(rules["pattern"], text) is not None
            assert matches is is_usable_tenant_id(text), ascii(text)


def test_a_new_password_has_the_length_that_the_engine_asks_for() -> None:
    """A form that is made from the document accepts a password that the route refuses."""
    document = fragment(password={"scrypt": COST_OPTIONS, "min_length": 21})
    lengths = {
        f"{name}.{field}": rules["minLength"]
        for name, schema in document["components"]["schemas"].items()
        for field, rules in schema.get("properties", {}).items()
        if rules.get("format") == "password"
    }
    assert lengths == {
        "BymaxAuthAcceptInvitationRequest.password": 21,
        "BymaxAuthChangeEmailRequest.currentPassword": 1,
        "BymaxAuthChangePasswordRequest.currentPassword": 1,
        "BymaxAuthChangePasswordRequest.newPassword": 21,
        "BymaxAuthIdentityChangeRequest.password": 1,
        "BymaxAuthLoginRequest.password": 1,
        "BymaxAuthMfaSetupRequest.password": 1,
        "BymaxAuthPlatformLoginRequest.password": 1,
        "BymaxAuthRegisterRequest.password": 21,
        "BymaxAuthResetPasswordRequest.newPassword": 21,
    }


def test_a_tenant_is_required_unless_the_server_resolves_it() -> None:
    """A generated client leaves it out, as the document allows, and every sign-in is refused."""

    class Tenants:
        async def resolve(self, _parts: object) -> str:
            return "acme"

    resolved = fragment(tenancy={"resolver": Tenants()})["components"]["schemas"]
    for name, schema in fragment()["components"]["schemas"].items():
        if name.endswith("Request") and "tenantId" in schema["properties"]:
            assert "tenantId" in schema["required"]
            assert schema["properties"]["tenantId"]["type"] == "string"
            assert "tenantId" not in resolved[name]["required"]
            assert resolved[name]["properties"]["tenantId"]["type"] == ["string", "null"]
