"""The input of a start-up rule, and the type of a rule."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from bymax_auth.config.enums import Environment
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigProblem
from bymax_auth.config.resolved import ResolvedConfig

__all__ = ["CheckContext", "Collaborators", "Rule", "WarningRule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collaborators:
    """
    Facts about the objects that an engine received beside its configuration.

    `missing_stores` names the required stores that are absent: all of them when no stores were passed.
    `has_ws_ticket_store` is ``None`` where the stores are not known.
    `email_missing_methods` names the methods of `EmailProvider` that the host's provider does not define.
    `exposed_store_files` are files of the stores that every user of the machine may read.
    `importable` names the extras whose packages are installed.
    """

    has_users: bool
    has_platform_users: bool
    missing_stores: tuple[str, ...]
    has_proof_store: bool
    has_invitation_store: bool
    has_mfa_store: bool
    stores_volatile: bool
    stores_allow_production: bool
    stores_longest_access_ttl: timedelta | None
    oauth_provider_names: tuple[str, ...]
    has_http_client: bool
    has_custom_hooks: bool
    email_is_noop: bool
    email_missing_methods: tuple[str, ...]
    importable: frozenset[str]
    has_ws_ticket_store: bool | None = None
    exposed_store_files: tuple[str, ...] = ()

    @classmethod
    def complete(cls, importable: frozenset[str]) -> Self:
        """Return the facts of an engine that has every collaborator, to check a configuration alone."""
        return cls(
            has_users=True,
            has_platform_users=True,
            missing_stores=(),
            has_proof_store=True,
            has_invitation_store=True,
            has_mfa_store=True,
            stores_volatile=False,
            stores_allow_production=False,
            stores_longest_access_ttl=None,
            oauth_provider_names=(),
            has_http_client=True,
            has_custom_hooks=True,
            email_is_noop=False,
            email_missing_methods=(),
            importable=importable,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """Everything a rule may read; `reported` are the options for which earlier rules reported a problem."""

    config: AuthConfig
    resolved: ResolvedConfig
    collaborators: Collaborators
    reported: frozenset[str]

    @property
    def production(self) -> bool:
        """Whether the environment is production."""
        return self.config.environment is Environment.PRODUCTION

    def not_reported(self, *options: str) -> bool:
        """Return whether no earlier rule has reported one of `options`."""
        return self.reported.isdisjoint(options)


Rule = Callable[[CheckContext], Iterable[ConfigProblem]]
"""Yields one problem for each entry that breaks the rule."""

WarningRule = Callable[[CheckContext], Iterable[str]]
"""Yields one line for each setting that is allowed but probably unintended."""
