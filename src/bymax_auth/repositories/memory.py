"""
Accounts in the memory of one process, for tests and demonstrations; they are lost when it ends.

``volatile`` says so to the engine, which warns of a second process and refuses it in production.

No method awaits anything, so on one event loop each call is atomic.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.errors import RepositoryConflict
from bymax_auth.ports.accounts import LinkOutcome, UnlinkOutcome
from bymax_auth.ports.clock import Clock
from bymax_auth.repositories.held_identities import (
    has_password_of,
    is_held,
    is_same,
    judge_unlink,
    shown_by,
    without,
)
from bymax_auth.types.account import (
    AuthPlatformUser,
    AuthUser,
    CreateUserData,
    CreateWithOAuthData,
    LinkedIdentity,
    UpdateMfaData,
    UpdatePlatformMfaData,
)

__all__ = ["InMemoryPlatformUserRepository", "InMemoryUserRepository"]


def _now(clock: Clock | None) -> datetime:
    return datetime.now(UTC) if clock is None else clock.now()


def _is_expected(stored: str | None, expected: str | None) -> bool:
    """Return whether a row with this hash may be updated: without `expected` always, else if equal."""
    return expected is None or (stored is not None and ct_eq_text(stored, expected))


class InMemoryUserRepository:
    """Implements `UserRepository`.  `base_role` is the role of a user created without one."""

    volatile: Final = True

    def __init__(self, base_role: str = "USER", *, clock: Clock | None = None) -> None:
        self._base_role = base_role
        self._clock = clock
        self._rows: dict[tuple[str, str], AuthUser] = {}
        self._by_email: dict[tuple[str, str], tuple[str, str]] = {}
        self._others: dict[tuple[str, str], tuple[LinkedIdentity, ...]] = {}
        self._linked_at: dict[tuple[str, str, str], datetime] = {}

    def add(self, user: AuthUser) -> AuthUser:
        """
        Insert a complete user, and return it.

        Raises:
            RepositoryConflict: The tenant has a user with this id, address or identity.
        """
        key, address = (user.tenant_id, user.id), (user.tenant_id, user.email.lower())
        if key in self._rows or address in self._by_email or self._identity_is_of_another(user):
            raise RepositoryConflict("The tenant has a user with this id, address or identity.")
        self._rows[key] = user
        self._by_email[address] = key
        return user

    def replace(self, user: AuthUser) -> AuthUser:
        """
        Replace the user with the same tenant and id, address included, and return it.

        Raises:
            KeyError: There is no such user.
            RepositoryConflict: Another user of the tenant has this address or identity.
        """
        key, address = (user.tenant_id, user.id), (user.tenant_id, user.email.lower())
        before = self._rows[key]
        if self._by_email.get(address, key) != key or self._identity_is_of_another(user):
            raise RepositoryConflict("Another user of the tenant has this address or identity.")
        del self._by_email[(before.tenant_id, before.email.lower())]
        self._by_email[address] = key
        self._rows[key] = user
        return user

    async def find_by_id(self, user_id: str, *, tenant_id: str | None) -> AuthUser | None:
        if tenant_id is not None:
            return self._rows.get((tenant_id, user_id))
        found = [user for (_, own_id), user in self._rows.items() if own_id == user_id]
        return found[0] if len(found) == 1 else None

    async def find_by_email(self, email: str, *, tenant_id: str) -> AuthUser | None:
        key = self._by_email.get((tenant_id, email.lower()))
        return None if key is None else self._rows[key]

    async def create(self, data: CreateUserData) -> AuthUser:
        return self.add(
            AuthUser(
                id=str(uuid4()),
                email=data.email,
                name=data.name,
                password_hash=data.password_hash,
                role=self._base_role if data.role is None else data.role,
                status="pending" if data.status is None else data.status,
                tenant_id=data.tenant_id,
                email_verified=bool(data.email_verified),
                created_at=_now(self._clock),
                profile=data.profile,
            )
        )

    async def update_password(
        self, user_id: str, password_hash: str, *, tenant_id: str, expected_hash: str | None = None
    ) -> bool:
        user = self._rows.get((tenant_id, user_id))
        if user is None or not _is_expected(user.password_hash, expected_hash):
            return False
        self._rows[(tenant_id, user_id)] = replace(user, password_hash=password_hash)
        return True

    async def update_last_login(self, user_id: str, *, tenant_id: str) -> None:
        if user := self._rows.get((tenant_id, user_id)):
            self._rows[(tenant_id, user_id)] = replace(user, last_login_at=_now(self._clock))

    async def update_status(self, user_id: str, status: str, *, tenant_id: str) -> None:
        if user := self._rows.get((tenant_id, user_id)):
            self._rows[(tenant_id, user_id)] = replace(user, status=status)

    async def update_email_verified(self, user_id: str, verified: bool, *, tenant_id: str) -> None:
        if user := self._rows.get((tenant_id, user_id)):
            self._rows[(tenant_id, user_id)] = replace(user, email_verified=verified)

    async def update_mfa(self, user_id: str, data: UpdateMfaData, *, tenant_id: str) -> None:
        if user := self._rows.get((tenant_id, user_id)):
            self._rows[(tenant_id, user_id)] = replace(
                user,
                mfa_enabled=data.mfa_enabled,
                mfa_secret=data.mfa_secret,
                mfa_recovery_codes=data.mfa_recovery_codes,
            )

    async def update_email(
        self,
        user_id: str,
        email: str,
        *,
        tenant_id: str,
        expected_email: str | None = None,
        expected_hash: str | None = None,
    ) -> bool:
        user = self._rows.get((tenant_id, user_id))
        if (
            user is None
            or expected_email not in (None, user.email)
            or not _is_expected(user.password_hash, expected_hash)
        ):
            return False
        self.replace(replace(user, email=email))
        return True

    async def remove(self, user_id: str, *, tenant_id: str) -> bool:
        """Delete the user, and say whether there was one."""
        user = self._rows.pop((tenant_id, user_id), None)
        if user is None:
            return False
        del self._by_email[(tenant_id, user.email.lower())]
        self._others.pop((tenant_id, user_id), None)
        return True

    async def find_by_oauth_id(self, provider: str, provider_id: str, *, tenant_id: str) -> AuthUser | None:
        return self._of_identity(tenant_id, LinkedIdentity(provider=provider, provider_id=provider_id))

    async def create_with_oauth(self, data: CreateWithOAuthData) -> AuthUser:
        user = self.add(
            AuthUser(
                id=str(uuid4()),
                email=data.email,
                name=data.name,
                password_hash=None,
                role=self._base_role if data.role is None else data.role,
                status="active" if data.status is None else data.status,
                tenant_id=data.tenant_id,
                email_verified=bool(data.email_verified),
                created_at=_now(self._clock),
                oauth_provider=data.oauth_provider,
                oauth_provider_id=data.oauth_provider_id,
                profile=data.profile,
            )
        )
        self._date_identity(data)
        return user

    async def list_identities(self, user_id: str, *, tenant_id: str) -> tuple[LinkedIdentity, ...]:
        user = self._rows.get((tenant_id, user_id))
        return () if user is None else self._held(user)

    async def link_oauth(
        self,
        user_id: str,
        provider: str,
        provider_id: str,
        *,
        tenant_id: str,
        as_seen: AuthUser | None = None,
    ) -> LinkOutcome:
        user = self._rows.get((tenant_id, user_id))
        if user is None or (as_seen is not None and not has_password_of(as_seen, user)):
            return LinkOutcome.REFUSED
        held = self._held(user)
        if is_held(LinkedIdentity(provider=provider, provider_id=provider_id), held):
            return LinkOutcome.KNOWN
        self.replace(replace(user, oauth_provider=provider, oauth_provider_id=provider_id))
        self._others[(tenant_id, user_id)] = held
        self._linked_at[(tenant_id, provider, provider_id)] = _now(self._clock)
        return LinkOutcome.LINKED

    async def unlink_oauth(
        self,
        user_id: str,
        provider: str,
        provider_id: str,
        *,
        tenant_id: str,
        usable: Collection[str] | None = None,
    ) -> UnlinkOutcome:
        user = self._rows.get((tenant_id, user_id))
        identity = LinkedIdentity(provider=provider, provider_id=provider_id)
        held = () if user is None else self._held(user)
        others = without(identity, held)
        if user is None or len(others) == len(held):
            return UnlinkOutcome.UNKNOWN
        if (outcome := judge_unlink(user, others, usable)) is UnlinkOutcome.LAST:
            return outcome
        if is_same(identity, shown_by(user)):
            shown = others[-1] if others else None
            user = replace(
                user,
                oauth_provider=None if shown is None else shown.provider,
                oauth_provider_id=None if shown is None else shown.provider_id,
            )
        self._others[(tenant_id, user_id)] = without(shown_by(user), others)
        self._rows[(tenant_id, user_id)] = user
        return outcome

    async def remove_credentials(self, user_id: str, email: str, *, tenant_id: str) -> bool:
        user = self._unproven(user_id, email, tenant_id)
        if user is None:
            return False
        self.replace(replace(user, password_hash=None, oauth_provider=None, oauth_provider_id=None))
        self._others.pop((tenant_id, user_id), None)
        return True

    async def reclaim_with_oauth(self, user_id: str, data: CreateWithOAuthData) -> bool:
        user = self._unproven(user_id, data.email, data.tenant_id)
        if user is None or user.password_hash is not None or user.oauth_provider is not None:
            return False
        self.replace(
            replace(
                user,
                name=data.name,
                email_verified=True,
                oauth_provider=data.oauth_provider,
                oauth_provider_id=data.oauth_provider_id,
                profile=user.profile if data.profile is None else data.profile,
            )
        )
        self._others.pop((data.tenant_id, user_id), None)
        self._date_identity(data)
        return True

    def _unproven(self, user_id: str, email: str, tenant_id: str) -> AuthUser | None:
        user = self._rows.get((tenant_id, user_id))
        if user is None or user.email.lower() != email.lower() or user.email_verified or user.mfa_enabled:
            return None
        return user

    def _of_identity(self, tenant_id: str, identity: LinkedIdentity | None) -> AuthUser | None:
        """Return the tenant's user with this identity; as many as a test has are looked through."""
        if identity is None:
            return None
        users = (user for user in self._rows.values() if user.tenant_id == tenant_id)
        return next((user for user in users if is_held(identity, self._held(user))), None)

    def _held(self, user: AuthUser) -> tuple[LinkedIdentity, ...]:
        """Return every identity of a user, in the order in which they were linked."""
        shown = shown_by(user)
        others = without(shown, self._others.get((user.tenant_id, user.id), ()))
        if shown is None:
            return others
        linked_at = self._linked_at.get((user.tenant_id, shown.provider, shown.provider_id))
        return (*others, replace(shown, linked_at=linked_at))

    def _date_identity(self, data: CreateWithOAuthData) -> None:
        identity = (data.tenant_id, data.oauth_provider, data.oauth_provider_id)
        self._linked_at[identity] = _now(self._clock)

    def _identity_is_of_another(self, user: AuthUser) -> bool:
        found = self._of_identity(user.tenant_id, shown_by(user))
        return found is not None and found.id != user.id


class InMemoryPlatformUserRepository:
    """Implements `PlatformUserRepository`.  Administrators are created with `add` only."""

    volatile: Final = True

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock
        self._rows: dict[str, AuthPlatformUser] = {}
        self._by_email: dict[str, str] = {}

    def add(self, admin: AuthPlatformUser) -> AuthPlatformUser:
        """
        Insert a complete administrator, and return it.

        Raises:
            RepositoryConflict: There is an administrator with this id or address.
        """
        address = admin.email.lower()
        if admin.id in self._rows or address in self._by_email:
            raise RepositoryConflict("There is an administrator with this id or address.")
        self._rows[admin.id] = admin
        self._by_email[address] = admin.id
        return admin

    def replace(self, admin: AuthPlatformUser) -> AuthPlatformUser:
        """
        Replace the administrator with the same id, address included, and return it.

        Raises:
            KeyError: There is no such administrator.
            RepositoryConflict: Another administrator has this address.
        """
        before = self._rows[admin.id]
        if self._by_email.get(admin.email.lower(), admin.id) != admin.id:
            raise RepositoryConflict("Another administrator has this address.")
        del self._by_email[before.email.lower()]
        self._by_email[admin.email.lower()] = admin.id
        self._rows[admin.id] = admin
        return admin

    async def find_by_id(self, admin_id: str) -> AuthPlatformUser | None:
        return self._rows.get(admin_id)

    async def find_by_email(self, email: str) -> AuthPlatformUser | None:
        admin_id = self._by_email.get(email.lower())
        return None if admin_id is None else self._rows[admin_id]

    async def update_password(
        self, admin_id: str, password_hash: str, *, expected_hash: str | None = None
    ) -> bool:
        admin = self._rows.get(admin_id)
        if admin is None or not _is_expected(admin.password_hash, expected_hash):
            return False
        now = _now(self._clock)
        self._rows[admin_id] = replace(admin, password_hash=password_hash, updated_at=now)
        return True

    async def update_last_login(self, admin_id: str) -> None:
        if admin := self._rows.get(admin_id):
            now = _now(self._clock)
            self._rows[admin_id] = replace(admin, last_login_at=now, updated_at=now)

    async def update_status(self, admin_id: str, status: str) -> None:
        if admin := self._rows.get(admin_id):
            self._rows[admin_id] = replace(admin, status=status, updated_at=_now(self._clock))

    async def update_mfa(self, admin_id: str, data: UpdatePlatformMfaData) -> None:
        if admin := self._rows.get(admin_id):
            self._rows[admin_id] = replace(
                admin,
                mfa_enabled=data.mfa_enabled,
                mfa_secret=data.mfa_secret,
                mfa_recovery_codes=data.mfa_recovery_codes,
                updated_at=_now(self._clock),
            )
