"""The record that an address is its account owner's: whichever mailed proof has shown it."""

from dataclasses import dataclass, replace
from functools import partial

from bymax_auth.ports.accounts import UserRepository
from bymax_auth.ports.events import EmailVerified, EventSink
from bymax_auth.services.account_status import AccountStatus
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.types.account import AuthUser, SafeAuthUser
from bymax_auth.types.context import RequestContext

__all__ = ["AddressVerification"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressVerification:
    """Records verified addresses, and calls the hook."""

    users: UserRepository
    account_status: AccountStatus
    hooks: HookRunner
    events: EventSink

    async def record(self, user: AuthUser, context: RequestContext) -> AuthUser:
        """
        Mark the user's address as verified, and return the user as stored from now on.

        Raises:
            StoreUnavailable: The cached status could not be deleted.
            RepositoryBackendError: The repository failed.
        """
        await self.users.update_email_verified(user.id, verified=True, tenant_id=user.tenant_id)
        verified = replace(user, email_verified=True)
        await self.announce(verified, context)
        return verified

    async def announce(self, user: AuthUser, context: RequestContext) -> None:
        """
        Delete the cached status of a user whose address was stored as verified, and call the hook.

        Raises:
            StoreUnavailable: The cached status could not be deleted.
        """
        await self.account_status.forget(user.id, user.tenant_id)
        self.events.emit(EmailVerified(user_id=user.id, tenant_id=user.tenant_id))
        about = hook_context(context, user_id=user.id, email=user.email, tenant_id=user.tenant_id)
        self.hooks.notify(
            "after_email_verified",
            partial(self.hooks.hooks.after_email_verified, SafeAuthUser.from_user(user), about),
        )
