"""Providers that answer what they must not, seen from the browser: one refusal, and an account for nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc.jwk import RSAKey

from bymax_auth.ports.events import OAuthProviderFailed
from bymax_auth.ports.hooks import Create
from bymax_auth.ports.http import HttpRequest, HttpResponse, HttpTimeout
from bymax_auth.providers.oauth.oidc import OidcProvider
from bymax_auth.testing import FakeClock
from tests.integration.http.providers import CLEARED, FAILED, Open, arrive, depart
from tests.integration.http.world import TENANT, World, a_world, user
from tests.integration.keeping import KEPT_KINDS
from tests.long import pairs
from tests.servers.scripted_provider import CLIENT_ID, NOW, Answer, ScriptedProvider

KEY, FOREIGN_KEY = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
ERROR_PAGE = "https://app.example.com/sign-in"
ADA = "ada@example.com"


@dataclass
class Scene:
    """A provider that is about to answer, and what its answer is made of."""

    server: ScriptedProvider
    brought: dict[str, str]
    token: str | None = None
    """Instead of the one that the provider signs."""

    def answers(self, path: str, answer: Answer) -> None:
        self.server.answers[f"{self.server.issuer}{path}"] = answer


Hostile = Callable[[Scene], None]


def claims(**changed: Any) -> Hostile:
    def change(scene: Scene) -> None:
        scene.server.claims |= changed

    return change


def header(**changed: Any) -> Hostile:
    def change(scene: Scene) -> None:
        scene.server.header = changed

    return change


def answering(path: str, answer: Answer) -> Hostile:
    return lambda scene: scene.answers(path, answer)


def without_nonce(scene: Scene) -> None:
    scene.server.without = ("nonce",)


def signed_by_another(scene: Scene) -> None:
    scene.server.key = FOREIGN_KEY


def another_person_at_userinfo(scene: Scene) -> None:
    scene.server.without = ("email",)
    person = {"sub": "somebody-else", "email": "eve@example.com", "email_verified": True}
    scene.answers("/userinfo", Answer(person))


def mixed_up(scene: Scene) -> None:
    scene.brought["iss"] = "https://another.example"


def down(scene: Scene) -> None:
    scene.server.answers.clear()


TOO_LARGE = Answer(b'{"access_token":"' + b"a" * 1_048_577)
ELSEWHERE = Answer(b"", status=302, headers=((b"location", b"https://evil.example/token"),))

HOSTILE: dict[str, tuple[Hostile, str]] = {
    "another issuer": (claims(iss="https://another.example"), "id_token"),
    "audiences without us": (claims(aud=["another", "a-third"]), "id_token"),
    "azp of another": (claims(azp="another"), "id_token"),
    "expired": (claims(exp=NOW.timestamp() - 61), "id_token"),
    "not valid yet": (claims(nbf=NOW.timestamp() + 61), "id_token"),
    "no nonce": (without_nonce, "id_token"),
    "another nonce": (claims(nonce="of another sign-in"), "id_token"),
    "alg none": (header(alg="none"), "id_token"),
    "HS256 with the public key": (header(alg="HS256"), "id_token"),
    "an unknown key": (header(kid="unknown"), "id_token"),
    "a key of another provider": (signed_by_another, "id_token"),
    "another person at userinfo": (another_person_at_userinfo, "id_token"),
    "too large": (answering("/token", TOO_LARGE), "transport"),
    "cut off": (answering("/token", Answer(b'{"access_token":"a","token_ty')), "decode"),
    "redirecting": (answering("/token", ELSEWHERE), "http"),
    "mixed up with another": (mixed_up, "issuer"),
    "down": (down, "http"),
}


class Hanging:
    """A client whose provider takes longer than it waits."""

    async def send(self, _request: HttpRequest) -> HttpResponse:
        raise HttpTimeout


def provider_of(server: ScriptedProvider, client: Any = None) -> OidcProvider:
    return OidcProvider(
        issuer=server.issuer,
        client_id=CLIENT_ID,
        client_secret="hush: a client's secret",
        redirect_uri="https://app.example.com/auth/oauth/oidc/callback",
        http_client=client or server.client,
        clock=FakeClock(NOW),
    )


async def returned(world: World, server: ScriptedProvider) -> tuple[Scene, dict[str, str]]:
    """What the provider is about to answer to a browser that comes back, and the browser's cookies."""
    left = await depart(world, "oidc")
    sent = dict(parse_qsl(urlsplit(left.header("location") or "").query))
    server.claims = {"nonce": sent["nonce"]}
    return Scene(server, {"code": "the-code", "state": sent["state"]}), left.cookies


async def came_back(world: World, scene: Scene, cookies: dict[str, str]) -> Any:
    tokens = {"access_token": "access", "token_type": "Bearer", "id_token": scene.server.id_token()}
    scene.server.answers.setdefault(f"{scene.server.issuer}/token", Answer(tokens))
    return await arrive(world, scene.brought, cookies, "oidc")


async def test_somebody_signs_in_with_what_the_rest_differs_from() -> None:
    """A test of refusals alone passes where everybody is refused."""
    server = ScriptedProvider(key=KEY)
    async with a_world(hooks=Open(), accounts=(), oauth_providers=(provider_of(server),)) as world:
        scene, cookies = await returned(world, server)
        answer = await came_back(world, scene, cookies)
        assert answer.status == 200, answer.body
        assert await world.users.find_by_email(ADA, tenant_id=TENANT) is not None


@pytest.mark.parametrize(("said", "kept"), pairs(list(HOSTILE), KEPT_KINDS), indirect=["kept"])
async def test_a_hostile_answer_is_a_page_and_makes_no_account(said: str) -> None:
    """Somebody else would be signed in, or the person would look at an error of the server."""
    change, kind = HOSTILE[said]
    server = ScriptedProvider(key=KEY)
    async with a_world(
        hooks=Open(),
        accounts=(),
        oauth_providers=(provider_of(server),),
        oauth={"error_redirect_url": ERROR_PAGE},
    ) as world:
        scene, cookies = await returned(world, server)
        change(scene)
        answer = await came_back(world, scene, cookies)
        assert (answer.status, answer.header("location")) == (302, f"{ERROR_PAGE}?error=oauth_failed")
        assert answer.all("set-cookie") == [CLEARED]
        for email in (ADA, "eve@example.com"):
            assert await world.users.find_by_email(email, tenant_id=TENANT) is None
        assert [event.kind for event in world.events.of(OAuthProviderFailed)] == [kind]


@pytest.mark.parametrize("why", ["another issuer", "an impossible port", "slow"])
async def test_metadata_that_cannot_be_used_sends_nobody_away(why: str) -> None:
    """The browser would be sent to whoever wrote it, or wait for a page that never comes."""
    server = ScriptedProvider(key=KEY)
    changes = {
        "another issuer": {"issuer": "https://another.example"},
        "an impossible port": {"authorization_endpoint": "https://id.example.com:99999/authorize"},
        "slow": {},
    }
    server.answers[f"{server.issuer}/.well-known/openid-configuration"] = Answer(
        server.metadata(**changes[why])
    )
    provider = provider_of(server, Hanging() if why == "slow" else None)
    async with a_world(hooks=Open(), oauth_providers=(provider,)) as world:
        answer = await depart(world, "oidc")
        assert (answer.status, answer.body, answer.all("set-cookie")) == (401, FAILED, [])
        expected = {"another issuer": "issuer", "an impossible port": "decode", "slow": "transport"}
        assert [event.kind for event in world.events.of(OAuthProviderFailed)] == [expected[why]]


@pytest.mark.parametrize("said", [{"email_verified": False}, {}], ids=["unverified", "not said"])
async def test_an_address_that_the_provider_does_not_assert_takes_no_account(said: dict[str, bool]) -> None:
    """Whoever types an address at a provider would be its owner here."""
    server = ScriptedProvider(key=KEY)
    owner = user(email=ADA, email_verified=False)
    async with a_world(
        hooks=Open(Create(reclaim=True)), accounts=(owner,), oauth_providers=(provider_of(server),)
    ) as world:
        scene, cookies = await returned(world, server)
        server.claims |= said
        server.without = () if said else ("email_verified",)
        scene.answers("/userinfo", Answer({"sub": "248289761001"}))
        answer = await came_back(world, scene, cookies)
        assert (answer.status, answer.code) == (409, "auth.oauth_email_mismatch")
        assert answer.all("set-cookie") == [CLEARED]
        assert await world.users.find_by_email(ADA, tenant_id=TENANT) == owner
