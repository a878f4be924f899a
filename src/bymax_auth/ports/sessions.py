"""
Port: where refresh sessions live.

Implemented by `bymax_auth.stores.embedded` and `bymax_auth.stores.redis`; every implementation must pass
``tests/contract/test_session_store.py``.  Raw tokens never reach a store.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from bymax_auth.types.identity import Realm, Subject, SubjectFactory, TokenRef
from bymax_auth.types.session import SessionDetail, SessionRecord

__all__ = [
    "EXCHANGES_FOLLOWED",
    "FIRST_EPOCH",
    "Consumed",
    "CreateOutcome",
    "Created",
    "FamilyRevoked",
    "Gone",
    "GraceSpent",
    "InGrace",
    "Live",
    "Missing",
    "NewSession",
    "RecoverOutcome",
    "Recovered",
    "Recovery",
    "ReissueOutcome",
    "Reissued",
    "RevokedAll",
    "RevokedSinceRotation",
    "RotateOutcome",
    "Rotated",
    "Rotation",
    "SessionSnapshot",
    "SessionStore",
    "Stale",
    "SuccessorDead",
    "SuccessorExchanged",
    "UnknownToken",
]

FIRST_EPOCH: Final = 0
"""That of an account whose sessions were never revoked."""

EXCHANGES_FOLLOWED: Final = 3
"""How many exchanges, each inside its grace window, lead from a presented token to the live one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """
    A session to create for a credential that was just proven.

    `expected_epoch` fences the write: the account's token epoch must still be this one.
    `recent_auth` is how long the authentication counts as recent, zero for not at all.  `cap` is the
    number of logins the account may keep, ``None``, zero or less for no bound.
    """

    ref: TokenRef
    record: SessionRecord
    lifetime: timedelta
    expected_epoch: int | None = None
    recent_auth: timedelta = timedelta(0)
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """The session exists; tokens carry `epoch`; `evicted` has one hash of each login that the cap ended."""

    epoch: int
    evicted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stale:
    """The epoch has moved since the account was read; nothing was written."""

    epoch: int


CreateOutcome = Created | Stale


@dataclass(frozen=True, slots=True)
class Live:
    """The token is the current one of its session, which began at `session_created_at`."""

    record: SessionRecord
    session_created_at: datetime


@dataclass(frozen=True, slots=True)
class InGrace:
    """
    The token was exchanged within the grace window; `successor` is the hash of what it was exchanged for.

    `pointer` is the exact value seen, which `recover` compares; `family_id` is what the
    record of the consumed token names, ``None`` when there is none.
    """

    pointer: str
    successor: str
    record: SessionRecord
    family_id: str | None


@dataclass(frozen=True, slots=True)
class GraceSpent:
    """The token was exchanged within the grace window and recovered already; `family_id` as in `InGrace`."""

    family_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Consumed:
    """The token was exchanged and its grace is over: this is a replay."""

    family_id: str


@dataclass(frozen=True, slots=True)
class UnknownToken:
    """The token was never issued, has been revoked, or has been forgotten."""


SessionSnapshot = Live | InGrace | GraceSpent | Consumed | UnknownToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """
    One request to exchange `presented`, seen live, for `successor`.

    `session_created_at` is carried to the successor's detail.  `consumed_for` is how long a
    replay of `presented` stays recognisable.
    """

    presented: TokenRef
    successor: TokenRef
    record: SessionRecord
    session_created_at: datetime
    lifetime: timedelta
    grace: timedelta
    consumed_for: timedelta


@dataclass(frozen=True, slots=True)
class Rotated:
    """`presented` is gone and the session is `successor`'s; tokens carry `epoch`."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Gone:
    """Another request exchanged the token first; take a new snapshot."""


RotateOutcome = Rotated | Gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """One request to give `successor` to a client that lost the reply of an exchange by another server."""

    presented: TokenRef
    seen: InGrace
    successor: TokenRef
    record: SessionRecord
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Recovered:
    """`successor` is live beside the session that the lost reply created; tokens carry `epoch`."""

    epoch: int


@dataclass(frozen=True, slots=True)
class SuccessorDead:
    """The session that the grace pointer names was ended; the pointer is used up."""


@dataclass(frozen=True, slots=True)
class RevokedSinceRotation:
    """The sessions of the account or family were revoked since the exchange; the pointer is used up."""


RecoverOutcome = Recovered | Gone | SuccessorDead | RevokedSinceRotation


@dataclass(frozen=True, slots=True)
class Reissued:
    """The successor is live and may be given to the client again; tokens carry `epoch`."""

    epoch: int


@dataclass(frozen=True, slots=True)
class SuccessorExchanged:
    """The successor was exchanged itself, and is within its own grace window."""


ReissueOutcome = Reissued | SuccessorExchanged | SuccessorDead | Gone


@dataclass(frozen=True, slots=True)
class RevokedAll:
    """How many live sessions ended, and the account's new epoch."""

    removed: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Missing:
    """The session to keep is not a live one of this account; nothing was written."""


@dataclass(frozen=True, slots=True)
class FamilyRevoked:
    """How many live sessions of the login ended, and their owner when a record could be read."""

    owner: Subject | None
    removed: int


class SessionStore(Protocol):
    """
    Refresh sessions, indexed by token hash, by account and by family.

    Every method is one atomic step of the account's state.  After `StoreUnavailable` a write
    may or may not have happened; each caller's client can retry safely.
    """

    async def create(self, subject: Subject, new: NewSession) -> CreateOutcome:
        """
        Store a session, its index and family entries and its recent authentication, within its cap.

        Atomic: a concurrent `revoke_all` falls wholly before it, when the fence refuses, or
        wholly after it, when the session is revoked.  Concurrent calls never exceed the cap.

        Raises:
            StoreUnavailable: The store did not answer, or is full.
        """
        ...

    async def snapshot(self, realm: Realm, ref: TokenRef) -> SessionSnapshot:
        """
        Return the state of a presented token.  Nothing is consumed.

        A live record that cannot be read is deleted and answered as `UnknownToken`.
        """
        ...

    async def rotate(self, subject: Subject, rotation: Rotation) -> RotateOutcome:
        """
        Exchange a live token for its successor, at most once.

        Atomic: of concurrent rotations of one token to different successors exactly one is `Rotated`.
        Idempotent: within the grace window the same rotation is `Rotated` again while the successor is live.

        Source: RFC 9700 §4.14.2 (refresh token rotation).
        """
        ...

    async def recover(self, subject: Subject, recovery: Recovery) -> RecoverOutcome:
        """
        Recover an exchanged token, which uses up its grace.

        Atomic: one pointer recovers once.  Nothing is written unless the successor is live
        and the account's index and the family still exist.
        Idempotent: repeating the very same recovery is `Recovered` again.
        """
        ...

    async def reissue(self, subject: Subject, presented: TokenRef, successor: TokenRef) -> ReissueOutcome:
        """
        Say whether `presented` was exchanged for `successor`, which the caller derived, and it is live.

        Atomic: the grace pointer, the successor and the epoch are of one moment.
        Idempotent: nothing is written except the epoch's retention; a pointer to a dead successor is used up.
        """
        ...

    async def list(self, subject: Subject) -> tuple[SessionDetail, ...]:
        """Return the account's live sessions with their families, newest `created_at` first."""
        ...

    async def revoke(self, subject: Subject, session_hash: str) -> bool:
        """
        End the login of a session of this account; ``False`` when it has no such login.

        The session is live, or was exchanged and its consumed mark names the login.
        """
        ...

    async def revoke_all(self, subject: Subject) -> RevokedAll:
        """End every session and grace pointer of the account and raise its epoch."""
        ...

    async def revoke_all_except(
        self, subject: Subject, keep: str, *, must_exist: bool
    ) -> RevokedAll | Missing:
        """
        As `revoke_all`, except for the login of the session `keep`.

        `keep` is live, or was exchanged and leads, inside its grace window, to a live session by at most
        `EXCHANGES_FOLLOWED` exchanges: a caller may refresh while its request is on the way.  When the
        account has no such session, with `must_exist` nothing happens (`Missing`), and without it every
        session is revoked.

        Atomic: a concurrent rotation falls wholly before it, or wholly after it.
        """
        ...

    async def revoke_family(
        self, realm: Realm, family_id: str, route: str | None, subject_of: SubjectFactory
    ) -> FamilyRevoked:
        """
        End every live session that descends from one login.  Other logins are not affected.

        Args:
            realm: The realm of the login.
            family_id: The login.
            route: The presented token's route, ``None`` in a layout without routes.
            subject_of: Builds the owner from what a member's record names.
        """
        ...

    async def drop_grace(self, realm: Realm, ref: TokenRef) -> None:
        """
        Forget the grace pointer of an exchanged token, and what a store still holds of an expired one.

        Idempotent.  An expired session that is held would be live again once the clock is put back.
        """
        ...

    async def has_recent_auth(self, subject: Subject) -> bool:
        """Say whether a credential was proven recently.  Reading consumes nothing."""
        ...
