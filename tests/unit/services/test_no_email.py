"""The provider of a host that has configured no mail."""

import inspect
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from bymax_auth.ports.email import EmailProvider
from bymax_auth.services.no_email import NoOpEmailProvider
from bymax_auth.types.invitation import InviteData
from bymax_auth.types.session import SessionInfo

SECRET = "c0de1234"
ADDRESS = "ada.lovelace@example.com"
ARGUMENTS: dict[str, Any] = {
    "tenant_id": "acme\nforged",
    "email": ADDRESS,
    "new_email": ADDRESS,
    "old_email": ADDRESS,
    "token": SECRET,
    "otp": SECRET,
    "session": SessionInfo(device="Chrome", ip="192.0.2.1", session_hash="01234567"),
    "invite": InviteData(
        inviter_name="Grace",
        tenant_name="Acme",
        invite_token=SECRET,
        expires_at=datetime(2026, 1, 1, tzinfo=UTC),
    ),
}
SENDS = sorted(name for name in vars(EmailProvider) if name.startswith("send_"))


@pytest.mark.parametrize("name", SENDS)
async def test_nothing_is_sent_and_nothing_secret_is_logged(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A host without mail would find its users' codes in its logs."""
    send = getattr(NoOpEmailProvider(), name)
    wanted = inspect.signature(send).parameters
    with caplog.at_level(logging.DEBUG, logger="bymax_auth"):
        await send(**{key: value for key, value in ARGUMENTS.items() if key in wanted})
    (record,) = caplog.records
    assert (record.levelno, vars(record)["event"]) == (logging.DEBUG, "email.not_sent")
    shown = f"{record.getMessage()} {vars(record)}"
    assert SECRET not in shown
    assert "ada.lovelace" not in shown
    assert vars(record)["masked_email"] == "a***@example.com"
    assert vars(record)["tenant_id"] == "<malformed>"


def test_there_are_ten_mails() -> None:
    """A mail added to the port would be missing from the test above."""
    assert len(SENDS) == 10
