"""Text on its way into a flow."""

import pytest

from bymax_auth.errors import ValidationFailed
from bymax_auth.services.addresses import (
    canonical_email,
    is_usable_tenant_id,
    require_display_name,
    require_tenant_id,
    require_text,
    stored_address,
    strip_white_space,
)
from tests.unit.services.parts import user


def messages(refusal: pytest.ExceptionInfo[ValidationFailed]) -> list[tuple[str, str]]:
    return [(error.field, error.message) for error in refusal.value.fields]


def test_an_address_has_at_most_255_characters() -> None:
    """A longer one would be cut or refused by the host's database, as a failure."""
    longest = "a" * 250 + "@x.io"
    assert canonical_email(longest) == longest

    with pytest.raises(ValidationFailed) as refusal:
        canonical_email("a" + longest)
    assert messages(refusal) == [("email", "must be at most 255 characters")]


def test_a_refused_address_is_named_as_its_sender_names_it() -> None:
    """Somebody who is asked for a new address would look for the mistake in the old one."""
    for wrong in ("", "a" * 256, "a:b@x.io"):
        with pytest.raises(ValidationFailed) as refusal:
            canonical_email(wrong, "newEmail")
        assert [field for field, _ in messages(refusal)] == ["newEmail"]


def test_a_stored_address_is_read_in_canonical_form() -> None:
    """A host's row with a capital letter would never be the account's own address."""
    assert stored_address(user(email=" Ana@Example.COM\n")) == "ana@example.com"


def test_an_address_with_half_a_character_is_refused() -> None:
    """It could not be encoded for any key later."""
    with pytest.raises(ValidationFailed) as refusal:
        canonical_email("a\ud800@x.io")
    assert messages(refusal) == [("email", "must be a valid email address")]


@pytest.mark.parametrize("address", ["prod:ada@example.com", '"a@b:c"@example.com', "prod:ada"])
def test_an_address_that_could_be_part_of_a_tenants_name_is_refused(address: str) -> None:
    """Codes of "prod:ada@…" in the tenant "acme" would be those of "ada@…" in the tenant "acme:prod"."""
    with pytest.raises(ValidationFailed) as refusal:
        canonical_email(address)
    assert messages(refusal) == [("email", "must be a valid email address")]


def test_a_colon_in_the_literal_address_of_a_host_is_fine() -> None:
    """Somebody whose mail host has no name could not sign in."""
    assert canonical_email("Ada@[IPv6:2001:db8::1]") == "ada@[ipv6:2001:db8::1]"


def test_only_unicode_white_space_is_trimmed() -> None:
    """Python alone would trim separators that other runtimes keep."""
    assert strip_white_space("\u2003\x1c a \x1f\u3000") == "\x1c a \x1f"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "must be at least 1 character"),
        ("x" * 129, "must be at most 128 characters"),
        ("\udfff", "must be valid text"),
    ],
)
def test_text_out_of_bounds_is_refused_by_field(value: str, message: str) -> None:
    """Who calls the engine without a schema gets the same bounds as a request."""
    with pytest.raises(ValidationFailed) as refusal:
        require_text(value, "password", 1, 128)
    assert messages(refusal) == [("password", message)]


@pytest.mark.parametrize(("minimum", "maximum"), [(2, 2), (1, 1)])
def test_bounds_are_spelled_in_the_right_number(minimum: int, maximum: int) -> None:
    """A person reads the message."""
    with pytest.raises(ValidationFailed) as short:
        require_text("", "code", minimum, maximum)
    with pytest.raises(ValidationFailed) as long:
        require_text("xxx", "code", minimum, maximum)

    unit = "character" if minimum == 1 else "characters"
    assert messages(short) + messages(long) == [
        ("code", f"must be at least {minimum} {unit}"),
        ("code", f"must be at most {maximum} {unit}"),
    ]


def test_text_within_bounds_is_unchanged() -> None:
    """A password that were trimmed would no longer be the one its owner chose."""
    assert require_text("  пароль  ", "password", 1, 10) == "  пароль  "


@pytest.mark.parametrize("value", ["", " \u3000", "a\nb", "x" * 129, "\ud800"])
def test_a_tenant_that_no_one_could_have_chosen_is_refused(value: str) -> None:
    """A blank tenant would be one tenant shared by everybody who forgot theirs."""
    with pytest.raises(ValidationFailed) as refusal:
        require_tenant_id(value)
    assert [error.field for error in refusal.value.fields] == ["tenantId"]
    assert not is_usable_tenant_id(value)


def test_a_tenant_that_is_missing_is_asked_for() -> None:
    """Whoever left a field empty would be told that it is blank."""
    with pytest.raises(ValidationFailed) as refusal:
        require_tenant_id("")
    assert [error.message for error in refusal.value.fields] == ["must be at least 1 character"]


@pytest.mark.parametrize("value", ["a", "acme", " Acme ", "açaí:prod", "x" * 128])
def test_a_tenant_is_used_as_it_was_named(value: str) -> None:
    """Tenants are the host's words."""
    assert require_tenant_id(value) == value
    assert is_usable_tenant_id(value)


@pytest.mark.parametrize("value", ["A", "x" * 129, "An\0a"])
def test_a_name_that_a_database_refuses_is_refused_first(value: str) -> None:
    """The person would see a server failure instead of what to change."""
    with pytest.raises(ValidationFailed) as refusal:
        require_display_name(value)
    assert [error.field for error in refusal.value.fields] == ["name"]


def test_a_name_is_kept_as_written() -> None:
    """It is the person's own."""
    assert require_display_name(" Ana  María ") == " Ana  María "


@pytest.mark.parametrize(
    ("length", "message"), [(1, "at least 2"), (2, None), (128, None), (129, "at most 128")]
)
def test_a_name_has_2_to_128_characters(length: int, message: str | None) -> None:
    """A person called Bo could not register."""
    name = "o" * length
    if message is None:
        assert require_display_name(name) == name
    else:
        with pytest.raises(ValidationFailed) as refusal:
            require_display_name(name)
        assert messages(refusal) == [("name", f"must be {message} characters")]
