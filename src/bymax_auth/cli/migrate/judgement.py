"""
What becomes of an account of another system.

    source excludes it?         yes ──▶ refused
    canonical address?           no ──▶ refused
    second factor kept?          no ──▶ refused, unless the operator accepts its loss
    a password only?            yes ──▶ same id and address here: completed; else refused
    same id and address here?   yes ──▶ completed: what is empty here is filled
    same address here?          yes ──▶ both addresses proven, and not blocked there: completed; else refused
    same id here?               yes ──▶ refused
                                 no ──▶ created

Two accounts with one address become one only when both systems have proven the address: otherwise somebody
who registered a stranger's address first would share the account with its owner.

A second factor is not moved onto an account that exists: its owner enrolls it here.  A password that was
protected by one would then open the account alone, which the operator has to accept as well.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from bymax_auth.cli.migrate.bounds import canonical_address, is_usable_id, is_usable_identity
from bymax_auth.cli.migrate.candidates import Candidate
from bymax_auth.cli.migrate.hashes import format_of
from bymax_auth.ports.clock import Clock
from bymax_auth.repositories.sqlalchemy.bulk import Completion, KnownAccount, marked
from bymax_auth.types.account import AuthUser

__all__ = ["Batch", "Judge", "Refusal"]

_SHORTEST_NAME = 2
_LONGEST_NAME = 128


@dataclass(frozen=True, slots=True)
class Refusal:
    """An account that is not moved, and why."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What becomes of some accounts; `notes` counts what was not kept of those that are moved."""

    created: tuple[AuthUser, ...]
    completed: tuple[Completion, ...]
    present: int
    refused: tuple[Refusal, ...]
    notes: Counter[str]
    formats: Counter[str]


@dataclass(slots=True)
class _Outcome:
    created: dict[str, AuthUser] = field(default_factory=dict[str, AuthUser])
    completed: list[Completion] = field(default_factory=list[Completion])
    present: int = 0
    refused: list[Refusal] = field(default_factory=list[Refusal])
    notes: Counter[str] = field(default_factory=Counter[str])
    formats: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """
    Decides about accounts.

    Args:
        tenant_id: The tenant that they become accounts of.
        role: Their role.
        superuser_role: The role of those who administer the other system.
        roles: Every role of the configuration.
        disabled_status: The status of those who may not sign in.
        all_verified: Whether the operator takes every address for proven.
        drop_factors: Whether accounts may lose a second factor.
        seal: Encrypts a TOTP secret for the account with an id; ``None`` where the feature is off.
        clock: Tells the time of creation where the source has none.
    """

    tenant_id: str
    role: str
    superuser_role: str
    roles: frozenset[str]
    disabled_status: str
    all_verified: bool
    drop_factors: bool
    seal: Callable[[str, str], str | None] | None
    clock: Clock

    def judge(self, candidates: Sequence[Candidate], known: Iterable[KnownAccount]) -> Batch:
        """Return what becomes of these accounts, beside those that exist."""
        outcome = _Outcome()
        existing = _Existing(known)
        for candidate in candidates:
            reason = self._decide(candidate, existing, outcome)
            if reason is not None:
                outcome.refused.append(Refusal(candidate.id, reason))
        return Batch(
            created=tuple(outcome.created.values()),
            completed=tuple(outcome.completed),
            present=outcome.present,
            refused=tuple(outcome.refused),
            notes=outcome.notes,
            formats=outcome.formats,
        )

    def _decide(self, candidate: Candidate, existing: "_Existing", outcome: _Outcome) -> str | None:
        """Add the account to the outcome, or return the reason for refusing it."""
        account = self._account(candidate)
        if isinstance(account, str):
            return account
        by_id, by_email = existing.by_id.get(account.id), existing.by_email.get(account.email)
        if by_email is None:
            if by_id is not None:
                return "id_taken"
            if candidate.password_only:
                return "account_missing"
            self._create(account, candidate, existing, outcome)
            return None
        same = by_email.id == account.id
        if candidate.password_only and not same:
            return "account_missing"
        # What an operator assumes of every address proves none, and would open an account to a stranger.
        if not same and not (by_email.email_verified and candidate.verified):
            return "address_taken"
        if not same and candidate.disabled:
            return "account_disabled"
        return self._complete(account, candidate, by_email, existing, outcome)

    def _complete(
        self,
        account: AuthUser,
        candidate: Candidate,
        known: KnownAccount,
        existing: "_Existing",
        outcome: _Outcome,
    ) -> str | None:
        """Fill what is empty in an account that exists, or return the reason for not doing so."""
        values = {} if candidate.disabled else _missing(known, account, existing)
        if not values and known.id == account.id:
            outcome.present += 1
            return None
        if _has_factor(candidate) and not known.mfa_enabled:
            if not self.drop_factors:
                return "second_factor_would_be_lost"
            outcome.notes["second_factor_dropped"] += 1
        kept = "oauth_provider" in values or _has_identity_of(known, account)
        _note_identities(candidate, outcome, kept=kept)
        if not known.has_password:
            _note_password(account, candidate, outcome)
        outcome.completed.append(Completion(id=known.id, values=values))
        existing.add(_completed(known, values))
        return None

    def _create(
        self, account: AuthUser, candidate: Candidate, existing: "_Existing", outcome: _Outcome
    ) -> None:
        if account.oauth_provider is not None and existing.has_identity(account):
            account = replace(account, oauth_provider=None, oauth_provider_id=None)
        _note_identities(candidate, outcome, kept=account.oauth_provider is not None)
        if account.password_hash is None:
            outcome.notes["without_password"] += 1
        _note_password(account, candidate, outcome)
        if _has_factor(candidate) and not account.mfa_enabled:
            outcome.notes["second_factor_dropped"] += 1
        if not account.email_verified:
            outcome.notes["unverified_address"] += 1
        if candidate.disabled:
            outcome.notes["disabled"] += 1
        outcome.created[account.id] = account
        existing.add(replace(_known(account), email_verified=candidate.verified))

    def _account(self, candidate: Candidate) -> AuthUser | str:
        """Return the account as it would be created, or the reason for refusing it."""
        if candidate.refused is not None:
            return candidate.refused
        if not is_usable_id(candidate.id):
            return "id_invalid"
        email = canonical_address(candidate.email)
        if email is None:
            return "address_invalid" if candidate.email else "address_missing"
        role = candidate.role or (self.superuser_role if candidate.superuser else self.role)
        if role not in self.roles:
            return "role_unknown"
        secret = self._sealed(candidate)
        if _has_factor(candidate) and secret is None and not self.drop_factors:
            return "second_factor_would_be_lost"
        stored = candidate.password_hash or None
        first = next(filter(is_usable_identity, candidate.identities), None)
        return AuthUser(
            id=candidate.id,
            email=email,
            name=_name(candidate.name, email),
            password_hash=stored if stored and format_of(stored) else None,
            role=role,
            status=self.disabled_status if candidate.disabled else "active",
            tenant_id=self.tenant_id,
            email_verified=candidate.verified or self.all_verified,
            created_at=marked(candidate.created_at or self.clock.now()),
            mfa_enabled=secret is not None,
            mfa_secret=secret,
            mfa_recovery_codes=() if secret is not None else None,
            oauth_provider=None if first is None else first.provider,
            oauth_provider_id=None if first is None else first.provider_id,
        )

    def _sealed(self, candidate: Candidate) -> str | None:
        if candidate.totp_secret is None or self.seal is None:
            return None
        return self.seal(candidate.id, candidate.totp_secret)


class _Existing:
    """The accounts that exist, and those that this batch has decided to create."""

    def __init__(self, known: Iterable[KnownAccount]) -> None:
        self.by_id: dict[str, KnownAccount] = {}
        self.by_email: dict[str, KnownAccount] = {}
        self._identities: set[tuple[str, str]] = set()
        for account in known:
            self.add(account)

    def add(self, account: KnownAccount) -> None:
        self.by_id[account.id] = account
        self.by_email[account.email.lower()] = account
        if account.oauth_provider is not None and account.oauth_provider_id is not None:
            self._identities.add((account.oauth_provider, account.oauth_provider_id))

    def has_identity(self, account: AuthUser) -> bool:
        return (account.oauth_provider, account.oauth_provider_id) in self._identities


def _missing(known: KnownAccount, account: AuthUser, existing: _Existing) -> dict[str, str]:
    """Return the values that the account has here no value for."""
    values: dict[str, str] = {}
    if not known.has_password and account.password_hash is not None:
        values["password_hash"] = account.password_hash
    identity = (account.oauth_provider, account.oauth_provider_id)
    if known.oauth_provider is None and None not in identity and not existing.has_identity(account):
        values["oauth_provider"], values["oauth_provider_id"] = map(str, identity)
    return values


def _has_identity_of(known: KnownAccount, account: AuthUser) -> bool:
    identity = (account.oauth_provider, account.oauth_provider_id)
    return None not in identity and identity == (known.oauth_provider, known.oauth_provider_id)


def _completed(known: KnownAccount, values: dict[str, str]) -> KnownAccount:
    return replace(
        known,
        has_password=known.has_password or "password_hash" in values,
        oauth_provider=values.get("oauth_provider", known.oauth_provider),
        oauth_provider_id=values.get("oauth_provider_id", known.oauth_provider_id),
    )


def _known(account: AuthUser) -> KnownAccount:
    return KnownAccount(
        id=account.id,
        email=account.email,
        email_verified=account.email_verified,
        mfa_enabled=account.mfa_enabled,
        has_password=account.password_hash is not None,
        oauth_provider=account.oauth_provider,
        oauth_provider_id=account.oauth_provider_id,
    )


def _has_factor(candidate: Candidate) -> bool:
    return candidate.totp_secret is not None or candidate.unreadable_factor


def _note_password(account: AuthUser, candidate: Candidate, outcome: _Outcome) -> None:
    if account.password_hash is not None:
        outcome.formats[format_of(account.password_hash) or ""] += 1
    elif candidate.password_hash:
        outcome.notes["unknown_password_format"] += 1


def _note_identities(candidate: Candidate, outcome: _Outcome, *, kept: bool) -> None:
    usable = sum(map(is_usable_identity, candidate.identities))
    further, unusable = usable - int(kept), len(candidate.identities) - usable
    if further > 0:
        outcome.notes["identities_not_kept"] += further
    if unusable > 0:
        outcome.notes["identities_of_another_form"] += unusable


def _name(name: str, email: str) -> str:
    """Return a name within the bounds of an account's; the address stands in for one that is too short."""
    cleaned = "".join(one if one.isprintable() else " " for one in name).strip()[:_LONGEST_NAME].strip()
    return cleaned if len(cleaned) >= _SHORTEST_NAME else email[:_LONGEST_NAME]
