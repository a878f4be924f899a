"""People who sign in with a provider: a world with one, a host that lets them in, and a squatter."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import pytest

from bymax_auth.errors import AuthError, InvalidCredentials, RefreshTokenInvalid, TokenInvalid
from bymax_auth.ports.hooks import Create, HookContext, Link, OAuthDecision
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.account import AuthUser, SafeAuthUser
from bymax_auth.types.inputs import LoginInput, RegisterInput
from bymax_auth.types.oauth import OAuthProfile
from bymax_auth.types.results import AuthResult, MfaChallengeResult, OAuthRedirect
from tests.integration.flows.world import CONTEXT, PASSWORD, TENANT, RecordingHooks, World, build_world

__all__ = [
    "REGISTRATION",
    "STRANGER",
    "ZOE",
    "Doorkeeper",
    "Return",
    "account_of",
    "arrive",
    "depart",
    "deployment",
    "ended",
    "keeps_out",
    "refused",
    "returned",
    "sessions_of",
    "signed_in",
    "squatted",
    "world_of",
]

ZOE = "zoe@example.com"
Outcome = AuthResult | MfaChallengeResult


class Doorkeeper(RecordingHooks):
    """Links who is known and creates who is not, unless it is told otherwise."""

    def __init__(
        self, decision: OAuthDecision | Exception | None = None, *, newcomer: Create | None = None
    ) -> None:
        super().__init__()
        self.decision: Any = decision
        self.newcomer = newcomer or Create()

    async def on_oauth_login(
        self, profile: OAuthProfile, existing_user: SafeAuthUser | None, context: HookContext
    ) -> OAuthDecision:
        self.told.append(("on_oauth_login", (profile, existing_user, context)))
        if isinstance(self.decision, Exception):
            raise self.decision
        if self.decision is None:
            return self.newcomer if existing_user is None else Link()
        answer: OAuthDecision = self.decision
        return answer


def world_of(provider: InMemoryOAuthProvider, *others: InMemoryOAuthProvider, **overrides: Any) -> World:
    """A world with providers, whose host lets everybody in."""
    overrides.setdefault("hooks", Doorkeeper())
    world = build_world(oauth_providers=(provider, *others), **overrides)
    world.hooks = overrides["hooks"]
    return world


@dataclass(frozen=True)
class Return:
    """A browser that is back from the provider."""

    code: str
    state: str
    cookie: str | None


async def depart(world: World, name: str = "memory") -> OAuthRedirect:
    return await world.engine.oauth_initiate(name, TENANT, CONTEXT)


async def arrive(world: World, back: Return, name: str = "memory", **changes: Any) -> Outcome:
    given = {"code": back.code, "state": back.state, "state_cookie": back.cookie, **changes}
    return await world.engine.oauth_callback(name, context=CONTEXT, **given)


async def returned(world: World, provider: InMemoryOAuthProvider, email: str = ZOE, **person: Any) -> Return:
    redirect = await depart(world, provider.name)
    brought = provider.sign_in(redirect.authorize_url, email=email, **person)
    return Return(brought["code"], brought["state"], redirect.state)


async def signed_in(
    world: World, provider: InMemoryOAuthProvider, email: str = ZOE, **person: Any
) -> Outcome:
    """What a whole sign-in ends in."""
    outcome = await arrive(world, await returned(world, provider, email, **person), provider.name)
    await world.engine.drain()
    return outcome


async def account_of(world: World, email: str = ZOE) -> AuthUser:
    user = await world.users.find_by_email(email, tenant_id=TENANT)
    assert user is not None
    return user


_MFA = {"encryption_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "issuer": "Acme"}
STRANGER = LoginInput(email=ZOE, password=PASSWORD, tenant_id=TENANT)
REGISTRATION = RegisterInput(email=ZOE, name="Stranger", password=PASSWORD, tenant_id=TENANT)


def deployment(provider: InMemoryOAuthProvider, *others: InMemoryOAuthProvider, **overrides: Any) -> World:
    """A host that reclaims accounts, and lets a stranger do the most with one: no address is verified."""
    options = {
        "mfa": _MFA,
        "sessions": {"enabled": True},
        "email_verification": {"required": False},
        "hooks": Doorkeeper(newcomer=Create(reclaim=True)),
    }
    return world_of(provider, *others, **{**options, **overrides})


async def squatted(world: World) -> AuthResult:
    """Zoe's address, registered by somebody else, who is signed in."""
    stranger = await world.engine.register(REGISTRATION, CONTEXT)
    assert isinstance(stranger, AuthResult)
    await world.engine.drain()
    return stranger


async def refused(call: Awaitable[object], *expected: type[AuthError]) -> None:
    with pytest.raises(expected):
        await call


async def keeps_out(world: World, tokens: AuthResult) -> None:
    """Nothing that the stranger has is good for anything."""
    await refused(world.engine.login(STRANGER, CONTEXT), InvalidCredentials)
    await ended(world, tokens)


async def ended(world: World, tokens: AuthResult) -> None:
    """The session is over, and its access token too."""
    await refused(world.engine.refresh(tokens.refresh_token, CONTEXT), RefreshTokenInvalid, TokenInvalid)
    await refused(world.engine.authenticate(tokens.access_token), TokenInvalid)


async def sessions_of(world: World, user: AuthUser) -> tuple[Any, ...]:
    return tuple(await world.engine.list_sessions(user.id, tenant_id=TENANT))
