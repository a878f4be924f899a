"""A fresh deployment for each test, on every kind of store."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.http.world import World, a_world
from tests.integration.keeping import KEPT_KINDS, keep_in
from tests.long import LONG

__all__ = ["kept", "world"]


JOURNEYS = (
    "test_email_change",
    "test_guards",
    "test_invitation_routes",
    "test_logout",
    "test_oauth",
    "test_oauth_form",
    "test_oauth_refusals",
    "test_password_recovery",
    "test_platform",
    "test_rate_limits",
    "test_refresh",
    "test_second_factor",
    "test_session_routes",
    "test_sign_in",
    "test_token_refusals",
    "test_verification",
    "test_ws_ticket",
)
"""What a journey leaves in a store is tested on every kind; how a request is read needs one."""

USUAL = frozenset(
    {
        "test_a_ban_is_seen_within_the_caches_time",
        "test_a_banned_account_loses_every_session",
        "test_a_changed_password_spares_the_session_that_changed_it",
        "test_a_code_confirms_and_every_session_ends",
        "test_a_code_is_exchanged_for_a_token_that_sets_a_password",
        "test_a_code_proves_the_address_once",
        "test_a_code_passes_the_second_factor",
        "test_a_code_sets_a_new_password",
        "test_a_foreign_session_looks_like_an_unknown_one",
        "test_a_link_moves_the_account_and_every_session_stays",
        "test_a_link_sets_a_new_password_and_ends_every_session",
        "test_a_refresh_replaces_the_whole_session",
        "test_a_form_of_another_site_becomes_a_navigation_that_carries_the_cookie",
        "test_a_person_comes_back_and_is_signed_in",
        "test_a_return_without_the_cookie_leaves_the_state",
        "test_of_two_returns_at_once_one_is_signed_in",
        "test_a_recovery_code_passes_once",
        "test_a_registration_signs_in_at_once",
        "test_a_registration_that_may_not_sign_in_carries_no_token",
        "test_a_replayed_token_ends_its_login",
        "test_a_reset_lets_its_owner_in_whatever_strangers_have_tried",
        "test_a_removed_factor_is_not_asked_for",
        "test_a_ticket_opens_one_socket",
        "test_a_token_is_good_in_its_own_tenant_only",
        "test_an_invited_person_accepts_and_is_signed_in",
        "test_another_invitation_ends_the_first_link",
        "test_revoking_answers_alike_and_ends_the_link",
        "test_an_address_that_is_guessed_at_gets_a_link",
        "test_all_other_sessions_end_and_the_callers_stays",
        "test_an_administrator_ends_every_session",
        "test_an_administrator_signs_in_refreshes_and_signs_out",
        "test_five_failures_lock_an_administrators_address_and_no_users",
        "test_a_replayed_token_ends_the_administrators_login",
        "test_both_tokens_die_and_the_cookies_go",
        "test_clients_are_told_apart_by_what_they_own",
        "test_five_failures_lock_any_address_alike",
        "test_no_address_is_kept_in_the_store",
        "test_one_code_at_two_challenges_opens_one_session",
        "test_one_session_ends_by_its_hash",
        "test_routes_count_apart_and_two_spellings_together",
        "test_the_list_is_bare_newest_first_and_marks_the_callers_own",
        "test_the_mail_can_be_sent_again_after_a_minute",
        "test_the_platform_is_guarded_by_its_own_tokens",
    }
)
"""Journeys that reach every operation of the stores; on Redis the others run in `make test-long` alone."""

TO_THE_SECOND = frozenset({"test_a_limit_admits_its_number_and_refuses_the_next"})
"""Journeys up to the last second of a time that the product sets, which on a server passes by itself."""


def marks_of(kind: str) -> list[pytest.MarkDecorator]:
    """Coverage is measured on the embedded stores."""
    return [pytest.mark.untraced] if kind.startswith("redis") else []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the journeys on every kind of store; a test may name the kinds of its rows itself."""
    if any("kept" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")):
        return
    is_journey = metafunc.module.__name__.rpartition(".")[2] in JOURNEYS
    name = metafunc.function.__name__
    everywhere = is_journey and (LONG or name in USUAL) and name not in TO_THE_SECOND
    kinds = KEPT_KINDS if everywhere else KEPT_KINDS[:1]
    metafunc.parametrize("kept", [pytest.param(kind, marks=marks_of(kind)) for kind in kinds], indirect=True)


@pytest.fixture(autouse=True)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Where this test's deployments keep their state."""
    with keep_in(request.param, request, tmp_path):
        yield


@pytest.fixture
async def world(kept: None) -> AsyncIterator[World]:
    """Ada's deployment: cookies, no rate limits, sessions served."""
    async with a_world() as deployment:
        yield deployment
