"""The table of options says what the models say."""

from pathlib import Path

from bymax_auth.config.documentation import option_rows, options_table

ROWS = {row.option: row for row in option_rows()}


def test_every_option_is_explained() -> None:
    """Somebody who meets an option must not have to read the source."""
    assert len(ROWS) > 80
    assert [row.option for row in ROWS.values() if not row.meaning or not row.meaning.endswith(".")] == []


def test_a_row_says_what_both_profiles_do() -> None:
    """The choice between the profiles is made from this table."""
    row = ROWS["cookies.same_site"]

    assert (row.kind, row.default, row.secure_default) == ("`lax`, `strict`, `none`", "`lax`", "`strict`")
    assert row.variable == "`BYMAX_AUTH_COOKIES__SAME_SITE`"
    assert [row.option for row in ROWS.values() if row.secure_default] == [
        "password.active_algorithm",
        "cookies.same_site",
        "registration.session",
        "blocked_statuses",
        "tenancy.resolver",
        "tenancy.allow_body_tenant",
    ]


def test_objects_are_marked_as_code_only() -> None:
    """A variable that cannot work must not be offered."""
    assert {row.option for row in ROWS.values() if row.variable == "code only"} == {
        "password.legacy_verifiers",
        "cookies.resolve_domains",
        "sessions.max_sessions_resolver",
        "tenancy.resolver",
    }
    assert {row.kind for row in ROWS.values() if row.variable == "code only"} == {"object", "list of object"}


def test_defaults_read_like_prose() -> None:
    """A table of Python reprs would help nobody."""
    shown = {option: ROWS[option].default for option in ("jwt.secret", "jwt.access_ttl", "sessions.enabled")}

    assert shown == {"jwt.secret": "–", "jwt.access_ttl": "900 s", "sessions.enabled": "off"}
    assert ROWS["email_verification.required"].default == "on"
    assert ROWS["jwt.issuer"].default == "unset"
    assert ROWS["roles.hierarchy"].default == ROWS["password.blocklist"].default == "empty"
    assert ROWS["oauth.google.scope"].default == "`openid`, `email`, `profile`"
    assert ROWS["roles.platform_hierarchy"].kind == "mapping"


def test_the_readme_holds_the_current_table() -> None:
    """An outdated table sends people to options that are gone."""
    readme = (Path(__file__).parents[3] / "README.md").read_text("utf-8")

    assert options_table() in readme
