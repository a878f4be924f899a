"""
The identities of users, of which the users' own columns show one.

    link      lock the user ──▶ password as seen? ─no─▶ REFUSED
                │ yes
              one of the user's already? ─yes─▶ KNOWN
                │ no
              keep the shown one as a row, where it is none yet ──▶ show the new one ──▶ insert it

    unlink    lock the user ──▶ one of the user's? ─no─▶ UNKNOWN
                │ yes
              another way in? ─no─▶ LAST
                │ yes
              delete the row ──▶ show the newest of the others

Rule 1: every change begins with a write to the user's row, which other changes of this user then wait for.
On SQLite it takes the lock of the database, so nothing is read before it.
Rule 2: an identity is shown when it is linked, so two constraints keep it from a second user: that of the
rows, and that of the users' columns, where other implementations write.
Rule 3: where a row and the column of another user name one identity, the row decides.
Rule 4: a row whose user a host has deleted by itself is nobody's.  A number may be given to a new user, who
then begins without the rows of the one who had it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, insert, select, update

from bymax_auth.errors import RepositoryConflict
from bymax_auth.ports.accounts import LinkOutcome, UnlinkOutcome
from bymax_auth.repositories.held_identities import (
    has_password_of,
    is_held,
    is_same,
    judge_unlink,
    shown_by,
    without,
)
from bymax_auth.repositories.sqlalchemy.fitting import FittedTable
from bymax_auth.repositories.sqlalchemy.transactions import Statements, Transactions
from bymax_auth.types.account import AuthUser, LinkedIdentity

__all__ = ["Identities", "identifies"]


def identifies(users: FittedTable, user_id: str, tenant_id: str) -> ColumnElement[bool]:
    """Return the condition that a row is that of a user."""
    return and_(users.matches("tenant_id", tenant_id), users.matches("id", user_id))


@dataclass(frozen=True, slots=True)
class Identities:
    """
    Identities in the tables of a host.

    Without `table`, a user has one at most, which the own columns hold.
    """

    users: FittedTable
    table: FittedTable | None
    transactions: Transactions

    async def owner_of(self, identity: LinkedIdentity, tenant_id: str) -> str | None:
        """Return the id of the user whose row names an identity."""
        if self.table is None:
            return None
        async with self.transactions.open() as run:
            return await self._owner(run, identity, tenant_id)

    async def of(self, user_id: str, tenant_id: str) -> tuple[LinkedIdentity, ...]:
        """Return every identity of a user, in the order in which they were linked."""
        async with self.transactions.open() as run:
            user = await self._read(run, user_id, tenant_id)
            return () if user is None else await self._held(run, user)

    async def link(
        self, user_id: str, identity: LinkedIdentity, tenant_id: str, as_seen: AuthUser | None
    ) -> LinkOutcome:
        """
        Store a further identity of a user, and show it.

        Raises:
            RepositoryConflict: It is another user's, or the user has another one and there is no table.
            RepositoryValueRefused: A column cannot hold it.
        """
        async with self.transactions.open() as run:
            user = await self._locked(run, user_id, tenant_id)
            if user is None or (as_seen is not None and not has_password_of(as_seen, user)):
                return LinkOutcome.REFUSED
            held = await self._held(run, user)
            if is_held(identity, held):
                return LinkOutcome.KNOWN
            if self.table is None and held:
                raise RepositoryConflict("The table of users holds one identity of each.")
            for one in held:
                if one.linked_at is None and await self._owner(run, one, tenant_id) is None:
                    await self.store(run, user_id, one, tenant_id)
            await self._show(run, user, identity)
            await self.store(run, user_id, identity, tenant_id)
            return LinkOutcome.LINKED

    async def unlink(
        self, user_id: str, identity: LinkedIdentity, tenant_id: str, usable: Collection[str] | None
    ) -> UnlinkOutcome:
        """Remove an identity of a user; with `usable`, only while there is another way in."""
        async with self.transactions.open() as run:
            user = await self._locked(run, user_id, tenant_id)
            held = () if user is None else await self._held(run, user)
            others = without(identity, held)
            if user is None or len(others) == len(held):
                return UnlinkOutcome.UNKNOWN
            if (outcome := judge_unlink(user, others, usable)) is UnlinkOutcome.LAST:
                return outcome
            if self.table is not None:
                await run.write(delete(self.table.table).where(self._names(self.table, identity, tenant_id)))
            if is_same(identity, shown_by(user)):
                await self._show(run, user, others[-1] if others else None)
            return outcome

    async def store(self, run: Statements, user_id: str, identity: LinkedIdentity, tenant_id: str) -> None:
        """Insert an identity of a user, in place of a row that is left of a user who was deleted."""
        table = self.table
        if table is None:
            return
        left = and_(self._names(table, identity, tenant_id), ~self._has_user(table))
        await run.write(delete(table.table).where(left))
        values = {
            "tenant_id": tenant_id,
            "provider": identity.provider,
            "provider_id": identity.provider_id,
            "user_id": user_id,
            "linked_at": identity.linked_at,
        }
        await run.insert(insert(table.table).values(table.values(values)))

    async def forget(self, run: Statements, user_id: str, tenant_id: str) -> None:
        """Delete every row of a user."""
        if self.table is not None:
            await run.write(delete(self.table.table).where(self._are_of(self.table, user_id, tenant_id)))

    async def _held(self, run: Statements, user: AuthUser) -> tuple[LinkedIdentity, ...]:
        held = await self._rows(run, user)
        shown = shown_by(user)
        if (
            shown is not None
            and not is_held(shown, held)
            and await self._owner(run, shown, user.tenant_id) is None
        ):
            held.append(shown)
        return tuple(sorted(held, key=_age))

    async def _rows(self, run: Statements, user: AuthUser) -> list[LinkedIdentity]:
        table = self.table
        if table is None:
            return []
        of_user = self._are_of(table, user.id, user.tenant_id)
        rows = await run.rows(select(*table.labelled()).where(of_user))
        return [
            LinkedIdentity(
                provider=row["provider"], provider_id=row["provider_id"], linked_at=row["linked_at"]
            )
            for row in map(table.fields, rows)
            if (row["tenant_id"], row["user_id"]) == (user.tenant_id, user.id)
        ]

    async def _owner(self, run: Statements, identity: LinkedIdentity, tenant_id: str) -> str | None:
        table = self.table
        if table is None:
            return None
        named = and_(self._names(table, identity, tenant_id), self._has_user(table))
        rows = await run.rows(select(*table.labelled()).where(named))
        # A collation may find other spellings, and each of those is the identity of somebody else.
        wanted = (tenant_id, identity.provider, identity.provider_id)
        for row in map(table.fields, rows):
            if (row["tenant_id"], row["provider"], row["provider_id"]) == wanted:
                return str(row["user_id"])
        return None

    async def _locked(self, run: Statements, user_id: str, tenant_id: str) -> AuthUser | None:
        status = self.users.columns["status"]
        where = identifies(self.users, user_id, tenant_id)
        await run.write(update(self.users.table).where(where).values({status: status}))
        return await self._read(run, user_id, tenant_id)

    async def _read(self, run: Statements, user_id: str, tenant_id: str) -> AuthUser | None:
        where = identifies(self.users, user_id, tenant_id)
        rows = await run.rows(select(*self.users.labelled()).where(where).limit(2))
        found = AuthUser(**self.users.fields(rows[0])) if len(rows) == 1 else None
        return found if found is not None and found.id == user_id else None

    async def _show(self, run: Statements, user: AuthUser, identity: LinkedIdentity | None) -> None:
        values = self.users.values(
            {
                "oauth_provider": None if identity is None else identity.provider,
                "oauth_provider_id": None if identity is None else identity.provider_id,
            }
        )
        where = identifies(self.users, user.id, user.tenant_id)
        await run.write(update(self.users.table).where(where).values(values))

    def _names(self, table: FittedTable, identity: LinkedIdentity, tenant_id: str) -> ColumnElement[bool]:
        return and_(
            table.matches("tenant_id", tenant_id),
            table.matches("provider", identity.provider),
            table.matches("provider_id", identity.provider_id),
        )

    def _has_user(self, table: FittedTable) -> ColumnElement[bool]:
        """Return the condition that the user of a row was not deleted."""
        return exists().where(
            self.users.columns["tenant_id"] == table.columns["tenant_id"],
            self.users.columns["id"] == table.columns["user_id"],
        )

    def _are_of(self, table: FittedTable, user_id: str, tenant_id: str) -> ColumnElement[bool]:
        return and_(table.matches("tenant_id", tenant_id), table.matches("user_id", user_id))


def _age(identity: LinkedIdentity) -> tuple[bool, float, str, str]:
    at = identity.linked_at
    return at is not None, 0.0 if at is None else at.timestamp(), identity.provider, identity.provider_id
