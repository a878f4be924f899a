"""
Port: where accounts live.

`UserRepository` and `PlatformUserRepository` are implemented by the host, or by
`bymax_auth.repositories`; every implementation passes ``bymax_auth.testing``'s contract suite.
`Accounts` is the part of either that flows use; the engine builds it.

Not found is ``None``.  Implementations raise `RepositoryConflict` when a unique constraint
refuses a write, `RepositoryValueRefused` when a column cannot hold a value, and
`RepositoryBackendError` for any other failure; whatever else escapes is handled like the latter.
"""

from collections.abc import Collection
from enum import Enum, auto
from typing import Protocol

from bymax_auth.types.account import (
    Account,
    AuthPlatformUser,
    AuthUser,
    CreateUserData,
    CreateWithOAuthData,
    LinkedIdentity,
    UpdateMfaData,
    UpdatePlatformMfaData,
)

__all__ = ["Accounts", "LinkOutcome", "PlatformUserRepository", "UnlinkOutcome", "UserRepository"]


class LinkOutcome(Enum):
    """What `UserRepository.link_oauth` has done."""

    LINKED = auto()
    """The user has the identity from now on."""

    KNOWN = auto()
    """The user had it before."""

    REFUSED = auto()
    """Nothing: there is no such user, or the password is another one."""


class UnlinkOutcome(Enum):
    """What `UserRepository.unlink_oauth` has done."""

    UNLINKED = auto()
    """The user has the identity no more."""

    UNKNOWN = auto()
    """Nothing: the user, or the identity of this user, does not exist."""

    LAST = auto()
    """Nothing: the user could not sign in without it."""


class UserRepository(Protocol):
    """Dashboard users.  A user id is unique within its tenant only, so every call names both."""

    async def find_by_id(self, user_id: str, *, tenant_id: str | None) -> AuthUser | None:
        """Return the user of that tenant; ``None`` as tenant is for a host's cross-tenant work only."""
        ...

    async def find_by_email(self, email: str, *, tenant_id: str) -> AuthUser | None:
        """Return the tenant's user with this address, compared without regard to case."""
        ...

    async def create(self, data: CreateUserData) -> AuthUser:
        """
        Store a new user, with `data.profile` where the engine has a profile model.

        Atomic: (tenant, email) is unique by constraint, never by a read before the write.

        Raises:
            RepositoryConflict: The tenant has a user with this address.
            RepositoryValueRefused: A value is too long, or of another kind than its column.
        """
        ...

    async def update_password(
        self, user_id: str, password_hash: str, *, tenant_id: str, expected_hash: str | None = None
    ) -> bool:
        """
        Store `password_hash` verbatim and say whether a row was written.

        Atomic: with `expected_hash`, one conditional statement writes only while the row
        still holds that hash.
        """
        ...

    async def update_last_login(self, user_id: str, *, tenant_id: str) -> None:
        """Record that the user has just signed in."""
        ...

    async def update_status(self, user_id: str, status: str, *, tenant_id: str) -> None:
        """
        Store a status.  The engine never calls this.

        A host that blocks an account also calls ``engine.revoke_all_sessions``, or
        ``engine.invalidate_user_status`` when the sessions may continue.
        """
        ...

    async def update_email_verified(self, user_id: str, verified: bool, *, tenant_id: str) -> None:
        """Record whether the address is proven."""
        ...

    async def update_mfa(self, user_id: str, data: UpdateMfaData, *, tenant_id: str) -> None:
        """
        Replace the user's second factor, all three fields.

        Atomic: one statement, so that no reader sees a secret beside the recovery codes of another.
        """
        ...

    async def update_email(
        self,
        user_id: str,
        email: str,
        *,
        tenant_id: str,
        expected_email: str | None = None,
        expected_hash: str | None = None,
    ) -> bool:
        """
        Store a proven address, without changing whether it counts as verified; say whether a row was written.

        Atomic: one conditional statement writes only while the row still holds `expected_email` and
        `expected_hash`, as far as they are given; (tenant, email) is unique by constraint.

        Raises:
            RepositoryConflict: Another user of the tenant has this address.
            RepositoryValueRefused: The address is too long for its column.
        """
        ...

    async def find_by_oauth_id(self, provider: str, provider_id: str, *, tenant_id: str) -> AuthUser | None:
        """Return the tenant's user with this identity; both parts are compared exactly."""
        ...

    async def list_identities(self, user_id: str, *, tenant_id: str) -> tuple[LinkedIdentity, ...]:
        """
        Return every identity of a user, in the order in which they were linked.

        One that was written by another implementation, to the user's own fields, is among them.
        """
        ...

    async def create_with_oauth(self, data: CreateWithOAuthData) -> AuthUser:
        """
        Store a new user with an identity and no password.

        Atomic: (tenant, email) and (tenant, provider, provider id) are unique by constraint, never by a
        read before the write.

        Raises:
            RepositoryConflict: The tenant has a user with this address or this identity.
            RepositoryValueRefused: A value is too long, or of another kind than its column.
        """
        ...

    async def link_oauth(
        self,
        user_id: str,
        provider: str,
        provider_id: str,
        *,
        tenant_id: str,
        as_seen: AuthUser | None = None,
    ) -> LinkOutcome:
        """
        Store a further identity of a user, and show it in the user's own fields.  Idempotent.

        Atomic: with `as_seen`, it is written only while the row holds that user's password, or none as well;
        (tenant, provider, provider id) is unique by constraint, never by a read before the write.

        Raises:
            RepositoryConflict: Another user of the tenant has this identity, or the repository keeps one
                identity of each user and this user has another.
            RepositoryValueRefused: A value is too long for its column.
        """
        ...

    async def unlink_oauth(
        self,
        user_id: str,
        provider: str,
        provider_id: str,
        *,
        tenant_id: str,
        usable: Collection[str] | None = None,
    ) -> UnlinkOutcome:
        """
        Remove an identity of a user, whose own fields then show the one that was linked last of the others.

        Atomic: with `usable`, it is removed only while the user has a password, or another identity of one of
        these providers; of concurrent calls for a user's identities at least one leaves a way in.
        """
        ...

    async def remove_credentials(self, user_id: str, email: str, *, tenant_id: str) -> bool:
        """
        Remove the password and every identity of an unverified account; say whether the account is so.

        Atomic: one conditional statement writes only while the row has this address, compared without regard
        to case, is unverified and has no second factor.
        Idempotent: an account without password and identity is written again.
        """
        ...

    async def reclaim_with_oauth(self, user_id: str, data: CreateWithOAuthData) -> bool:
        """
        Give an account that nobody can use to the person whom a provider has identified; say whether it was.

        Stores the identity and the name of `data` and, where it has one, its profile, and marks the address
        as verified.  Id, role, status and time of creation stay.

        Atomic: one conditional statement writes only while the row has the address of `data`, is unverified,
        and has no second factor, no password and no identity.

        Raises:
            RepositoryConflict: Another user of the tenant has this identity.
            RepositoryValueRefused: A value is too long, or of another kind than its column.
        """
        ...


class PlatformUserRepository(Protocol):
    """Platform administrators: no tenant, no verification."""

    async def find_by_id(self, admin_id: str) -> AuthPlatformUser | None:
        """Return the administrator with this id."""
        ...

    async def find_by_email(self, email: str) -> AuthPlatformUser | None:
        """Return the administrator with this address, compared without regard to case."""
        ...

    async def update_password(
        self, admin_id: str, password_hash: str, *, expected_hash: str | None = None
    ) -> bool:
        """Store `password_hash` verbatim, only while the row holds `expected_hash` when one is given."""
        ...

    async def update_last_login(self, admin_id: str) -> None:
        """Record that the administrator has just signed in."""
        ...

    async def update_status(self, admin_id: str, status: str) -> None:
        """Store a status.  The engine never calls this."""
        ...

    async def update_mfa(self, admin_id: str, data: UpdatePlatformMfaData) -> None:
        """Replace the administrator's second factor, all three fields.  Atomic: one statement."""
        ...


class Accounts(Protocol):
    """
    One realm's accounts, as its flows use them.

    An account whose tenant is not the one asked for is answered as ``None``.  A repository's
    own exception leaves as `RepositoryBackendError` without its text.
    """

    async def find(self, user_id: str, *, tenant_id: str | None) -> Account | None:
        """Return the account with this id in this tenant."""
        ...

    async def find_by_email(self, email: str, *, tenant_id: str | None) -> Account | None:
        """Return the account with this canonical address in this tenant."""
        ...

    async def update_password(
        self, user_id: str, password_hash: str, *, tenant_id: str | None, expected_hash: str | None = None
    ) -> bool:
        """Store a hash, conditionally when `expected_hash` is given; say whether a row was written."""
        ...

    async def update_last_login(self, user_id: str, *, tenant_id: str | None) -> None:
        """Record a sign-in."""
        ...

    async def update_mfa(self, user_id: str, data: UpdateMfaData, *, tenant_id: str | None) -> None:
        """Replace the account's second factor, all three fields."""
        ...
