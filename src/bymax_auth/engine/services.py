"""The services of one engine, each built once and shared by its flows."""

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from bymax_auth.config.checks import sentinel_hash_failed
from bymax_auth.config.enums import PasswordAlgorithm
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigError
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.engine.dependencies import Given
from bymax_auth.errors import StoreUnavailable
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.ports.one_time import PayloadT, ProofKind, ProofStore
from bymax_auth.services.account_status import AccountStatus, StatusGate
from bymax_auth.services.accounts import TenantScopedUsers
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.hooks import HookRunner
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.kdf_pool import KdfBudget, KdfPool
from bymax_auth.services.lockout import Lockout
from bymax_auth.services.mail import Mailer
from bymax_auth.services.one_time_codes import OneTimeCodes
from bymax_auth.services.password_policy import PasswordPolicy
from bymax_auth.services.passwords import Passwords
from bymax_auth.services.reset_proofs import ResetProofs
from bymax_auth.services.tenants import TenantResolution

__all__ = ["Parts", "build_parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What flows of both realms share."""

    config: ResolvedConfig
    given: Given
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


def build_parts(config: ResolvedConfig, given: Given) -> Parts:
    """
    Return the services of a configuration that has passed every rule.

    Raises:
        ConfigError: The first password hash could not be computed.
    """
    auth = config.auth
    failures = FailureReporter(given.events, given.on_internal_error)
    background = BackgroundTasks(failures)
    identifiers = Identifiers.of_key(config.identifier_key)
    users = TenantScopedUsers(given.users, failures)
    status_gate = StatusGate(auth.blocked_statuses)
    return Parts(
        config=config,
        given=given,
        keys=KeyRing(auth.jwt.secret, auth.jwt.previous_secrets),
        identifiers=identifiers,
        failures=failures,
        background=background,
        hooks=HookRunner(given.hooks, background, failures, auth.hook_timeout),
        mailer=Mailer(given.email, background, auth.email_timeout),
        passwords=_passwords(auth, given, failures),
        lockout=Lockout(
            attempts=given.stores.attempts,
            background=background,
            failures=failures,
            clock=given.clock,
            limit=auth.brute_force.max_attempts,
            window=auth.brute_force.window,
        ),
        status_gate=status_gate,
        account_status=AccountStatus(
            users=users,
            revocation=given.stores.revocation,
            identifiers=identifiers,
            gate=status_gate,
            background=background,
            cache_ttl=auth.user_status_cache_ttl,
            verification_required=auth.email_verification.required,
        ),
        users=users,
        tenants=TenantResolution(auth.tenancy.resolver, failures),
        codes=OneTimeCodes(given.stores.otps, identifiers, given.clock),
        proofs=ResetProofs(given.stores.proofs or _NoProofStore()),
        session_lifetime=timedelta(days=auth.jwt.refresh_expires_in_days),
    )


def _passwords(auth: AuthConfig, given: Given, failures: FailureReporter) -> Passwords:
    chosen = _parameters(auth)
    budget = KdfBudget.of(
        chosen.working_set_mib,
        processes=auth.password.kdf_processes,
        max_waiting=auth.password.kdf_max_waiting,
    )
    policy = PasswordPolicy(auth.password.min_length, given.breach_checker, failures)
    try:
        hasher = PasswordHasher(chosen, auth.password.legacy_verifiers)
        return Passwords(hasher, KdfPool(budget, given.events, given.clock), policy, given.clock)
    except Exception as error:
        raise ConfigError([sentinel_hash_failed(auth.password.active_algorithm)]) from error


def _parameters(auth: AuthConfig) -> ScryptParameters | Argon2Parameters:
    match auth.password.active_algorithm:
        case PasswordAlgorithm.SCRYPT:
            scrypt = auth.password.scrypt
            return ScryptParameters(
                log2_n=scrypt.cost_factor.bit_length() - 1,
                block_size=scrypt.block_size,
                parallelization=scrypt.parallelization,
            )
        case PasswordAlgorithm.ARGON2ID:
            argon2 = auth.password.argon2
            return Argon2Parameters(
                memory_kib=argon2.memory_kib, iterations=argon2.iterations, parallelism=argon2.parallelism
            )
        case _:
            assert_never(auth.password.active_algorithm)


class _NoProofStore(ProofStore):
    """Stands in where password reset is off: nothing can be proven."""

    async def put(
        self, kind: ProofKind[PayloadT], token_hash: str, payload: PayloadT, ttl: timedelta
    ) -> None:
        raise StoreUnavailable

    async def consume(self, kind: ProofKind[PayloadT], token_hash: str) -> PayloadT | None:
        raise StoreUnavailable

    async def delete(self, kind: ProofKind[PayloadT], token_hash: str) -> None:
        raise StoreUnavailable
