"""The services of an engine, each built once and shared by its flows."""

from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import assert_never

from bymax_auth.config.checks import sentinel_hash_failed
from bymax_auth.config.credentials import PasswordConfig
from bymax_auth.config.enums import PasswordAlgorithm
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigError
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.hasher import HasherUnavailable, PasswordHasher
from bymax_auth.crypto.password.imported import importers_of
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.engine.dependencies import Dependencies
from bymax_auth.errors import StoreUnavailable
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.ports.breach import PasswordBreachChecker
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.email import EmailProvider
from bymax_auth.ports.events import EventSink
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.ports.one_time import PayloadT, ProofKind, ProofStore
from bymax_auth.ports.stores import AuthStores
from bymax_auth.ports.telemetry import Telemetry
from bymax_auth.services.account_status import AccountStatus, StatusGate
from bymax_auth.services.accounts import TenantScopedUsers
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.common_passwords import CommonPasswordChecker
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.hooks import HookRunner
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.kdf_pool import KdfBudget, KdfPool
from bymax_auth.services.languages import Locales
from bymax_auth.services.lockout import Lockout
from bymax_auth.services.mail import Mailer
from bymax_auth.services.no_email import NoOpEmailProvider
from bymax_auth.services.oauth_providers import OAuthProviders
from bymax_auth.services.one_time_codes import OneTimeCodes
from bymax_auth.services.open_logins import OpenLogins
from bymax_auth.services.password_policy import PasswordPolicy
from bymax_auth.services.passwords import Passwords
from bymax_auth.services.proof_bindings import ProofBindings
from bymax_auth.services.reset_proofs import ResetProofs
from bymax_auth.services.system import LoggingEventSink, SafeEventSink, SystemClock
from bymax_auth.services.telemetry import ObservedStores, SafeTelemetry, TelemetryEventSink
from bymax_auth.services.tenants import TenantResolution

__all__ = ["Services", "build_services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the flows of both realms share; `email`, `hooks`, `events` and `clock` have their defaults."""

    config: ResolvedConfig
    dependencies: Dependencies
    stores: AuthStores
    telemetry: Telemetry | None
    events: EventSink
    clock: Clock
    keys: KeyRing
    identifiers: Identifiers
    failures: FailureReporter
    background: BackgroundTasks
    hooks: HookRunner
    mailer: Mailer
    passwords: Passwords
    lockout: Lockout
    status_gate: StatusGate
    account_status: AccountStatus
    users: TenantScopedUsers
    tenants: TenantResolution
    codes: OneTimeCodes
    proofs: ResetProofs
    session_lifetime: timedelta
    open_logins: OpenLogins
    oauth_providers: OAuthProviders


def build_services(config: ResolvedConfig, dependencies: Dependencies) -> Services:
    """
    Return the services of a configuration that has passed every rule.

    A dependency that is ``None`` gets its default here; one that is falsy stays.

    Raises:
        ConfigError: The first password hash could not be computed.
    """
    auth = config.auth
    telemetry = None if dependencies.telemetry is None else SafeTelemetry(dependencies.telemetry)
    stores = dependencies.stores if telemetry is None else ObservedStores(dependencies.stores, telemetry)
    clock = SystemClock() if dependencies.clock is None else dependencies.clock
    events = _events(dependencies.events, telemetry)
    hooks = AuthHooks() if dependencies.hooks is None else dependencies.hooks
    email = NoOpEmailProvider() if dependencies.email is None else dependencies.email
    failures = FailureReporter(events, dependencies.on_internal_error)
    background = BackgroundTasks(failures)
    identifiers = Identifiers.of_key(config.identifier_key)
    users = TenantScopedUsers(dependencies.users, failures)
    status_gate = StatusGate(auth.blocked_statuses)
    return Services(
        config=config,
        dependencies=dependencies,
        stores=stores,
        telemetry=telemetry,
        events=events,
        clock=clock,
        keys=KeyRing(auth.jwt.secret, auth.jwt.previous_secrets),
        identifiers=identifiers,
        failures=failures,
        background=background,
        hooks=HookRunner(hooks, background, failures, auth.hook_timeout),
        mailer=Mailer(email, background, auth.email_timeout, _locales(auth, dependencies, email, failures)),
        passwords=_passwords(auth.password, dependencies.breach_checker, failures, clock, telemetry),
        lockout=_lockout(auth, stores, background, failures, clock),
        status_gate=status_gate,
        account_status=AccountStatus(
            users=users,
            revocation=stores.revocation,
            identifiers=identifiers,
            gate=status_gate,
            background=background,
            cache_ttl=auth.user_status_cache_ttl,
            verification_required=auth.email_verification.required,
        ),
        users=users,
        tenants=TenantResolution(auth.tenancy.resolver, failures),
        codes=OneTimeCodes(stores.otps, identifiers, clock),
        proofs=_reset_proofs(auth, stores, identifiers),
        session_lifetime=timedelta(days=auth.jwt.refresh_expires_in_days),
        open_logins=OpenLogins(stores.revocation, identifiers, clock, failures),
        oauth_providers=_oauth_providers(dependencies, failures),
    )


def _lockout(
    auth: AuthConfig,
    stores: AuthStores,
    background: BackgroundTasks,
    failures: FailureReporter,
    clock: Clock,
) -> Lockout:
    return Lockout(
        attempts=stores.attempts,
        background=background,
        failures=failures,
        clock=clock,
        limit=auth.brute_force.max_attempts,
        window=auth.brute_force.window,
    )


def _oauth_providers(dependencies: Dependencies, failures: FailureReporter) -> OAuthProviders:
    by_name = {provider.name: provider for provider in dependencies.oauth_providers}
    return OAuthProviders(MappingProxyType(by_name), failures)


def _events(given: EventSink | None, telemetry: Telemetry | None) -> EventSink:
    events = LoggingEventSink() if given is None else SafeEventSink(given)
    return events if telemetry is None else TelemetryEventSink(events, telemetry)


def _locales(
    auth: AuthConfig, dependencies: Dependencies, email: EmailProvider, failures: FailureReporter
) -> Locales:
    return Locales(
        languages=tuple(email.languages),
        resolver=dependencies.locale_resolver,
        timeout=auth.hook_timeout,
        failures=failures,
    )


def _reset_proofs(auth: AuthConfig, stores: AuthStores, identifiers: Identifiers) -> ResetProofs:
    reset = auth.password_reset
    longest = max(reset.token_ttl, reset.otp_ttl, auth.email_change.token_ttl)
    bindings = ProofBindings(stores.proofs or _NoProofStore(), identifiers, longest)
    return ResetProofs(bindings.store, bindings)


def _passwords(
    config: PasswordConfig,
    checker: PasswordBreachChecker | None,
    failures: FailureReporter,
    clock: Clock,
    telemetry: Telemetry | None,
) -> Passwords:
    chosen = _parameters(config)
    importers = importers_of(config.importers)
    samples = (importer.read(importer.sample) for importer in importers)
    largest = max([chosen.working_set_mib, *(one.working_set_mib for one in samples if one is not None)])
    budget = KdfBudget.of(largest, processes=config.kdf_processes, max_waiting=config.kdf_max_waiting)
    checker = CommonPasswordChecker(config.blocklist) if checker is None else checker
    policy = PasswordPolicy(config.min_length, checker, failures)
    try:
        hasher = PasswordHasher(chosen, config.legacy_verifiers, importers)
        pool = KdfPool(budget, failures.events, clock)
        if telemetry is not None:
            telemetry.watch(pool)
        return Passwords(hasher, pool, policy, clock, _inactive_hasher(config, chosen))
    except Exception as error:
        raise ConfigError([sentinel_hash_failed(config.active_algorithm)]) from error


def _inactive_hasher(
    config: PasswordConfig, active: ScryptParameters | Argon2Parameters
) -> PasswordHasher | None:
    """
    Return a hasher of the algorithm that is not active, ``None`` where its hashes cannot be the dearer ones.

    That is where it is not installed, so that they match nothing, or where it does less work.
    """
    scrypt, argon2 = _scrypt(config), _argon2(config)
    inactive = argon2 if isinstance(active, ScryptParameters) else scrypt
    if isinstance(inactive, Argon2Parameters) and inactive.work_kib <= scrypt.work_kib:
        return None
    try:
        return PasswordHasher(inactive)
    except HasherUnavailable:
        return None


def _parameters(config: PasswordConfig) -> ScryptParameters | Argon2Parameters:
    match config.active_algorithm:
        case PasswordAlgorithm.SCRYPT:
            return _scrypt(config)
        case PasswordAlgorithm.ARGON2ID:
            return _argon2(config)
        case _:
            assert_never(config.active_algorithm)


def _scrypt(config: PasswordConfig) -> ScryptParameters:
    cost = config.scrypt
    return ScryptParameters(
        log2_n=cost.cost_factor.bit_length() - 1,
        block_size=cost.block_size,
        parallelization=cost.parallelization,
    )


def _argon2(config: PasswordConfig) -> Argon2Parameters:
    cost = config.argon2
    return Argon2Parameters(
        memory_kib=cost.memory_kib, iterations=cost.iterations, parallelism=cost.parallelism
    )


class _NoProofStore(ProofStore):
    """Replaces the store of a deployment that keeps no proofs: none can be stored or read."""

    async def put(
        self, kind: ProofKind[PayloadT], token_hash: str, payload: PayloadT, ttl: timedelta
    ) -> None:
        raise StoreUnavailable

    async def consume(self, kind: ProofKind[PayloadT], token_hash: str) -> PayloadT | None:
        raise StoreUnavailable

    async def read(self, kind: ProofKind[PayloadT], token_hash: str) -> PayloadT | None:
        raise StoreUnavailable

    async def delete(self, kind: ProofKind[PayloadT], token_hash: str) -> None:
        raise StoreUnavailable
