"""The service that an environment describes."""

import hashlib
from pathlib import Path

import pytest

from bymax_auth.cli.serve.service import build_service
from bymax_auth.errors import PasswordCompromised
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import RegisterInput
from tests.integration.cli.service import EMAIL, PASSWORD, settings, with_tables
from tests.servers.answers import answer, answering

DIGEST = hashlib.sha1(PASSWORD.encode()).hexdigest().upper()
HERE = RequestContext()


def applicant(password: str) -> RegisterInput:
    return RegisterInput(email=EMAIL, name="Ana Souza", password=password)


async def test_two_variables_check_passwords_against_a_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator switches it on, and breached passwords or those of the list are accepted all the same."""
    with_tables(tmp_path)
    async with answering(answer(f"{DIGEST[5:]}:7".encode())) as server:
        variables = settings(
            tmp_path,
            BYMAX_AUTH_SERVE__BREACH_CHECK="true",
            BYMAX_AUTH_SERVE__BREACH_CHECK_URL=server.url,
            BYMAX_AUTH_PASSWORD__BLOCKLIST="waterfall",
        )
        for name, text in variables.items():
            monkeypatch.setenv(name, text)
        service = build_service(variables)
        async with service.engine as engine:
            for known in (PASSWORD, "waterfall2026!!", "passwordpassword1"):
                with pytest.raises(PasswordCompromised):
                    await engine.register(applicant(known), HERE)
        await service.database.dispose()
    assert server.targets == [f"/range/{DIGEST[:5]}"]
