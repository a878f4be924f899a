"""
Operations on accounts from a terminal, with the deployment's own database and stores.

They use the services and flows of an engine: the same canonical addresses, password policy and hashes, and
a block ends every session.  Users of a tenant and administrators of the platform have the same operations,
but for what only an account with a mailbox of its own has.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bymax_auth.cli.operated_accounts import NewAccount, OperatedAccounts, TenantUsers
from bymax_auth.engine.flow_records import AccountFlows, RealmFlows
from bymax_auth.engine.services import Services
from bymax_auth.flows.sessions import ListSessions
from bymax_auth.services.addresses import canonical_email, require_display_name
from bymax_auth.types.account import Account, AuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import ForgotPasswordInput
from bymax_auth.types.session import ActiveSessionInfo

__all__ = ["Operator", "Refused", "TenantOperator"]


class Refused(Exception):
    """The command does not fit the account or the configuration; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Operations on the accounts of one tenant, or on the platform's administrators."""

    accounts: OperatedAccounts
    services: Services
    flows: RealmFlows
    list_sessions: ListSessions

    async def create(self, account: NewAccount, password: str) -> Account:
        """
        Store a new account.

        Raises:
            Refused: No role of the configuration has this name, or the status is not printable text.
            ValidationFailed, PasswordCompromised: A value breaks a rule.
            RepositoryConflict: There is an account with this address.
        """
        self._require_role(account.role)
        _require_status(account.status)
        email, name = canonical_email(account.email), require_display_name(account.name)
        await self.services.passwords.assert_acceptable(password, "password")
        password_hash = await self.services.passwords.hash(password)
        return await self.accounts.create(replace(account, email=email, name=name), password_hash)

    async def for_each(self, show: Callable[[Account], None]) -> None:
        """Call `show` with every account, read page by page."""
        page = await self.accounts.page()
        while page:
            for account in page:
                show(account)
            page = await self.accounts.page(page[-1].id)

    async def block(self, email: str, status: str) -> None:
        """
        Set a blocked status, and end the sessions of the account.  Idempotent.

        Raises:
            Refused: There is no such account, or the configuration does not block the status.
        """
        if not self.services.status_gate.blocks(status):
            raise Refused(f"the configuration does not block the status {status!r} (see blocked_statuses).")
        account = await self.find(email)
        # In this order, a session created between the two steps is ended too.
        await self.accounts.update_status(account.id, status)
        await self._end_sessions(account)

    async def unblock(self, email: str, status: str) -> None:
        """
        Set a status that may sign in on a blocked account.

        Raises:
            Refused: There is no such account, it is not blocked, or the configuration blocks `status` too.
        """
        _require_status(status)
        if self.services.status_gate.blocks(status):
            raise Refused(f"the configuration blocks the status {status!r} as well (see blocked_statuses).")
        account = await self.find(email)
        if not self.services.status_gate.blocks(account.status):
            raise Refused(f"this account is not blocked: its status is {account.status!r}.")
        await self.accounts.update_status(account.id, status)
        await self.forget_status(account)

    async def unlock(self, email: str) -> bool:
        """Clear the wrong passwords and codes of an address, known or not; return whether it was locked."""
        locked = await self.flows.is_account_locked(email, tenant_id=self.accounts.tenant_id)
        await self.flows.unlock_account(email, tenant_id=self.accounts.tenant_id)
        return locked

    async def sign_out(self, email: str) -> None:
        """
        End every session and access token of the account.  Idempotent.

        Raises:
            Refused: There is no such account.
        """
        await self._end_sessions(await self.find(email))

    async def change_role(self, email: str, role: str) -> Account:
        """
        Set the role of an account, and end its sessions, whose tokens carry the old one.

        Raises:
            Refused: There is no such account, or no role of the configuration has this name.
        """
        self._require_role(role)
        account = await self.find(email)
        await self.accounts.update_role(account.id, role)
        await self._end_sessions(account)
        return await self.find(email)

    async def set_password(self, email: str, password: str) -> Account:
        """
        Set the password of an account, end its sessions and a pending enrolment, and lift its lockout.

        Raises:
            Refused: There is no such account.
            ValidationFailed, PasswordCompromised: The password breaks a rule.
        """
        account = await self.find(email)
        await self.services.passwords.assert_acceptable(password, "password")
        hashed = await self.services.passwords.hash(password)
        await self._end_enrolment(account)
        await self.accounts.update_password(account.id, hashed)
        # What was stored during the write; before the sessions, whose end may fail.
        await self._end_enrolment(account)
        await self._end_sessions(account)
        await self.flows.unlock_account(email, tenant_id=self.accounts.tenant_id)
        return account

    async def delete(self, email: str) -> Account:
        """
        Delete an account and end its sessions.

        Raises:
            Refused: There is no such account.
        """
        account = await self.find(email)
        # Before, since a failure in between must leave no session of a deleted account; after, for a
        # session that was created between the two steps.
        await self._end_sessions(account)
        await self.accounts.remove(account.id)
        await self._end_sessions(account)
        await self.forget_status(account)
        return account

    async def show(self, email: str) -> tuple[Account, tuple[ActiveSessionInfo, ...], bool]:
        """
        Return an account, its sessions and whether failed sign-ins have locked it.

        Raises:
            Refused: There is no such account.
        """
        account = await self.find(email)
        sessions = await self.list_sessions(account.id, tenant_id=self.accounts.tenant_id)
        locked = await self.flows.is_account_locked(email, tenant_id=self.accounts.tenant_id)
        return account, sessions, locked

    async def find(self, email: str) -> Account:
        """
        Return the account with this address.

        Raises:
            Refused: There is no such account.
        """
        account = await self.accounts.find_by_email(canonical_email(email))
        if account is None:
            raise Refused(self.accounts.unknown)
        return account

    async def forget_status(self, account: Account) -> None:
        """Delete the cached status of a user; that of an administrator is not cached."""
        if isinstance(account, AuthUser):
            await self.services.account_status.forget(account.id, account.tenant_id)

    async def _end_sessions(self, account: Account) -> None:
        await self.flows.revoke_all_sessions(account.id, tenant_id=self.accounts.tenant_id)

    async def _end_enrolment(self, account: Account) -> None:
        """Delete an enrolment whose secret somebody with the old password has seen."""
        if self.services.stores.mfa is not None:
            tenant_id = self.accounts.tenant_id
            realm = Realm.PLATFORM if tenant_id is None else Realm.DASHBOARD
            subject = self.services.identifiers.subject(realm, account.id, tenant_id)
            await self.services.stores.mfa.take_setup(subject)

    def _require_role(self, role: str) -> None:
        roles = self.accounts.roles(self.services.config.auth.roles)
        if role not in roles:
            raise Refused(f"{role!r} is not a role of the configuration: {', '.join(sorted(roles))}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantOperator(Operator):
    """The operations on users of a tenant that administrators do not have: those about their mailbox."""

    accounts: TenantUsers
    flows: AccountFlows
    sends_mail: bool

    async def send_reset_mail(self, email: str) -> Account:
        """
        Mail a reset link or code to the account's owner.

        Raises:
            Refused: There is no such account, it is blocked, or no mail server is configured.
        """
        user = await self.find(email)
        if not self.sends_mail:
            raise Refused(
                "no mail server is configured: set BYMAX_AUTH_SMTP__HOST and BYMAX_AUTH_SMTP__SENDER."
            )
        if self.services.status_gate.blocks(user.status):
            raise Refused(f"this account is blocked: its status is {user.status!r}.")
        request = ForgotPasswordInput(email=user.email, tenant_id=self.accounts.tenant_id)
        await self.flows.forgot_password(request, RequestContext())
        await self.services.background.drain()
        return user

    async def verify(self, email: str) -> Account:
        """
        Record that the address of an account is proven.  Idempotent.

        Raises:
            Refused: There is no such account.
        """
        user = await self.find(email)
        users, tenant_id = self.accounts.users, self.accounts.tenant_id
        await users.update_email_verified(user.id, True, tenant_id=tenant_id)  # noqa: FBT003
        await self.forget_status(user)
        return await self.find(email)


def _require_status(status: str) -> None:
    """Refuse a blank or unprintable status; every other text may be a status of the host."""
    if not (status.strip() and status.isprintable()):
        raise Refused(f"{status!r} is no status: it is blank, or contains unprintable characters.")
