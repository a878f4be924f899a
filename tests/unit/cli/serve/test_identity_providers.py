"""Providers of identities of a service, which the environment alone describes."""

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from bymax_auth.cli.problems import Problems
from bymax_auth.cli.serve.admission import Admission, ProviderHooks
from bymax_auth.cli.serve.identity_providers import IdentityProviders
from bymax_auth.cli.serve.provider_kinds import KINDS, OPENID, ProviderKind
from bymax_auth.cli.serve.settings import ServeSettings
from bymax_auth.config import AuthConfig
from bymax_auth.ports.hooks import Create, HookContext, Link, Reject
from bymax_auth.types.account import SafeAuthUser
from bymax_auth.types.oauth import AuthorizationRequest, OAuthProfile

REQUEST = AuthorizationRequest(state="5" * 64, code_challenge="c" * 43, nonce="n" * 43)
SECRET = "hunter2-of-the-provider"
KEY = ECKey.generate_key("P-256").as_pem(private=True).decode()
SPECIAL = {
    "ISSUER": "https://id.example.com",
    "DOMAIN": "id.example.com",
    "REALM": "people",
    "TENANT": "0a1b2c3d-1111-2222-3333-444455556666",
    "TEAM_ID": "A1B2C3D4E5",
    "KEY_ID": "F6G7H8J9K0",
    "PRIVATE_KEY": KEY.replace("\n", "\\n"),
}
EVERY = [*KINDS.items(), ("ACME_2", OPENID)]
LEADS_TO = {
    "APPLE": "https://appleid.apple.com/auth/authorize?",
    "DISCORD": "https://discord.com/oauth2/authorize?",
    "FACEBOOK": "https://www.facebook.com/v25.0/dialog/oauth?",
    "GITHUB": "https://github.com/login/oauth/authorize?",
    "SPOTIFY": "https://accounts.spotify.com/authorize?",
}
"""The providers whose address is not looked up first."""


def config(**options: Any) -> AuthConfig:
    return AuthConfig.nest_compat_defaults(environment="production", **options)


def needs(kind: ProviderKind) -> tuple[str, ...]:
    return (*kind.required, *(["PRIVATE_KEY"] if "PRIVATE_KEY" in kind.fields else []))


def described(group: str, kind: ProviderKind) -> dict[str, str]:
    """Every variable that the provider needs."""
    name = group.lower().replace("_", "-")
    callback = f"https://app.example.com/auth/oauth/{name}/callback"
    texts = {"CLIENT_ID": "the-application", "CLIENT_SECRET": SECRET, "CALLBACK_URL": callback, **SPECIAL}
    return {f"BYMAX_AUTH_OAUTH__{group}__{field}": texts[field] for field in needs(kind)}


def read(variables: dict[str, str], given: AuthConfig | None = None) -> tuple[IdentityProviders, list[str]]:
    problems = Problems()
    providers = IdentityProviders.in_part(variables, given or config(), problems)
    assert not any(secret in text for text in problems.texts for secret in (SECRET, KEY[30:60]))
    return providers, list(problems.texts)


@pytest.mark.parametrize(("group", "kind"), EVERY, ids=[group for group, _ in EVERY])
async def test_a_provider_is_described_by_variables_alone(group: str, kind: ProviderKind) -> None:
    """The operator has set what the guide lists, and the service has no such provider."""
    providers, problems = read(described(group, kind))
    name = group.lower().replace("_", "-")
    assert (problems, providers.names) == ([], (name,))
    (built,) = providers.built
    assert built.name == name
    if group in LEADS_TO:
        assert (await built.authorize_url(REQUEST)).startswith(LEADS_TO[group])


@pytest.mark.parametrize(("group", "kind"), EVERY, ids=[group for group, _ in EVERY])
def test_every_missing_variable_is_named_with_an_example(group: str, kind: ProviderKind) -> None:
    """An operator starts the service once for each variable that it needs, and guesses what belongs there."""
    whole = described(group, kind)
    for missing in [*combinations(whole, 1), *combinations(whole, len(whole) - 1)]:
        providers, problems = read({name: text for name, text in whole.items() if name not in missing})
        assert providers.built == ()
        said = [text for text in problems if "is not set" in text]
        assert said == problems
        for name in missing:
            assert sum(name in text and "Example: " in text for text in problems) == 1, problems
        assert len(problems) == len(missing)


def test_all_providers_together_are_one_report() -> None:
    """The first provider with a mistake hides those of the others."""
    whole = {name: text for group, kind in EVERY for name, text in described(group, kind).items()}
    providers, problems = read(whole)
    assert (len(providers.built), problems) == (len(EVERY), [])
    ids = {name: text for name, text in whole.items() if name.endswith("__CLIENT_ID")}
    # The one of no known name is missing its issuer, and is taken for none of the others.
    providers, problems = read(ids)
    assert (providers.built, len(providers.names)) == ((), len(EVERY))
    assert len(problems) == len(whole) - len(ids)


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("OKTA__DOMIAN", "x", "OKTA__DOMIAN is unknown. Known: BYMAX_AUTH_OAUTH__OKTA__[CALLBACK_URL | "),
        ("OKTA__DOMAIN", "https://example.okta.com/", "OKTA__DOMAIN: The domain of okta must be without"),
        ("KEYCLOAK__REALM", "a b", "KEYCLOAK__REALM: The realm of keycloak must be"),
        ("MICROSOFT__TENANT", "contoso.onmicrosoft.com", "MICROSOFT__TENANT: The tenant must be"),
        ("ACME_2__ISSUER", "http://127.0.0.1:9000", "ACME_2__ISSUER: The issuer of acme-2 must be an https"),
        ("APPLE__PRIVATE_KEY", "no key", "APPLE__PRIVATE_KEY: "),
        (
            "APPLE__PRIVATE_KEY_FILE",
            "/nowhere",
            "APPLE__PRIVATE_KEY and BYMAX_AUTH_OAUTH__APPLE__",
        ),
        ("GITHUB__CALLBACK_URL", "http://localhost:8000/cb", "GITHUB__CALLBACK_URL must be an https"),
        (
            "GITHUB__CALLBACK_URL",
            "https://app.example.com/cb#x",
            "GITHUB__CALLBACK_URL must be an https",
        ),
        ("GITHUB__CALLBACK_URL", "https://evil.example/cb", "GITHUB__CALLBACK_URL goes to a host"),
        ("GITHUB__SCOPE", '["a b"]', "GITHUB__SCOPE must be a list: read:user,user:email"),
        ("GITHUB__SCOPE", "[", "GITHUB__SCOPE must be a list: read:user,user:email"),
        ("GITLAB__SCOPE", "email", "GITLAB__SCOPE must have openid. Example: openid,email,profile"),
        (
            "GITHUB__CLIENT_SECRET",
            f"{SECRET}\n{SECRET}",
            "GITHUB__CLIENT_SECRET contains a control",
        ),
        ("github__client_id", "x", "github__client_id must be in upper case: BYMAX_AUTH_OAUTH__GITHUB__CLI"),
        ("A.B__ISSUER", "https://id.example.com", "A.B__ISSUER: the name of a provider is 1 to 64 of"),
        ("GOGLE__SCOPE", "openid", "GOGLE__ISSUER is not set. Example: https://id.example.com"),
    ],
)
def test_a_variable_that_is_wrong_is_named_with_what_belongs_there(field: str, text: str, said: str) -> None:
    """The service starts without a provider that somebody asked for, or ends in a traceback."""
    whole = {name: value for group, kind in EVERY for name, value in described(group, kind).items()}
    given = config(oauth={"redirect_allowlist": ["app.example.com"]})
    _, problems = read(whole | {f"BYMAX_AUTH_OAUTH__{field}": text}, given)
    assert problems[0].startswith(f"BYMAX_AUTH_OAUTH__{said}")
    assert all(
        re.search(r"[Ee]xample: |Known: |must be a list|upper case|control|both", one) for one in problems
    )


def test_a_mistyped_name_lists_those_that_are_known() -> None:
    """The operator is told of an issuer, and has never heard of one."""
    _, problems = read({"BYMAX_AUTH_OAUTH__GITHAB__CLIENT_ID": "x"})
    assert "a provider has one of these names: GOOGLE, APPLE, AUTH0, DISCORD, FACEBOOK, " in problems[0]


def test_the_key_of_apple_may_be_a_file(tmp_path: Path) -> None:
    """An orchestrator mounts it as one."""
    file = tmp_path / "AuthKey.p8"
    file.write_text(KEY)
    variables = described("APPLE", KINDS["APPLE"])
    del variables["BYMAX_AUTH_OAUTH__APPLE__PRIVATE_KEY"]
    providers, problems = read(variables | {"BYMAX_AUTH_OAUTH__APPLE__PRIVATE_KEY_FILE": str(file)})
    assert (len(providers.built), problems) == (1, [])
    _, problems = read(variables | {"BYMAX_AUTH_OAUTH__APPLE__PRIVATE_KEY_FILE": str(tmp_path)})
    assert problems[0].startswith(
        "BYMAX_AUTH_OAUTH__APPLE__PRIVATE_KEY_FILE names a file that cannot be read."
    )


def test_on_this_machine_no_tls_is_needed_outside_production() -> None:
    """A developer needs a certificate to try the service against a provider of their own."""
    variables = described("ACME_2", OPENID) | {
        "BYMAX_AUTH_OAUTH__ACME_2__ISSUER": "http://127.0.0.1:9000",
        "BYMAX_AUTH_OAUTH__ACME_2__CALLBACK_URL": "http://localhost:8000/auth/oauth/acme-2/callback",
    }
    given = config().model_copy(update={"environment": "development"})
    assert read(variables, given)[1] == []


def test_what_is_empty_or_of_the_library_is_no_provider() -> None:
    """A file of variables that lists each of them, with nothing after the sign, describes a provider."""
    variables = {"BYMAX_AUTH_OAUTH__GITHUB__CLIENT_ID": " ", "BYMAX_AUTH_OAUTH__GOOGLE__CLIENT_ID": "x"}
    assert read(variables) == (IdentityProviders(), [])


def person(email: str, *, verified: bool = True) -> OAuthProfile:
    return OAuthProfile(provider="acme", provider_id="1", email=email, email_verified=verified)


@pytest.mark.parametrize(
    ("variables", "who", "known", "decision"),
    [
        ({}, person("ana@example.com", verified=False), False, Create),
        ({}, person("ana@example.com"), True, Link),
        ({"OAUTH_SIGN_UP": "false"}, person("ana@example.com"), False, Reject),
        ({"OAUTH_SIGN_UP": "false"}, person("ana@example.com"), True, Link),
        ({"OAUTH_DOMAINS": "example.org,example.com"}, person("ana@example.com"), False, Create),
        ({"OAUTH_DOMAINS": '["example.com"]'}, person("ana@example.com", verified=False), False, Reject),
        ({"OAUTH_DOMAINS": "example.com"}, person("ana@sub.example.com"), False, Reject),
        ({"OAUTH_DOMAINS": "example.com"}, person("ana@example.com@evil.example"), True, Reject),
    ],
)
async def test_two_variables_say_whom_a_provider_may_bring(
    variables: dict[str, str], who: OAuthProfile, known: bool, decision: type
) -> None:
    """Everybody in the world gets an account of a company, or its own people are refused."""
    settings = ServeSettings.from_env({f"BYMAX_AUTH_SERVE__{name}": text for name, text in variables.items()})
    existing = SafeAuthUser.model_construct() if known else None
    hooks = ProviderHooks(settings.admission)
    assert type(await hooks.on_oauth_login(who, existing, HookContext())) is decision


@pytest.mark.parametrize(("variables", "reclaims"), [({}, False), ({"OAUTH_RECLAIM": "true"}, True)])
async def test_an_account_is_given_away_only_where_a_variable_says_so(
    variables: dict[str, str], reclaims: bool
) -> None:
    """What other services keep under the account's id passes to somebody else unasked."""
    settings = ServeSettings.from_env({f"BYMAX_AUTH_SERVE__{name}": text for name, text in variables.items()})
    hooks = ProviderHooks(settings.admission)
    decision = await hooks.on_oauth_login(person("ana@example.com"), None, HookContext())
    assert decision == Create(reclaim=reclaims)


@pytest.mark.parametrize("text", ["@example.com", "EXAMPLE.com", "localhost", "[1]", "a b.example"])
def test_a_domain_that_no_address_has_is_refused(text: str) -> None:
    """Nobody can sign in, and nothing says why."""
    problems = Problems()
    settings = ServeSettings.in_part({"BYMAX_AUTH_SERVE__OAUTH_DOMAINS": text}, problems)
    assert problems.texts == (
        "BYMAX_AUTH_SERVE__OAUTH_DOMAINS must be a list of domains: example.com,example.org",
    )
    assert settings.admission == Admission()
