"""What a host passes to the engine beside the configuration, and the facts that start-up rules read."""

from dataclasses import dataclass

from pydantic import BaseModel

from bymax_auth.config.checks import Collaborators, installed_extras
from bymax_auth.config.resolvers import ExtraClaimsResolver, LocaleResolver
from bymax_auth.ports.accounts import PlatformUserRepository, UserRepository
from bymax_auth.ports.breach import PasswordBreachChecker
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.email import EmailProvider
from bymax_auth.ports.events import EventSink
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.ports.http import HttpClient
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.ports.stores import AuthStores
from bymax_auth.ports.telemetry import Telemetry
from bymax_auth.services.failures import InternalErrorCallback
from bymax_auth.services.no_email import NoOpEmailProvider

__all__ = ["Dependencies", "facts_of"]

_REQUIRED_STORES = ("sessions", "revocation", "attempts", "rate_limits", "otps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """The objects an engine is built from; `build_services` fills in a default for what is ``None``."""

    users: UserRepository
    stores: AuthStores
    platform_users: PlatformUserRepository | None = None
    email: EmailProvider | None = None
    hooks: AuthHooks | None = None
    breach_checker: PasswordBreachChecker | None = None
    events: EventSink | None = None
    clock: Clock | None = None
    on_internal_error: InternalErrorCallback | None = None
    profile: type[BaseModel] | None = None
    telemetry: Telemetry | None = None
    locale_resolver: LocaleResolver | None = None
    extra_claims: ExtraClaimsResolver | None = None
    oauth_providers: tuple[OAuthProvider, ...] = ()
    http_client: HttpClient | None = None


def facts_of(given: Dependencies) -> Collaborators:
    """Return the facts; without a type checker, a host may have passed ``None`` for anything."""
    return Collaborators(
        has_users=_is_given(given, "users"),
        has_platform_users=given.platform_users is not None,
        missing_stores=tuple(name for name in _REQUIRED_STORES if not _is_given(given.stores, name)),
        has_proof_store=_is_given(given.stores, "proofs"),
        has_invitation_store=_is_given(given.stores, "invitations"),
        has_mfa_store=_is_given(given.stores, "mfa"),
        has_ws_ticket_store=_is_given(given.stores, "ws_tickets"),
        stores_volatile=bool(getattr(given.stores, "volatile", False)),
        stores_allow_production=bool(getattr(given.stores, "allow_in_production", False)),
        stores_longest_access_ttl=getattr(given.stores, "longest_access_ttl", None),
        oauth_provider_names=tuple(provider.name for provider in given.oauth_providers),
        has_http_client=given.http_client is not None,
        has_custom_hooks=given.hooks is not None,
        email_is_noop=given.email is None or isinstance(given.email, NoOpEmailProvider),
        email_missing_methods=_missing_mails(given.email),
        importable=installed_extras(),
        exposed_store_files=tuple(getattr(given.stores, "exposed_files", ())),
    )


def _is_given(holder: object, name: str) -> bool:
    return getattr(holder, name, None) is not None


def _missing_mails(email: object) -> tuple[str, ...]:
    """Inheriting a method of the base class is the same as lacking it: a required one raises there."""
    if email is None:
        return ()
    methods = {name: method for name, method in vars(EmailProvider).items() if name.startswith("send_")}
    return tuple(name for name, method in methods.items() if getattr(type(email), name, method) is method)
