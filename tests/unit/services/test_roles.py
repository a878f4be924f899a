"""Which role includes which."""

import pytest

from bymax_auth.services.roles import satisfies

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
    assert satisfies(HIERARCHY, held, required) is answer


def test_a_realm_without_roles_lets_nobody_pass() -> None:
    """Equal names of two realms must not open the other one."""
    assert not satisfies(None, "ADMIN", "ADMIN")
