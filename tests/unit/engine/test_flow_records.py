"""Which role includes which."""

from dataclasses import replace

import pytest

from bymax_auth.engine.disabled_flows import disabled_platform

HIERARCHY = {"OWNER": ("ADMIN", "USER"), "ADMIN": ("USER",), "USER": ()}


@pytest.mark.parametrize(
    ("held", "required", "answer"),
    [
        ("USER", "USER", True),
        ("OWNER", "USER", True),
        ("ADMIN", "OWNER", False),
        ("USER", "ADMIN", False),
        ("GUEST", "USER", False),
        ("GUEST", "GUEST", True),
        ("admin", "USER", False),
    ],
)
def test_a_role_includes_itself_and_what_is_listed(held: str, required: str, answer: bool) -> None:
    """A member must not pass for an administrator."""
    assert replace(disabled_platform(), hierarchy=HIERARCHY).role_satisfies(held, required) is answer


def test_a_realm_without_roles_lets_nobody_pass() -> None:
    """Equal names of two realms must not open the other one."""
    assert not replace(disabled_platform(), hierarchy=None).role_satisfies("ADMIN", "ADMIN")
