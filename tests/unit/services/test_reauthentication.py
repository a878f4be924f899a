"""The current password, asked for once more."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.errors import AccountLocked, InvalidCredentials, ReauthenticationRequired
from bymax_auth.ports.events import (
    EmailChangeReauthenticationLocked,
    EmailChangeReauthenticationRefused,
    IdentityNotRecent,
    ReauthenticationLocked,
    ReauthenticationRefused,
)
from bymax_auth.ports.sessions import NewSession
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.common_passwords import CommonPasswordChecker
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.kdf_pool import KdfBudget, KdfPool
from bymax_auth.services.lockout import EMAIL_CHANGE, PASSWORD_CHANGE, Lockout
from bymax_auth.services.password_policy import PasswordPolicy
from bymax_auth.services.passwords import Passwords
from bymax_auth.services.reauthentication import Reauthentication, RecentAuthentication
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock, RecordingEvents
from bymax_auth.types.identity import Realm, Subject
from tests.contract.samples import account, new_session
from tests.unit.services.parts import user

HASHER = PasswordHasher(ScryptParameters(log2_n=10, block_size=8, parallelization=1))
PASSWORD = "correct horse battery staple"
STORED = HASHER.hash(PASSWORD)
LIMIT = 3


class Setting:
    """Two flows that ask for the password of one account."""

    def __init__(
        self,
        stores: EmbeddedStores,
        identifiers: Identifiers,
        background: BackgroundTasks,
        failures: FailureReporter,
        events: RecordingEvents,
        clock: FakeClock,
    ) -> None:
        self.subject: Subject = identifiers.subject(Realm.DASHBOARD, "u1", "acme")
        lockout = Lockout(
            attempts=stores.attempts,
            background=background,
            failures=failures,
            clock=clock,
            limit=LIMIT,
            window=timedelta(minutes=15),
        )
        pool = KdfPool(KdfBudget(workers=1, max_waiting=8), events, clock)
        policy = PasswordPolicy(15, CommonPasswordChecker(), failures)
        self.passwords = Passwords(HASHER, pool, policy, clock)

        def of(
            flow: str, refused: type[ReauthenticationRefused], locked: type[ReauthenticationLocked]
        ) -> Reauthentication:
            return Reauthentication(
                flow=flow,
                refused=refused,
                locked=locked,
                identifiers=identifiers,
                lockout=lockout,
                passwords=self.passwords,
                events=events,
            )

        self.of_password = of(PASSWORD_CHANGE, ReauthenticationRefused, ReauthenticationLocked)
        self.of_email = of(
            EMAIL_CHANGE, EmailChangeReauthenticationRefused, EmailChangeReauthenticationLocked
        )


@pytest.fixture
async def setting(
    stores: EmbeddedStores,
    identifiers: Identifiers,
    background: BackgroundTasks,
    failures: FailureReporter,
    events: RecordingEvents,
    clock: FakeClock,
) -> Setting:
    return Setting(stores, identifiers, background, failures, events, clock)


async def guess(flow: Reauthentication, subject: Subject) -> None:
    with pytest.raises(InvalidCredentials):
        await flow.prove(subject, "a guess", STORED)


async def test_the_right_password_forgets_wrong_ones(setting: Setting) -> None:
    """A typo last week must not count today."""
    for _ in range(2):
        for _ in range(LIMIT - 1):
            await guess(setting.of_email, setting.subject)
        await setting.of_email.prove(setting.subject, PASSWORD, STORED)
    await setting.passwords.aclose()


async def test_each_flow_counts_for_itself_and_says_so(setting: Setting, events: RecordingEvents) -> None:
    """Whoever guesses in one flow would lock the owner out of the other, which may be the remedy."""
    for _ in range(LIMIT):
        await guess(setting.of_email, setting.subject)
    with pytest.raises(AccountLocked):
        await setting.of_email.prove(setting.subject, PASSWORD, STORED)
    assert events.names == [
        *["email_change.reproof_refused"] * LIMIT,
        "email_change.reproof_locked",
    ]
    await setting.of_password.prove(setting.subject, PASSWORD, STORED)
    await guess(setting.of_password, setting.subject)
    assert events.names[-1] == "password.reproof_refused"
    await setting.passwords.aclose()


class Recent:
    """The check of an account that may have no password."""

    def __init__(self, setting: Setting, stores: EmbeddedStores, events: RecordingEvents) -> None:
        self.sessions = stores.sessions
        self.subject = account()
        self.check = RecentAuthentication(
            reauthentication=setting.of_email, sessions=self.sessions, not_recent=IdentityNotRecent
        )
        self.events = events

    async def prove(self, password: str | None, stored: str | None) -> None:
        await self.check.prove(self.subject, user(password_hash=stored), password)


@pytest.fixture
async def recent(setting: Setting, stores: EmbeddedStores, events: RecordingEvents) -> AsyncIterator[Recent]:
    yield Recent(setting, stores, events)
    await setting.passwords.aclose()


async def test_whoever_has_a_password_proves_it_however_recent_the_sign_in_is(recent: Recent) -> None:
    """A stolen session is recent, too."""
    await recent.sessions.create(recent.subject, proven())
    await recent.prove(PASSWORD, STORED)
    for wrong in ("a guess", "", None):
        with pytest.raises(InvalidCredentials):
            await recent.prove(wrong, STORED)


@pytest.mark.parametrize("given", [None, PASSWORD])
async def test_whoever_has_no_password_must_have_signed_in_recently(
    recent: Recent, given: str | None
) -> None:
    """A session that was stolen weeks after the sign-in would be enough to take the account over."""
    with pytest.raises(ReauthenticationRequired):
        await recent.prove(given, None)
    assert recent.events.events == [
        IdentityNotRecent(user_id=recent.subject.user_id, tenant_id=recent.subject.tenant_id)
    ]

    await recent.sessions.create(recent.subject, proven())
    await recent.prove(given, None)


def proven() -> NewSession:
    """A session that begins with a credential."""
    return replace(new_session(account(), "now"), recent_auth=timedelta(minutes=5))
