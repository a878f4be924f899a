"""Sign-in with Microsoft: the token's own tenant, and an address that nobody could have made up."""

from typing import Any

import pytest

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.microsoft import MicrosoftProvider
from bymax_auth.testing import FakeClock
from bymax_auth.types.oauth import CallbackParameters, OAuthProfile
from tests.servers.scripted_provider import CLIENT_ID, NONCE, NOW, Answer, ScriptedProvider
from tests.unit.providers.oauth.sign_ins import (
    CALLBACK,
    KEY,
    REDIRECT_URI,
    REQUEST,
    SECRET,
    VERIFIER,
    tokens_with,
)

AUTHORITY = "https://login.microsoftonline.com"
TENANT = "0a1b2c3d-1111-2222-3333-444455556666"
OTHER = "ffffffff-1111-2222-3333-444455556666"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"


def issuer_of(tenant: str) -> str:
    return f"{AUTHORITY}/{tenant}/v2.0"


def server_of(tenant: str, **key: Any) -> ScriptedProvider:
    """Microsoft, as the metadata of this tenant describes it."""
    issuer = issuer_of("{tenantid}" if tenant in {"common", "organizations"} else tenant)
    server = ScriptedProvider(issuer=AUTHORITY, key=KEY)
    metadata = server.metadata(issuer=issuer)
    server.answers[f"{issuer_of(tenant)}/.well-known/openid-configuration"] = Answer(metadata)
    server.answers[f"{AUTHORITY}/jwks"] = Answer(server.key_set(**key))
    server.answers[f"{AUTHORITY}/token"] = Answer({"access_token": "a", "token_type": "Bearer"})
    server.claims = {"iss": issuer_of(TENANT), "tid": TENANT}
    server.without = ("email_verified",)
    return server


def provider(server: ScriptedProvider, tenant: str, **more: Any) -> MicrosoftProvider:
    return MicrosoftProvider(
        tenant=tenant,
        client_id=CLIENT_ID,
        client_secret=SECRET,
        redirect_uri=REDIRECT_URI,
        http_client=server.client,
        clock=FakeClock(NOW),
        **more,
    )


async def failure(server: ScriptedProvider, tenant: str) -> ProviderFailure:
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server, tenant).fetch_profile(tokens_with(server.id_token()), nonce=NONCE)
    return refusal.value.kind


@pytest.mark.parametrize("tenant", [TENANT, "organizations", "common"])
async def test_somebody_of_the_directory_signs_in(tenant: str) -> None:
    """By tenant and subject, which together never pass to somebody else."""
    server = server_of(tenant)
    own = provider(server, tenant.upper() if tenant == TENANT else tenant)
    assert (await own.authorize_url(REQUEST)).startswith(f"{AUTHORITY}/authorize?")
    assert (await own.exchange_code(CALLBACK, VERIFIER)).access_token == "a"
    found = await own.fetch_profile(tokens_with(server.id_token()), nonce=NONCE)
    assert found == OAuthProfile(
        provider="microsoft",
        provider_id=f"{TENANT}:248289761001",
        email="ada@example.com",
        email_verified=False,
        name="Ada Lovelace",
    )


async def test_personal_accounts_are_one_tenant() -> None:
    """It has a name in addresses, and another one in tokens."""
    server = server_of(PERSONAL)
    server.claims = {"iss": issuer_of(PERSONAL), "tid": PERSONAL, "xms_edov": True}
    found = await provider(server, "consumers").fetch_profile(tokens_with(server.id_token()), nonce=NONCE)
    assert (found.provider_id, found.email_verified) == (f"{PERSONAL}:248289761001", True)


@pytest.mark.parametrize(
    ("tenant", "claims", "verified"),
    [
        (TENANT, {"xms_edov": True}, True),
        ("common", {"xms_edov": True}, True),
        (TENANT, {"email_verified": True}, True),
        ("common", {"email_verified": True}, False),
        ("organizations", {"email_verified": True}, False),
        (TENANT, {"xms_edov": False, "email_verified": False}, False),
        (TENANT, {"xms_edov": "true"}, False),
        (TENANT, {"xms_edov": 1}, False),
        (TENANT, {"email_verified": "true"}, False),
    ],
)
async def test_an_address_is_verified_only_by_whom_it_belongs_to(
    tenant: str, claims: dict[str, Any], verified: bool
) -> None:
    """The administrator of any directory writes any address into it, and takes over that account."""
    server = server_of(tenant)
    server.claims |= claims
    server.without = () if "email_verified" in claims else ("email_verified",)
    found = await provider(server, tenant).fetch_profile(tokens_with(server.id_token()), nonce=NONCE)
    assert found.email_verified is verified


FOREIGN: dict[str, tuple[str, dict[str, Any]]] = {
    "another tenant": (TENANT, {"iss": issuer_of(OTHER), "tid": OTHER}),
    "the issuer of another tenant": ("common", {"iss": issuer_of(OTHER)}),
    "the template itself": ("common", {"iss": issuer_of("{tenantid}"), "tid": "{tenantid}"}),
    "its own issuer and another tenant": (TENANT, {"tid": OTHER}),
    "no tenant": ("common", {"tid": None}),
    "a tenant that is no identifier": ("common", {"iss": issuer_of("evil"), "tid": "evil"}),
    "a tenant that is a path": ("common", {"iss": f"{AUTHORITY}/a/b/v2.0", "tid": "a/b"}),
    "a personal account": ("organizations", {"iss": issuer_of(PERSONAL), "tid": PERSONAL}),
    "version 1": (TENANT, {"iss": f"https://sts.windows.net/{TENANT}/"}),
}


@pytest.mark.parametrize(("tenant", "claims"), FOREIGN.values(), ids=FOREIGN)
async def test_a_token_of_another_tenant_is_refused(tenant: str, claims: dict[str, Any]) -> None:
    """Whoever may create a directory may sign in as anybody in it."""
    server = server_of(tenant)
    server.claims |= claims
    assert await failure(server, tenant) is ProviderFailure.ID_TOKEN


@pytest.mark.parametrize(
    ("issuer", "accepted"),
    [
        (issuer_of("{tenantid}"), True),
        (issuer_of(TENANT), True),
        (issuer_of(OTHER), False),
        (issuer_of(PERSONAL), False),
        ([issuer_of(TENANT)], False),
    ],
)
async def test_a_key_signs_for_its_own_issuer_alone(issuer: Any, accepted: bool) -> None:
    """Some of Microsoft's keys are for personal accounts, and must not sign for a company."""
    server = server_of("common", issuer=issuer)
    if accepted:
        assert await provider(server, "common").fetch_profile(tokens_with(server.id_token()), nonce=NONCE)
    else:
        assert await failure(server, "common") is ProviderFailure.ID_TOKEN


@pytest.mark.parametrize(
    ("tenant", "issuer", "accepted"),
    [
        (TENANT, issuer_of(TENANT), True),
        (TENANT, issuer_of(OTHER), False),
        ("common", issuer_of(TENANT), True),
        ("common", issuer_of(OTHER), False),
        ("organizations", issuer_of(OTHER), False),
        ("common", issuer_of("{tenantid}"), True),
        ("common", f"{AUTHORITY}/evil/v2.0", False),
        ("common", "https://evil.example", False),
    ],
)
async def test_a_callback_is_from_microsoft(tenant: str, issuer: str, accepted: bool) -> None:
    """With many tenants, from the one of the token; never from somebody else."""
    server = server_of(tenant)
    answer = {"access_token": "a", "token_type": "Bearer", "id_token": server.id_token()}
    server.answers[f"{AUTHORITY}/token"] = Answer(answer)
    callback = CallbackParameters(code="c", issuer=issuer)
    if accepted:
        assert await provider(server, tenant).exchange_code(callback, VERIFIER)
    else:
        with pytest.raises(OAuthProviderError) as refusal:
            await provider(server, tenant).exchange_code(callback, VERIFIER)
        assert refusal.value.kind is ProviderFailure.ISSUER


async def test_a_callback_of_a_tenant_needs_a_token_of_that_tenant() -> None:
    """A token that cannot be read names no tenant."""
    server = server_of("common")
    callback = CallbackParameters(code="c", issuer=issuer_of(TENANT))
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server, "common").exchange_code(callback, VERIFIER)
    assert refusal.value.kind is ProviderFailure.ID_TOKEN


async def test_metadata_of_another_tenant_is_refused() -> None:
    """A tenant that was given up, or mistyped."""
    server = server_of(TENANT)
    server.answers[f"{issuer_of(TENANT)}/.well-known/openid-configuration"] = Answer(
        server.metadata(issuer=issuer_of(OTHER))
    )
    with pytest.raises(OAuthProviderError) as refusal:
        await provider(server, TENANT).authorize_url(REQUEST)
    assert refusal.value.kind is ProviderFailure.ISSUER


@pytest.mark.parametrize(
    "options",
    [
        {"tenant": "contoso.onmicrosoft.com"},
        {"tenant": ""},
        {"tenant": "{tenantid}"},
        {"authority": "http://login.example.com"},
        {"authority": "https://login.example.com?a=b"},
        {"scope": ("email",)},
    ],
)
def test_a_registration_that_cannot_work_is_refused_at_start(options: dict[str, Any]) -> None:
    """A directory's name is not what its tokens say."""
    with pytest.raises(ValueError, match=r"tenant|authority|openid"):
        provider(server_of(TENANT), **{"tenant": TENANT, **options})
