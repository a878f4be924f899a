"""The creation of a session."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.config.resolvers import MaxSessionsResolver
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.ports.events import CapResolverFailed
from bymax_auth.ports.hooks import AuthHooks, HookContext
from bymax_auth.ports.sessions import Live, Stale
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.mail import Mailer
from bymax_auth.services.opaque_tokens import opaque_token_ref
from bymax_auth.services.realm import RealmPolicy, dashboard_policy, platform_policy
from bymax_auth.services.session_issuer import SessionCap, SessionIssuer
from bymax_auth.services.tokens import AccessTokens
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock, RecordingEvents, RecordingMailer
from bymax_auth.types.account import AuthUser, SafeAuthUser
from bymax_auth.types.identity import KeyLayout, Realm
from bymax_auth.types.results import AuthResult, PlatformAuthResult
from bymax_auth.types.secret import Secret
from bymax_auth.types.session import SessionInfo
from tests.unit.services.parts import CONTEXT, SECRET, Broken, admin, no_languages, resolved, user

DASHBOARD = dashboard_policy(resolved())
PLATFORM = platform_policy(resolved())
WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)


class Recording(AuthHooks):
    """Keeps what it is told of sessions."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    async def on_new_session(self, user: SafeAuthUser, session: SessionInfo, context: HookContext) -> None:
        self.told.append(("new", user, session, context))

    async def on_session_evicted(self, user_id: str, session_hash: str, context: HookContext) -> None:
        self.told.append(("evicted", user_id, session_hash, context))


class Resolving:
    """A host's cap, answering or raising what it is given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    async def resolve(self, user: AuthUser) -> int:
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer == "hang":
            await asyncio.Event().wait()
        cap: int = self.answer
        return cap


class Setting:
    """Everything around an issuer, for one test."""

    def __init__(
        self, stores: EmbeddedStores, clock: FakeClock, failures: FailureReporter, background: BackgroundTasks
    ) -> None:
        self.stores = stores
        self.clock = clock
        self.failures = failures
        self.background = background
        self.identifiers = Identifiers.of_key(SECRET.encode())
        self.hooks = Recording()
        self.outbox = RecordingMailer()

    def cap(self, default: int = 5, resolver: MaxSessionsResolver | None = None) -> SessionCap:
        return SessionCap(default=default, resolver=resolver, timeout=MINUTE, failures=self.failures)

    def issuer(
        self,
        policy: RealmPolicy = DASHBOARD,
        *,
        cap: SessionCap | None = None,
        alerts: bool = False,
        layout: KeyLayout = KeyLayout.SHARED,
        ceiling: int = 100,
    ) -> SessionIssuer:
        return SessionIssuer(
            policy=policy,
            sessions=self.stores.sessions,
            layout=layout,
            identifiers=self.identifiers,
            access_tokens=self.access_tokens(policy),
            clock=self.clock,
            lifetime=WEEK,
            ceiling=ceiling,
            hooks=HookRunner(self.hooks, self.background, self.failures, MINUTE),
            mailer=Mailer(self.outbox, self.background, MINUTE, no_languages(self.failures)),
            cap=cap,
            new_session_alerts=alerts,
        )

    def access_tokens(self, policy: RealmPolicy) -> AccessTokens:
        return AccessTokens(policy, KeyRing(Secret(SECRET)), self.clock, timedelta(minutes=15))


@pytest.fixture
def setting(
    stores: EmbeddedStores, clock: FakeClock, failures: FailureReporter, background: BackgroundTasks
) -> Setting:
    return Setting(stores, clock, failures, background)


async def issued(issuer: SessionIssuer, account: AuthUser | None = None) -> AuthResult:
    result = await issuer.issue(account or user(), CONTEXT, mfa_verified=False, expected_epoch=None)
    assert isinstance(result, AuthResult)
    return result


async def test_a_session_is_stored_and_its_tokens_work(setting: Setting) -> None:
    """A person who signs in must be signed in."""
    result = await setting.issuer().issue(user(), CONTEXT, mfa_verified=True, expected_epoch=0)

    assert isinstance(result, AuthResult)
    assert result.user == SafeAuthUser.from_user(user())
    claims = setting.access_tokens(DASHBOARD).verify(result.access_token)
    assert (claims.sub, claims.epoch, claims.mfa_verified) == ("u1", 0, True)
    ref = opaque_token_ref(result.refresh_token, KeyLayout.SHARED)
    assert ref is not None
    snapshot = await setting.stores.sessions.snapshot(Realm.DASHBOARD, ref)
    assert isinstance(snapshot, Live)
    record = snapshot.record
    assert (record.user_id, record.tenant_id, record.role) == ("u1", "acme", "ADMIN")
    assert (record.device, record.ip) == ("Chrome on macOS", "203.0.113.9")
    assert record.created_at == record.family_created_at == setting.clock.now()
    assert record.family_id is not None


async def test_each_sign_in_is_a_family_of_its_own(setting: Setting) -> None:
    """Ending a stolen login must not end the others."""
    families = set()
    for _ in range(2):
        ref = opaque_token_ref((await issued(setting.issuer())).refresh_token, KeyLayout.SHARED)
        assert ref is not None
        snapshot = await setting.stores.sessions.snapshot(Realm.DASHBOARD, ref)
        assert isinstance(snapshot, Live)
        families.add(snapshot.record.family_id)

    assert len(families) == 2


async def test_a_sign_in_overtaken_by_a_revocation_is_stale(setting: Setting) -> None:
    """A thief with the old password must not slip in while its owner resets it."""
    subject = setting.identifiers.subject(Realm.DASHBOARD, "u1", "acme")
    await setting.stores.sessions.revoke_all(subject)

    outcome = await setting.issuer().issue(user(), CONTEXT, mfa_verified=False, expected_epoch=0)

    assert isinstance(outcome, Stale)
    assert await setting.stores.sessions.list(subject) == ()


async def test_the_token_carries_the_epoch_of_the_store(setting: Setting) -> None:
    """A token of an older epoch would be refused at its first use."""
    await setting.stores.sessions.revoke_all(setting.identifiers.subject(Realm.DASHBOARD, "u1", "acme"))
    result = await issued(setting.issuer())

    assert setting.access_tokens(DASHBOARD).verify(result.access_token).epoch == 1


async def test_the_creation_of_a_users_session_counts_as_recent_authentication(setting: Setting) -> None:
    """Changing security settings right after signing in needs no second sign-in."""
    await issued(setting.issuer())

    subject = setting.identifiers.subject(Realm.DASHBOARD, "u1", "acme")
    assert await setting.stores.sessions.has_recent_auth(subject)


async def test_an_operators_session_has_no_tenant_no_cap_and_no_announcement(setting: Setting) -> None:
    """The platform realm shares nothing with tenants."""
    issuer = setting.issuer(PLATFORM, cap=setting.cap(1), alerts=True)
    result = await issuer.issue(admin(), CONTEXT, mfa_verified=False, expected_epoch=None)
    await issuer.issue(admin(), CONTEXT, mfa_verified=False, expected_epoch=None)
    await setting.background.drain()

    assert isinstance(result, PlatformAuthResult)
    assert (setting.hooks.told, setting.outbox.sent) == ([], [])
    subject = setting.identifiers.subject(Realm.PLATFORM, "a1", None)
    assert len(await setting.stores.sessions.list(subject)) == 2


async def test_without_a_cap_nothing_is_evicted_and_nobody_told(setting: Setting) -> None:
    """Hosts that did not turn sessions on keep their behaviour."""
    for _ in range(7):
        await issued(setting.issuer(alerts=True))
    await setting.background.drain()

    assert (setting.hooks.told, setting.outbox.sent) == ([], [])
    assert (
        len(await setting.stores.sessions.list(setting.identifiers.subject(Realm.DASHBOARD, "u1", "acme")))
        == 7
    )


@pytest.mark.parametrize("cap", [None, 50])
async def test_no_account_keeps_more_logins_than_the_ceiling(setting: Setting, cap: int | None) -> None:
    """A script that signs in for ever would make its account's list and revocation take seconds."""
    issuer = setting.issuer(cap=None if cap is None else setting.cap(cap), ceiling=3)
    for _ in range(5):
        newest = opaque_token_ref((await issued(issuer)).refresh_token, KeyLayout.SHARED)
        setting.clock.advance(timedelta(seconds=1))
    kept = await setting.stores.sessions.list(setting.identifiers.subject(Realm.DASHBOARD, "u1", "acme"))

    assert newest is not None
    assert (len(kept), kept[0].session_hash) == (3, newest.hash)


async def test_the_oldest_session_makes_room_and_the_host_is_told(setting: Setting) -> None:
    """A person with a cap of one wants to know what became of the other device."""
    issuer = setting.issuer(cap=setting.cap(1))
    first = opaque_token_ref((await issued(issuer)).refresh_token, KeyLayout.SHARED)
    setting.clock.advance(timedelta(seconds=1))
    second = opaque_token_ref((await issued(issuer)).refresh_token, KeyLayout.SHARED)
    await setting.background.drain()

    assert first is not None
    assert second is not None
    about = hook_context(CONTEXT, user_id="u1", email="ana@example.com", tenant_id="acme")
    safe = SafeAuthUser.from_user(user())

    def info(session_hash: str) -> SessionInfo:
        return SessionInfo(device="Chrome on macOS", ip="203.0.113.9", session_hash=session_hash[:8])

    assert setting.hooks.told == [
        ("new", safe, info(first.hash), about),
        ("evicted", "u1", first.hash[:8], about),
        ("new", safe, info(second.hash), about),
    ]
    assert setting.outbox.sent == []
    subject = setting.identifiers.subject(Realm.DASHBOARD, "u1", "acme")
    (remaining,) = await setting.stores.sessions.list(subject)
    assert remaining.session_hash == second.hash


async def test_alerts_are_mailed_where_they_are_asked_for(setting: Setting) -> None:
    """A sign-in from a strange place should reach its owner."""
    result = await issued(setting.issuer(cap=setting.cap(), alerts=True))
    await setting.background.drain()

    ref = opaque_token_ref(result.refresh_token, KeyLayout.SHARED)
    (mail,) = setting.outbox.sent
    assert ref is not None
    assert mail.session is not None
    assert (mail.kind, mail.tenant_id, mail.to) == ("new_session_alert", "acme", "ana@example.com")
    assert mail.session.session_hash == ref.hash[:8]


async def test_a_tagged_layout_mints_tokens_with_a_route(setting: Setting) -> None:
    """A cluster could not find the session again without it."""
    result = await issued(setting.issuer(layout=KeyLayout.TAGGED))

    subject = setting.identifiers.subject(Realm.DASHBOARD, "u1", "acme")
    assert result.refresh_token.startswith(subject.route)


@pytest.mark.parametrize(("default", "answer", "cap"), [(5, 2, 2), (5, 0, 1), (5, -3, 1)])
async def test_the_hosts_cap_counts(setting: Setting, default: int, answer: int, cap: int) -> None:
    """Paying customers may have more devices; nobody can have less than the one they sign in with."""
    assert await setting.cap(default, Resolving(answer)).of(user()) == cap


@pytest.mark.parametrize("default", [3, 0])
async def test_without_a_resolver_the_default_counts(setting: Setting, default: int) -> None:
    """The configured number is the cap."""
    assert await setting.cap(default).of(user()) == max(1, default)


@pytest.mark.parametrize(
    ("answer", "exception"),
    [(Broken(), "Broken"), (None, "TypeError"), (True, "TypeError"), ("9", "TypeError"), (2.5, "TypeError")],
    ids=["raises", "none", "bool", "text", "float"],
)
async def test_a_cap_that_cannot_be_resolved_is_the_default(
    setting: Setting, events: RecordingEvents, answer: object, exception: str
) -> None:
    """A broken plan lookup must neither stop sign-ins nor lift the cap."""
    assert await setting.cap(3, Resolving(answer)).of(user()) == 3
    assert await setting.cap(0, Resolving(answer)).of(user()) == 1

    assert events.events == [CapResolverFailed(origin="max_sessions_resolver", exception=exception)] * 2


async def test_a_cap_that_hangs_is_the_default(setting: Setting, events: RecordingEvents) -> None:
    """A plan lookup without an answer must not hold the sign-in."""
    hanging = SessionCap(
        default=3, resolver=Resolving("hang"), timeout=timedelta(0), failures=setting.failures
    )

    assert await hanging.of(user()) == 3
    assert events.names == ["sessions.cap_resolver_failed"]
