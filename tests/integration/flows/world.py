"""An engine on real parts, with accounts in both realms and everything that happens recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic import BaseModel

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.config.model import AuthConfig
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.engine import AuthEngine
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock, RecordingEvents, RecordingMailer
from bymax_auth.types.account import AuthPlatformUser, AuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm, Subject
from bymax_auth.types.inputs import LoginInput
from tests.cheap import COST, COST_OPTIONS
from tests.integration.flows.tracing import Trace, Traced, TracedStores

SECRET = fresh_secret()
PASSWORD = "correct horse battery staple"
NEW_PASSWORD = "an entirely different passphrase"
WRONG_PASSWORD = "not the one that was chosen"
TENANT = "acme"
EMAIL = "ana@example.com"
ADMIN_EMAIL = "ops@example.com"

CONTEXT = RequestContext(
    ip="203.0.113.9",
    user_agent="Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/120.0 Safari/537.36",
    sanitized_headers={"host": "app.example.com"},
    method="POST",
    path="/auth/login",
    host="app.example.com",
)

_CREATED = datetime(2025, 1, 1, tzinfo=UTC)


@cache
def stored_hash(password: str = PASSWORD, log2_n: int = COST.log2_n) -> str:
    """Return a hash of the password, at the cost that these tests configure unless they say a lower one."""
    return PasswordHasher(replace(COST, log2_n=log2_n)).hash(password)


ANA = AuthUser(
    id="u1",
    email=EMAIL,
    name="Ana",
    password_hash=None,
    role="MEMBER",
    status="ACTIVE",
    tenant_id=TENANT,
    email_verified=True,
    created_at=_CREATED,
)

OLGA = AuthPlatformUser(
    id="a1",
    email=ADMIN_EMAIL,
    name="Olga",
    password_hash="",
    role="OPERATOR",
    status="ACTIVE",
    created_at=_CREATED,
    updated_at=_CREATED,
)


class RecordingHooks(AuthHooks):
    """Keeps the name and arguments of every hook that was told something."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[Any, ...]]] = []

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.told]

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [arguments for told, arguments in self.told if told == name]


def _recorder(name: str) -> Any:
    async def record(self: RecordingHooks, *arguments: Any) -> Any:
        self.told.append((name, arguments))
        return await getattr(AuthHooks, name)(self, *arguments)

    return record


for _name in [name for name in vars(AuthHooks) if not name.startswith("_")]:
    setattr(RecordingHooks, _name, _recorder(_name))


class PlainVerifier:
    """Reads hashes of the form ``plain:password``, for tests that sign in many times."""

    def matches(self, stored: str) -> bool:
        return stored.startswith("plain:")

    def verify(self, password: str, stored: str) -> bool:
        return stored == f"plain:{password}"


@dataclass
class RealmView:
    """One realm of a world, seen alike."""

    realm: Realm
    flows: Any
    email: str
    account_id: str
    tenant_id: str | None

    def credentials(self, password: str = PASSWORD, email: str | None = None) -> LoginInput:
        return LoginInput(email=email or self.email, password=password, tenant_id=self.tenant_id)


@dataclass
class World:
    """Everything of one test."""

    engine: AuthEngine
    clock: FakeClock
    mail: RecordingMailer
    events: RecordingEvents
    hooks: RecordingHooks
    users: InMemoryUserRepository
    admins: InMemoryPlatformUserRepository
    trace: Trace
    stores: Any

    def realm(self, realm: Realm) -> RealmView:
        if realm is Realm.DASHBOARD:
            return RealmView(realm, self.engine, EMAIL, ANA.id, TENANT)
        return RealmView(realm, self.engine.platform, ADMIN_EMAIL, OLGA.id, None)

    async def account(self, realm: Realm) -> Any:
        if realm is Realm.DASHBOARD:
            return await self.users.find_by_id(ANA.id, tenant_id=TENANT)
        return await self.admins.find_by_id(OLGA.id)

    async def change_account(self, realm: Realm, **changes: Any) -> None:
        changed = replace(await self.account(realm), **changes)
        (self.users if realm is Realm.DASHBOARD else self.admins).replace(changed)

    def subject(self, realm: Realm = Realm.DASHBOARD) -> Subject:
        view = self.realm(realm)
        return self.engine.identifiers.subject(realm, view.account_id, view.tenant_id)

    async def live_sessions(self, realm: Realm = Realm.DASHBOARD) -> int:
        return len(await self.stores.sessions.list(self.subject(realm)))

    async def login(self, realm: Realm = Realm.DASHBOARD) -> Any:
        view = self.realm(realm)
        return await view.flows.login(view.credentials(), CONTEXT)


def config_of(**overrides: Any) -> AuthConfig:
    """Return a configuration for tests: cheap hashes, both realms on."""
    options: dict[str, Any] = {
        "environment": "test",
        "jwt": {"secret": SECRET},
        "roles": {
            "hierarchy": {"ADMIN": ("MEMBER",), "MEMBER": ()},
            "platform_hierarchy": {"OPERATOR": ()},
        },
        "platform": {"enabled": True},
        "password": {"scrypt": COST_OPTIONS},
    }
    for name, value in overrides.items():
        before = options.get(name)
        merged = isinstance(before, Mapping) and isinstance(value, Mapping)
        options[name] = {**before, **value} if merged else value
    return AuthConfig.nest_compat_defaults(**options)


def build_world(
    *,
    hooks: AuthHooks | None = None,
    users: Any = None,
    mail: RecordingMailer | None = None,
    oauth_providers: Sequence[OAuthProvider] = (),
    profile: type[BaseModel] | None = None,
    **overrides: Any,
) -> World:
    """Return a world whose configuration has these options; `users` may wrap the repository."""
    clock, trace, events = FakeClock(), Trace(), RecordingEvents()
    mail = mail or RecordingMailer(clock)
    recording = RecordingHooks()
    rows = InMemoryUserRepository(clock=clock)
    admins = InMemoryPlatformUserRepository(clock=clock)
    rows.add(replace(ANA, password_hash=stored_hash()))
    admins.add(replace(OLGA, password_hash=stored_hash()))
    stores = EmbeddedStores(clock=clock)
    engine = AuthEngine(
        config_of(**overrides),
        users=Traced(users(rows) if users else rows, "users", trace, stored=False),
        platform_users=Traced(admins, "admins", trace, stored=False),
        stores=TracedStores(stores, trace),
        email=mail,
        hooks=hooks or recording,
        events=events,
        clock=clock,
        oauth_providers=oauth_providers,
        profile=profile,
    )
    _trace_kdf(engine, trace)
    return World(engine, clock, mail, events, recording, rows, admins, trace, stores)


def _trace_kdf(engine: AuthEngine, trace: Trace) -> None:
    """Derivations are steps that a test can step in at, too."""
    pool: Any = engine.login.passwords._pool
    derive = pool.run

    async def run(*arguments: Any) -> Any:
        return await trace.around("kdf.run", lambda: derive(*arguments), stored=False)

    pool.run = run
