"""What a host hands to the engine beside the configuration, and the facts about it that rules judge."""

from dataclasses import dataclass

from bymax_auth.config.checks import Collaborators, installed_extras
from bymax_auth.config.model import AuthConfig
from bymax_auth.ports.accounts import PlatformUserRepository, UserRepository
from bymax_auth.ports.breach import PasswordBreachChecker
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.email import REQUIRED_EMAIL_METHODS, EmailProvider
from bymax_auth.ports.events import EventSink
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.ports.stores import AuthStores
from bymax_auth.services.common_passwords import CommonPasswordChecker
from bymax_auth.services.failures import InternalErrorCallback
from bymax_auth.services.no_email import NoOpEmailProvider
from bymax_auth.services.system import LoggingEventSink, SafeEventSink, SystemClock

__all__ = ["Choices", "Given", "facts_of", "with_defaults"]

_REQUIRED_STORES = ("sessions", "revocation", "attempts", "rate_limits", "otps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a host may leave out."""

    platform_users: PlatformUserRepository | None
    email: EmailProvider | None
    hooks: AuthHooks | None
    breach_checker: PasswordBreachChecker | None
    events: EventSink | None
    clock: Clock | None
    on_internal_error: InternalErrorCallback | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Everything an engine works with, defaults filled in."""

    users: UserRepository
    stores: AuthStores
    platform_users: PlatformUserRepository | None
    email: EmailProvider
    hooks: AuthHooks
    breach_checker: PasswordBreachChecker
    events: EventSink
    clock: Clock
    on_internal_error: InternalErrorCallback | None


def with_defaults(config: AuthConfig, users: UserRepository, stores: AuthStores, choices: Choices) -> Given:
    """Return what the engine works with; what was given counts, also where it is falsy."""
    email, hooks, clock = choices.email, choices.hooks, choices.clock
    screen, events = choices.breach_checker, choices.events
    return Given(
        users=users,
        stores=stores,
        platform_users=choices.platform_users,
        email=NoOpEmailProvider() if email is None else email,
        hooks=AuthHooks() if hooks is None else hooks,
        breach_checker=CommonPasswordChecker(config.password.blocklist) if screen is None else screen,
        events=LoggingEventSink() if events is None else SafeEventSink(events),
        clock=SystemClock() if clock is None else clock,
        on_internal_error=choices.on_internal_error,
    )


def facts_of(users: UserRepository | None, stores: AuthStores | None, choices: Choices) -> Collaborators:
    """Return the plain facts; a host without type checks may have left anything out."""
    return Collaborators(
        has_users=users is not None,
        has_platform_users=choices.platform_users is not None,
        missing_stores=tuple(name for name in _REQUIRED_STORES if not _has(stores, name)),
        has_proof_store=_has(stores, "proofs"),
        has_invitation_store=_has(stores, "invitations"),
        has_mfa_store=_has(stores, "mfa"),
        stores_volatile=bool(getattr(stores, "volatile", False)),
        stores_allow_production=bool(getattr(stores, "allow_in_production", False)),
        stores_longest_access_ttl=getattr(stores, "longest_access_ttl", None),
        oauth_provider_names=(),
        has_http_client=False,
        has_custom_hooks=choices.hooks is not None,
        email_is_noop=choices.email is None or isinstance(choices.email, NoOpEmailProvider),
        email_missing_methods=_missing_mails(choices.email),
        importable=installed_extras(),
    )


def _has(stores: object, name: str) -> bool:
    return getattr(stores, name, None) is not None


def _missing_mails(email: object) -> tuple[str, ...]:
    """The base class's own methods refuse, so inheriting one is the same as lacking it."""
    if email is None:
        return ()
    return tuple(
        name
        for name in REQUIRED_EMAIL_METHODS
        if getattr(type(email), name, None) in (None, getattr(EmailProvider, name))
    )
