"""Rules about roles."""

from collections.abc import Iterator, Mapping

from bymax_auth.config.checks.context import CheckContext
from bymax_auth.config.problems import ConfigProblem, problem

__all__ = ["hierarchy_present", "hierarchy_transitive", "platform_hierarchy_present", "roles_known"]

Hierarchy = Mapping[str, tuple[str, ...]]


def hierarchy_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """At least one role is required."""
    if not context.config.roles.hierarchy:
        hint = 'Set {env} to your roles, such as {"ADMIN": ["MEMBER"], "MEMBER": []}.'
        yield problem("empty_role_hierarchy", "roles.hierarchy", "names no role", hint)


def roles_known(context: CheckContext) -> Iterator[ConfigProblem]:
    """A role includes only roles that exist."""
    for option, hierarchy in _hierarchies(context):
        for role in sorted(hierarchy):
            for child in hierarchy[role]:
                if child not in hierarchy:
                    message = f"{role!r} includes {child!r}, which is not a role of its own"
                    hint = f"Add {child!r} to {{env}} with the roles it includes, or remove it there."
                    yield problem("unknown_role_reference", option, message, hint, role=role, child=child)


def platform_hierarchy_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """The platform realm requires its own role hierarchy."""
    if context.config.platform.enabled and context.config.roles.platform_hierarchy is None:
        yield problem(
            "missing_platform_hierarchy",
            "roles.platform_hierarchy",
            "is needed while platform.enabled is on",
            'Set {env} to the administrators\' roles, such as {"SUPER_ADMIN": []}.',
        )


def hierarchy_transitive(context: CheckContext) -> Iterator[str]:
    """A role should list indirectly included roles too, because inclusion is not followed transitively."""
    for option, hierarchy in _hierarchies(context):
        for role in sorted(hierarchy):
            for child in hierarchy[role]:
                for grandchild in hierarchy.get(child, ()):
                    if grandchild != role and grandchild not in hierarchy[role]:
                        yield f"{option}: {role!r} includes {child!r} but not its {grandchild!r}; list both."


def _hierarchies(context: CheckContext) -> Iterator[tuple[str, Hierarchy]]:
    yield "roles.hierarchy", context.config.roles.hierarchy
    if context.config.roles.platform_hierarchy is not None:
        yield "roles.platform_hierarchy", context.config.roles.platform_hierarchy
