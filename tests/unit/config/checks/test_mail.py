"""Which mails the enabled features send."""

from typing import Any

import pytest

from bymax_auth.ports.email import EmailProvider
from tests.unit.config.samples import MFA, judged, nested

EVERY_MAIL = tuple(name for name in vars(EmailProvider) if name.startswith("send_"))
QUIET = {"controllers.password_reset": False, "email_verification.required": False}


def missing(options: dict[str, Any], *implemented: str) -> list[tuple[str, str]]:
    """What the check reports of a provider that implements these methods."""
    lacks = tuple(name for name in EVERY_MAIL if name not in implemented)
    problems = judged(nested(QUIET | options), {"email_missing_methods": lacks})
    found = [problem for problem in problems if problem.code == "email_provider_incomplete"]
    assert all(problem.details["feature"] in problem.message for problem in found)
    return [(str(problem.details["method"]), str(problem.details["feature"])) for problem in found]


@pytest.mark.parametrize(
    ("options", "methods"),
    [
        ({}, []),
        ({"controllers.password_reset": True}, ["send_password_reset_token"]),
        (
            {"controllers.password_reset": True, "password_reset.method": "otp"},
            ["send_password_reset_token", "send_password_reset_otp"],
        ),
        ({"email_verification.required": True}, ["send_email_verification_otp"]),
        ({"controllers.email_change": True}, ["send_email_change_verification"]),
        ({"mfa": MFA}, ["send_mfa_enabled", "send_mfa_disabled"]),
        ({"invitations.enabled": True}, ["send_invitation"]),
    ],
)
def test_a_feature_needs_its_own_mails(options: dict[str, Any], methods: list[str]) -> None:
    """A host must hear of each mail that is missing, and of none that nothing sends."""
    assert [method for method, _ in missing(options)] == methods
    assert missing(options, *methods) == []
    assert all(feature in options for _, feature in missing(options))


def test_every_mail_that_cannot_be_left_out_belongs_to_a_feature() -> None:
    """A new mail without a feature would fail when it is sent, not when the server starts."""
    everything: dict[str, Any] = {
        "controllers.password_reset": True,
        "email_verification.required": True,
        "controllers.email_change": True,
        "mfa": MFA,
        "invitations.enabled": True,
    }
    needed = {method for method, _ in missing(everything)}
    needed |= {method for method, _ in missing(everything | {"password_reset.method": "otp"})}
    optional = {"send_password_changed", "send_email_changed_notification", "send_new_session_alert"}
    assert needed == set(EVERY_MAIL) - optional
