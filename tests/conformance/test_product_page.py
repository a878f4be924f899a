"""
The extractors and the hooks that the product page names, under their Python names.

A row that waits for a capability says for which one.  Whoever builds it takes the mark away: a row that is
marked and exists fails, and so does one that is neither.
"""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

import bymax_auth.fastapi as dependencies
import bymax_auth.http as guards
from bymax_auth.http.guards import BoundGuards
from bymax_auth.ports.hooks import AuthHooks, HookContext

SOURCE = Path(__file__).parents[2] / "src" / "bymax_auth"


@dataclass(frozen=True)
class Extractor:
    """What the page calls it, the guard, and the annotation of a FastAPI route; a role has none."""

    page: str
    guard: str
    annotation: str | None
    is_built: bool = False
    """Whether the guard is built by a call, with the name of a role."""


EXTRACTORS = (
    Extractor("AuthUser", "auth_user", "CurrentUser"),
    Extractor("OptionalAuthUser", "optional_auth_user", "OptionalUser"),
    Extractor("RequireRole<R>", "require_role", None, is_built=True),
    Extractor("PlatformUser", "platform_user", "CurrentPlatformUser"),
    Extractor("RequirePlatformRole<R>", "require_platform_role", None, is_built=True),
    Extractor("CurrentUser", "current_user", "CurrentUser"),
    Extractor("SelfOrAdmin", "self_or_admin", None, is_built=True),
    Extractor("UserStatus", "user_status", "ActiveUser"),
    Extractor("MfaSatisfied", "mfa_satisfied", "MfaSatisfiedUser"),
)

HOOKS: dict[str, str | None] = {
    "before_register": None,
    "before_login": None,
    "on_oauth_login": None,
    "after_register": None,
    "after_login": None,
    "after_logout": None,
    "after_email_verified": None,
    "after_password_reset": None,
    "after_mfa_enabled": None,
    "after_mfa_disabled": None,
    "after_mfa_recovery_codes_regenerated": None,
    "after_invitation_accepted": None,
    "on_new_session": None,
    "on_session_evicted": None,
    "on_login_failed": None,
    "on_lockout": None,
    "on_refresh_token_reuse_detected": None,
}
"""Every hook, and the capability that it waits for."""

OWN = [
    "after_account_reclaimed",
    "after_identity_linked",
    "after_identity_unlinked",
    "before_identity_linked",
]
"""Hooks that the page does not have."""

BUILT = OWN + [name for name, waits_for in HOOKS.items() if waits_for is None]


def test_the_page_names_nine_extractors_and_seventeen_hooks() -> None:
    """A row that is lost here is a promise that nobody looks after."""
    assert len({one.page for one in EXTRACTORS}) == len(EXTRACTORS) == 9
    assert len(HOOKS) == 17


@pytest.mark.parametrize("one", EXTRACTORS, ids=lambda one: one.page)
def test_an_extractor_is_a_guard_of_every_kind_of_host(one: Extractor) -> None:
    """Somebody who moves here from the original looks for it, in a FastAPI or in any other application."""
    guard = getattr(guards, one.guard)
    assert one.guard in guards.__all__
    assert inspect.getdoc(guard) or one.page == "CurrentUser"
    assert inspect.iscoroutinefunction(guard("ADMIN") if one.is_built else guard)
    bound = vars(BoundGuards) if one.is_built else inspect.getsource(BoundGuards.__init__)
    assert one.guard in bound
    if one.annotation is None:
        assert one.guard in dependencies.__all__
    else:
        assert one.annotation in dependencies.__all__
        assert get_origin(getattr(dependencies, one.annotation)) is Annotated
        (_, marker) = get_args(getattr(dependencies, one.annotation))
        assert inspect.iscoroutinefunction(marker.dependency)


def test_the_hooks_are_the_table() -> None:
    """A hook that is missing is one that a host overrides in vain, and one too many is never called."""
    found = [name for name, value in vars(AuthHooks).items() if inspect.iscoroutinefunction(value)]
    assert sorted(found) == sorted(BUILT), "complete the row of a hook that was built"


@pytest.mark.parametrize("name", BUILT)
def test_a_hook_has_a_caller_a_docstring_and_its_context_last(name: str) -> None:
    """A host overrides it, and waits for ever to be called."""
    hook: Callable[..., Any] = getattr(AuthHooks, name)
    assert inspect.getdoc(hook)
    assert [*get_type_hints(hook).items()][-2:] == [
        ("context", HookContext),
        ("return", get_type_hints(hook)["return"]),
    ]
    assert name in names_called_by("flows") | names_called_by("services")


@cache
def names_called_by(package: str) -> set[str]:
    """Every attribute that the package's modules read."""
    return {
        node.attr
        for path in (SOURCE / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
