"""What is allowed and probably not meant is said once, at start."""

from tests.unit.config.samples import warned

NOOP = {"email_is_noop": True}


def test_mail_that_nobody_sends_is_mentioned_in_production() -> None:
    """Users would wait for codes that never come."""
    assert len(warned({}, NOOP)) == 1
    assert len(warned({"email_verification": {"required": False}}, NOOP)) == 1
    quiet = {"email_verification": {"required": False}, "controllers": {"password_reset": False}}
    assert warned(quiet, NOOP) == []
    assert warned({"environment": "development"}, NOOP) == []


def test_a_hierarchy_that_is_not_closed_is_mentioned() -> None:
    """Nothing is followed: an owner without the member's rights surprises everybody."""
    open_ended = {"OWNER": ["ADMIN"], "ADMIN": ["MEMBER"], "MEMBER": []}
    (line,) = warned({"roles": {"hierarchy": open_ended}})

    assert "'OWNER'" in line
    assert "'MEMBER'" in line
    closed = {"OWNER": ["ADMIN", "MEMBER"], "ADMIN": ["MEMBER", "OWNER"], "MEMBER": []}
    assert warned({"roles": {"hierarchy": closed}}) == []
    assert warned({"roles": {"hierarchy": closed, "platform_hierarchy": open_ended}}) != []
    assert warned({"roles": {"hierarchy": {"A": ["B"]}}}) == []


def test_missing_tickets_are_mentioned_where_a_route_misses_them() -> None:
    """A client that gets 404 for a ticket looks for its own mistake."""
    assert len(warned({}, {"has_ws_ticket_store": False})) == 1
    assert warned({}, {"has_ws_ticket_store": True}) == []
    assert warned({"controllers": {"auth": False}}, {"has_ws_ticket_store": False}) == []


def test_hooks_that_refuse_every_provider_are_mentioned() -> None:
    """Everybody who comes from the provider would be turned away."""
    overrides = {"controllers": {"oauth": True}}

    assert len(warned(overrides, {"has_custom_hooks": False, "oauth_provider_names": ("acme",)})) == 1
    assert warned(overrides) == []


def test_a_store_file_that_everybody_may_read_is_mentioned_outside_production() -> None:
    """A developer's file becomes the deployment's, and every user of the machine reads who is signed in."""
    exposed = {"exposed_store_files": ("auth.db", "auth.db-wal")}
    (line,) = warned({"environment": "development"}, exposed)

    assert line.endswith("Run: chmod o-rwx auth.db auth.db-wal")
    assert warned({}, exposed) == warned({"environment": "development"}) == []
