"""
Every start-up rule, in order.

The order is part of the contract: of an option only the first problem is reported, and the first problem
of all is the one that an implementation which stops at the first would report.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from bymax_auth.config.checks import (
    collaborators,
    cookies,
    lifetimes,
    mail,
    passwords,
    providers,
    roles,
    second_factor,
    secrets,
    store_files,
)
from bymax_auth.config.checks.context import CheckContext, Collaborators, Rule, WarningRule
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigProblem
from bymax_auth.config.resolved import resolve_config

__all__ = ["RULES", "WARNINGS", "check_config"]

_CONFIGURATION: Final[tuple[Rule, ...]] = (
    secrets.secret_length,
    secrets.secret_size,
    secrets.secret_variety,
    secrets.previous_secrets,
    lifetimes.refresh_lifetime,
    lifetimes.grace_below_lifetime,
    lifetimes.grace_limit,
    lifetimes.attempt_window,
    lifetimes.attempts_in_range,
    lifetimes.access_within_epoch_retention,
    second_factor.previous_keys,
    roles.hierarchy_present,
    roles.roles_known,
    roles.platform_hierarchy_present,
    passwords.scrypt_minimum,
    passwords.argon2_minimum,
    passwords.hasher_enabled,
    second_factor.key_is_base64,
    second_factor.key_is_long_enough,
    second_factor.mfa_issuer,
    second_factor.mfa_toggle,
    second_factor.totp_window,
    second_factor.recovery_codes,
    second_factor.reset_code_length,
    providers.google_complete,
    providers.callback_secure,
    providers.success_needs_cookie,
    providers.redirects_secure,
    providers.redirects_listed,
    cookies.none_needs_secure,
    cookies.none_needs_origins,
    cookies.origins_bare,
    cookies.refresh_path_matches,
)

_COLLABORATORS: Final[tuple[Rule, ...]] = (
    collaborators.users_present,
    collaborators.stores_present,
    collaborators.platform_users_present,
    providers.provider_present,
    providers.state_store_present,
    collaborators.invitation_store_present,
    passwords.min_length,
)

_RUNTIME: Final[tuple[Rule, ...]] = (
    collaborators.extras_present,
    passwords.importers_installed,
    passwords.legacy_verifiers_synchronous,
    lifetimes.durations,
    passwords.kdf_limits,
    secrets.identifier_secret_required,
    secrets.identifier_secrets,
    secrets.secrets_not_published,
    collaborators.tenant_resolver_present,
    collaborators.stores_durable,
    store_files.files_private,
    collaborators.feed_covers_access,
    second_factor.mfa_store,
    collaborators.reset_store_present,
    collaborators.toggles_have_features,
    providers.http_client_present,
    providers.provider_names,
    providers.google_scope,
    cookies.cookie_names,
    cookies.cookie_prefixes,
    cookies.cookie_paths,
    cookies.mfa_path_matches,
    cookies.origin_ports,
    cookies.route_prefix,
    mail.email_complete,
    mail.email_present,
)

RULES: Final = (*_CONFIGURATION, *_COLLABORATORS, *_RUNTIME)
"""The rules that reject a configuration: by itself, with its collaborators, and for run-time failures."""

WARNINGS: Final[tuple[WarningRule, ...]] = (
    providers.default_hooks_refuse,
    collaborators.ticket_store_present,
    mail.email_not_sent,
    roles.hierarchy_transitive,
    store_files.files_readable,
)
"""The rules for settings that are allowed but probably unintended."""


def check_config(
    config: AuthConfig, given: Collaborators, reported: Iterable[str] = ()
) -> tuple[list[ConfigProblem], list[str]]:
    """
    Return every problem in the order of the rules, and every warning.

    Args:
        config: The options.
        given: What an engine has beside them.
        reported: Options that could not be read, so that no rule judges their defaults.
    """
    context = CheckContext(
        config=config, resolved=resolve_config(config), collaborators=given, reported=frozenset(reported)
    )
    problems: list[ConfigProblem] = []
    for rule in RULES:
        broken = [found for found in rule(context) if context.not_reported(found.option)]
        problems += broken
        context = replace(context, reported=context.reported | {found.option for found in broken})
    return problems, [line for rule in WARNINGS for line in rule(context)]
