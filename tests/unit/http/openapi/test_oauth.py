"""How sign-in with a provider is described."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from bymax_auth.config.resolvers import StaticTenantResolver
from tests.unit.http.openapi.documents import fragment

FORM = "application/x-www-form-urlencoded"


def operation(method: str, path: str, **overrides: Any) -> Any:
    return fragment(**overrides)["paths"][f"/auth{path}"][method]


def test_a_departure_is_a_redirect_that_names_a_tenant_where_it_must() -> None:
    """A generated link would be refused, or name what nobody reads."""
    found = operation("get", "/oauth/{provider}")
    provider, tenant = found["parameters"]
    assert (provider["in"], provider["schema"]["pattern"]) == ("path", "^[a-z0-9-]{1,64}$")
    assert (tenant["name"], tenant["in"], tenant["required"], tenant["schema"]["type"]) == (
        "tenantId",
        "query",
        True,
        "string",
    )
    assert "requestBody" not in found
    assert found["responses"]["302"]["headers"]["Location"]
    assert {"400", "401", "403", "429"} < set(found["responses"])
    resolved = operation("get", "/oauth/{provider}", tenancy={"resolver": StaticTenantResolver("acme")})
    [_, optional] = resolved["parameters"]
    assert (optional["required"], optional["schema"]["type"]) == (False, "string")


def test_a_return_is_a_session_a_challenge_or_a_page_where_there_is_one() -> None:
    """A client would not expect what it gets."""
    found = operation("get", "/oauth/{provider}/callback")
    names = [parameter["name"] for parameter in found["parameters"]]
    assert names == [
        "provider",
        "state",
        "code",
        "error",
        "error_description",
        "error_uri",
        "iss",
        "scope",
        "authuser",
        "prompt",
        "hd",
    ]
    assert [parameter["name"] for parameter in found["parameters"] if parameter["required"]] == names[:2]
    body = found["responses"]["200"]["content"]["application/json"]["schema"]
    assert [one["$ref"].rpartition("/")[2] for one in body["anyOf"]] == [
        "BymaxAuthSession",
        "BymaxAuthMfaChallengeResult",
        "BymaxAuthIdentityInfo",
    ]
    assert {"401", "403", "409", "429"} < set(found["responses"])
    assert "302" not in found["responses"]
    for page in ("success_redirect_url", "link_redirect_url", "mfa_redirect_url", "error_redirect_url"):
        paged = operation("get", "/oauth/{provider}/callback", oauth={page: "/page"})
        assert paged["responses"]["302"]["headers"]["Location"]


def test_a_form_is_described_as_one() -> None:
    """A description of a provider's request would say JSON, and that its site must be trusted."""
    found = operation("post", "/oauth/{provider}/callback")
    assert list(found["requestBody"]["content"]) == [FORM]
    schema = fragment()["components"]["schemas"]["BymaxAuthOAuthForm"]
    assert schema["required"] == ["state"]
    assert "303" in found["responses"]
    assert "403" not in found["responses"]


@pytest.mark.parametrize("overrides", [{}, {"oauth": {"error_redirect_url": "/e"}}])
def test_the_description_is_a_valid_document(overrides: dict[str, Any]) -> None:
    """A generator would refuse all of it."""
    validate({"openapi": "3.1.0", "info": {"title": "host", "version": "1"}, **fragment(**overrides)})


def test_a_posted_form_may_have_further_texts_but_no_lists() -> None:
    """A list would be written as a parameter that is repeated, which is refused."""
    form = fragment()["components"]["schemas"]["BymaxAuthOAuthForm"]

    assert form["additionalProperties"] == {"type": "string"}
