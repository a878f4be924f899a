"""A browser that signs in with a provider: what it sends, and what a host answers."""

from typing import Any
from urllib.parse import urlencode

from bymax_auth.ports.hooks import AuthHooks, Create, Link, OAuthDecision, Reject
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.oauth import OAuthProfile
from tests.integration.http.driver import Answer
from tests.integration.http.world import TENANT, World

__all__ = ["CLEARED", "FAILED", "PAGES", "ZOE", "Open", "arrive", "depart", "returned", "signed_in"]

ZOE = "zoe@example.com"
CLEARED = (
    "oauth_state=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax"
)
FAILED = b'{"error":{"code":"auth.oauth_failed","message":"OAuth authentication failed","details":null}}'
PAGES = {
    "success_redirect_url": "https://app.example.com/welcome?from=provider",
    "mfa_redirect_url": "/code",
    "error_redirect_url": "https://app.example.com/sign-in#form",
}


class Open(AuthHooks):
    """Lets everybody in who is known, and creates everybody else."""

    def __init__(self, newcomer: Create | None = None) -> None:
        self.newcomer = newcomer or Create()

    async def on_oauth_login(self, profile: OAuthProfile, existing_user: Any, context: Any) -> OAuthDecision:
        if profile.provider_id == "unwelcome":
            return Reject()
        return self.newcomer if existing_user is None else Link()


async def depart(world: World, name: str = "memory", query: str = f"tenantId={TENANT}") -> Answer:
    return await world.driver.call("GET", f"/oauth/{name}", query=query.encode())


async def arrive(
    world: World, given: dict[str, str], cookies: dict[str, str] | None, name: str = "memory", **more: Any
) -> Answer:
    query = urlencode(given).encode()
    answer = await world.driver.call("GET", f"/oauth/{name}/callback", query=query, cookies=cookies, **more)
    await world.engine.drain()
    return answer


async def returned(
    world: World, email: str = ZOE, provider: InMemoryOAuthProvider | None = None, **person: Any
) -> tuple[dict[str, str], dict[str, str]]:
    """What a browser brings back, and its cookie."""
    chosen = provider or world.provider
    left = await depart(world, chosen.name)
    assert left.status == 302
    url = left.header("location")
    assert url is not None
    return chosen.sign_in(url, email=email, **person), left.cookies


async def signed_in(world: World, email: str = ZOE, **person: Any) -> Answer:
    return await arrive(world, *await returned(world, email, **person))
