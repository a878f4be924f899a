from collections.abc import Mapping

import pytest

from bymax_auth.errors import ValidationFailed
from bymax_auth.http.body import validate
from bymax_auth.http.schemas.auth import (
    LoginRequest,
    RefreshRequest,
    RegisterRequest,
    ResendVerificationRequest,
    VerifyEmailRequest,
)
from bymax_auth.http.schemas.email_change import ChangeEmailRequest, ConfirmEmailChangeRequest
from bymax_auth.http.schemas.fields import RequestModel
from bymax_auth.http.schemas.password_reset import (
    ChangePasswordRequest,
    ForgotPasswordRequest,
    ResendOtpRequest,
    ResetPasswordRequest,
    VerifyOtpRequest,
)

LOGIN: Mapping[str, object] = {"email": "user@example.com", "password": "secret"}
VALID: Mapping[type[RequestModel], Mapping[str, object]] = {
    RegisterRequest: {"email": "user@example.com", "password": "p" * 8, "name": "Al"},
    LoginRequest: LOGIN,
    VerifyEmailRequest: {"email": "user@example.com", "otp": "123456"},
    ResendVerificationRequest: {"email": "user@example.com"},
    ForgotPasswordRequest: {"email": "user@example.com"},
    ResendOtpRequest: {"email": "user@example.com"},
    ResetPasswordRequest: {"email": "user@example.com", "newPassword": "p" * 8},
    VerifyOtpRequest: {"email": "user@example.com", "otp": "1234"},
    ChangePasswordRequest: {"currentPassword": "p", "newPassword": "p" * 8},
    RefreshRequest: {},
    ChangeEmailRequest: {"newEmail": "new@example.com", "currentPassword": "p"},
    ConfirmEmailChangeRequest: {"token": "0" * 64},
}
BOUNDS = [
    (RegisterRequest, "password", 8, 128),
    (RegisterRequest, "name", 2, 128),
    (RegisterRequest, "tenantId", 1, 128),
    (LoginRequest, "password", 1, 128),
    (LoginRequest, "tenantId", 1, 128),
    (VerifyEmailRequest, "otp", 6, 6),
    (VerifyEmailRequest, "tenantId", 1, 128),
    (ResendVerificationRequest, "tenantId", 1, 128),
    (ForgotPasswordRequest, "tenantId", 1, 128),
    (ResendOtpRequest, "tenantId", 1, 128),
    (ResetPasswordRequest, "newPassword", 8, 128),
    (ResetPasswordRequest, "token", 1, 2048),
    (ResetPasswordRequest, "otp", 4, 8),
    (ResetPasswordRequest, "verifiedToken", 64, 64),
    (ResetPasswordRequest, "tenantId", 1, 128),
    (VerifyOtpRequest, "otp", 4, 8),
    (VerifyOtpRequest, "tenantId", 1, 128),
    (ChangePasswordRequest, "currentPassword", 1, 128),
    (ChangePasswordRequest, "newPassword", 8, 128),
    (ChangePasswordRequest, "refreshToken", 1, 2048),
    (RefreshRequest, "refreshToken", 0, 2048),
    (ChangeEmailRequest, "currentPassword", 1, 128),
    (ConfirmEmailChangeRequest, "token", 64, 64),
]


def broken(model: type[RequestModel], members: Mapping[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationFailed) as refusal:
        validate(model, members)
    assert refusal.value.__context__ is None
    return [(problem.field, problem.message) for problem in refusal.value.fields]


def characters(count: int) -> str:
    return f"{count} character{'' if count == 1 else 's'}"


@pytest.mark.parametrize(("model", "field", "minimum", "maximum"), BOUNDS)
@pytest.mark.parametrize("letter", ["a", "é", "\U0001f600"])
def test_bounds_count_characters_and_not_bytes(
    model: type[RequestModel], field: str, minimum: int, maximum: int, letter: str
) -> None:
    """A name of a hundred Cyrillic letters is as long as one of a hundred Latin ones."""
    valid = VALID[model]
    for length in {minimum, maximum}:
        validate(model, {**valid, field: letter * length})
    too_long = {**valid, field: letter * (maximum + 1)}
    assert broken(model, too_long) == [(field, f"must be at most {characters(maximum)}")]
    if minimum:
        too_short = {**valid, field: letter * (minimum - 1)}
        assert broken(model, too_short) == [(field, f"must be at least {characters(minimum)}")]


PASSWORDS = [(model, field) for model, field, _, _ in BOUNDS if "assword" in field]


@pytest.mark.parametrize(("model", "field"), PASSWORDS)
def test_a_password_is_counted_as_its_owner_sees_it_and_passed_on_as_it_was_sent(
    model: type[RequestModel], field: str
) -> None:
    """A Mac sends the marks of letters apart; the flow must see the text that an older hash was made of."""
    sent = "e\u0323\u0302" * 128
    validated = validate(model, {**VALID[model], field: sent})
    assert validated.model_dump(by_alias=True)[field] == sent
    assert broken(model, {**VALID[model], field: sent + "e"}) == [(field, "must be at most 128 characters")]
    assert broken(model, {**VALID[model], field: sent * 40}) == [(field, "must be at most 128 characters")]


@pytest.mark.parametrize(
    "address",
    [
        "user@example.com",
        "a@b",
        "a..b@x.io",
        ".a@x.io",
        "a@[127.0.0.1]",
        "a@[::1]",
        "A!#$%&'*+/=?^_`{|}~-@x.io",
        "a" * 64 + "@x.io",
        "a@" + "b" * 63 + ".io",
        "a@" + ".".join(["b" * 63] * 3) + "." + "c" * 61,
    ],
)
def test_an_address_that_can_receive_mail_is_accepted(address: str) -> None:
    """Somebody whose address is unusual must still be able to sign in."""
    assert validate(ForgotPasswordRequest, {"email": address}).email == address


@pytest.mark.parametrize(
    "address",
    [
        "a@x.io.",
        "a@x_y.io",
        "a@-x.io",
        "a@x-.io",
        "a@[x]",
        "a@[1.2.3]",
        "a@[fe80::1%eth0]",
        "a@[::1",
        "@x.io",
        "a@@x.io",
        "a@b@c",
        "ü@x.io",
        "a@ü.io",
        '"q"@x.io',
        "a@x..io",
        "a\n@x.io",
        "a b@x.io",
        "a" * 65 + "@x.io",
        "a@" + "b" * 64 + ".io",
        "a",
        "",
        "   ",
        "a@x.io\x1c",
        "\ufeffa@x.io",
        "a@x.io\x00",
    ],
)
def test_an_address_that_cannot_is_refused(address: str) -> None:
    """What looks like two addresses, or hides a character, belongs to nobody."""
    assert broken(ForgotPasswordRequest, {"email": address}) == [("email", "must be a valid email address")]


def test_an_address_is_trimmed_before_it_is_judged() -> None:
    """A space that came along with a pasted address is nobody's mistake."""
    padded = "\u00a0\t user@example.com \u3000\n"
    assert validate(ForgotPasswordRequest, {"email": padded}).email == "user@example.com"
    longest = "a@" + ".".join(["b" * 63] * 3) + "." + "c" * 61
    assert len(longest) == 255
    assert validate(ForgotPasswordRequest, {"email": f" {longest} "}).email == longest
    assert broken(ForgotPasswordRequest, {"email": f"a{longest}"}) == [
        ("email", "must be at most 255 characters")
    ]


@pytest.mark.parametrize("character", ["\x00", "\x1f", "\x7f", "\x85", "\x9f"])
def test_a_tenant_holds_no_control_character(character: str) -> None:
    """A tenant becomes part of keys and log lines."""
    assert broken(LoginRequest, {**LOGIN, "tenantId": f"a{character}b"}) == [
        ("tenantId", "must not contain control characters")
    ]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", " ", "é"])
def test_a_tenant_may_hold_any_other_character(character: str) -> None:
    """A tenant is named by its host, in whatever language."""
    assert validate(LoginRequest, {**LOGIN, "tenantId": f"a{character}b"}).tenant_id == f"a{character}b"


def test_a_name_that_a_database_would_refuse_is_refused_here() -> None:
    """Found later, it would be a failure instead of an answer."""
    assert broken(RegisterRequest, {**VALID[RegisterRequest], "name": "A\x00l"}) == [
        ("name", "must not contain control characters")
    ]


@pytest.mark.parametrize("value", [123456, True, 1.5, [], {}, ["a"], None])
def test_nothing_is_coerced_into_text(value: object) -> None:
    """A code with leading zeros is not a number, and a list is not a password."""
    assert broken(LoginRequest, {**LOGIN, "password": value}) == [("password", "must be a string")]


def test_half_a_surrogate_pair_is_named_by_its_field() -> None:
    """It cannot be encoded, and would fail in the middle of a flow."""
    assert broken(LoginRequest, {**LOGIN, "password": "a\ud800"}) == [
        ("password", "must be valid Unicode text")
    ]
    assert broken(LoginRequest, {"email": "\udfff@x.io", "password": "a"}) == [
        ("email", "must be a valid email address")
    ]


def test_a_null_means_absent_where_a_field_is_optional() -> None:
    """Many clients write every key they know."""
    assert validate(LoginRequest, {**LOGIN, "tenantId": None}).tenant_id is None


def test_every_broken_rule_is_told_in_the_order_of_the_form() -> None:
    """A form that shows one problem at a time is sent many times."""
    members = {"extra": 1, "name": "A", "password": 7, "another\x00": "v"}
    assert broken(RegisterRequest, members) == [
        ("email", "is required"),
        ("password", "must be a string"),
        ("name", "must be at least 2 characters"),
        ("extra", "is not allowed"),
        ("another\ufffd", "is not allowed"),
    ]


@pytest.mark.parametrize("key", ["new_password", "NewPassword", "newpassword", "tenant_id"])
def test_keys_have_one_spelling(key: str) -> None:
    """Two spellings of one key would be two values for one field."""
    assert broken(ResetPasswordRequest, {**VALID[ResetPasswordRequest], key: "p" * 8}) == [
        (key, "is not allowed")
    ]


def test_a_flood_of_unknown_keys_gets_a_short_answer() -> None:
    """A small request must not be worth a large answer."""
    assert len(broken(RefreshRequest, {f"k{number}": 1 for number in range(5_000)})) == 64


@pytest.mark.parametrize("model", list(VALID))
def test_a_request_does_not_show_its_secrets(model: type[RequestModel]) -> None:
    """A debugger's view of a request ends up in bug reports."""
    secrets = {
        name: f"s3cret-{name}"
        for name in ("password", "otp", "token", "newPassword", "currentPassword", "refreshToken")
        if name in {field.alias for field in model.model_fields.values()}
    }
    shown = repr(
        model.model_construct(**{model_field(model, name): value for name, value in secrets.items()})
    )
    assert "s3cret" not in shown


def model_field(model: type[RequestModel], alias: str) -> str:
    return next(name for name, field in model.model_fields.items() if field.alias == alias)
