"""The watch over the log (I-10) sees what it must, in whatever way the tests are run."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from bymax_auth.crypto.tokens import secure_token
from tests.log_scan import Watch
from tests.security.gates import ROOT

PLANTED = "lantern-orbit-velvet-planted"
OTHER_LOGGER = logging.getLogger("somebody.elses")


@pytest.fixture
def watch() -> Watch:
    """A watch of the test's own that knows one password and one code."""
    own = Watch()
    own.learn(PLANTED, "a password")
    own.learn("483920", "a mailed secret")
    return own


def record_of(message: str = "Signed in", *args: object, **extra: object) -> logging.LogRecord:
    return OTHER_LOGGER.makeRecord(
        "bymax_auth", logging.DEBUG, "flow.py", 7, message, args, None, extra=extra or None
    )


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (record_of(f"password was {PLANTED}"), "a password"),
        (record_of("password was %r", {"deep": [PLANTED]}), "a password"),
        (record_of(password=PLANTED), "a password"),
        (record_of(given=(1, (PLANTED,))), "a password"),
        (record_of("code 483920."), "a mailed code"),
        (record_of(otp=483920), "a mailed code"),
        (record_of("token %s", secure_token()), "a token or a whole digest"),
        (record_of("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJl"), "a signed token"),
        (record_of("$scrypt$ln=14,r=8,p=1$c2FsdA$a2V5"), "a password hash"),
        (record_of(stored="$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$a2V5"), "a password hash"),
        (record_of(masked_email="ada@example.com"), "a whole address"),
        (record_of("mail for <Ada.L+x@mail.example.co>"), "a whole address"),
    ],
)
def test_a_secret_is_found_wherever_a_record_holds_it(
    watch: Watch, record: logging.LogRecord, kind: str
) -> None:
    """A formatter of the host's may print any part of a record."""
    watch.record(record)
    assert watch.judge() == [f"bymax_auth DEBUG flow:7 holds {kind}"]
    assert watch.judge() == [], "a record is judged once"


def test_a_secret_in_an_exception_is_found(watch: Watch) -> None:
    """A traceback is text in the log as well."""
    try:
        raise ValueError(PLANTED)
    except ValueError as error:
        caught = (type(error), error, error.__traceback__)
    record = OTHER_LOGGER.makeRecord("x", logging.ERROR, "flow.py", 7, "Failed", (), caught)
    watch.record(record)
    assert watch.judge() == ["x ERROR flow:7 holds a password"]


def test_a_report_holds_no_secret(watch: Watch) -> None:
    """What the watch prints is itself kept by whoever runs the tests."""
    watch.record(record_of(f"{PLANTED} 483920 ada@example.com"))
    report = "\n".join(watch.judge())
    assert report
    assert all(secret not in report for secret in (PLANTED, "483920", "ada@"))


@pytest.mark.parametrize(
    "record",
    [
        record_of(
            masked_email="a***@example.com", user_id="0b1a7e55-3f1e-4f6e-9d4e-483920000000", route="/login"
        ),
        record_of("Signed in after 12 of 48392 attempts, session 0f1e2d3c", session_hash="0f1e2d3c"),
    ],
)
def test_an_ordinary_record_passes(watch: Watch, record: logging.LogRecord) -> None:
    """A watch that cries over every record would be switched off."""
    watch.record(record)
    assert watch.judge() == []


RUN = """
    import logging

    import pytest

    from bymax_auth.crypto.password.hasher import PasswordHasher
    from bymax_auth.crypto.password.scrypt import ScryptParameters
    from bymax_auth.testing import RecordingMailer
    from bymax_auth.types.secret import Secret

    MY_PASSWORD = "amber-thicket-monsoon-17"
    hasher = PasswordHasher(ScryptParameters(log2_n=14, block_size=8, parallelization=1))

    async def mailed():
        await RecordingMailer().send_email_verification_otp("acme", "ada@example.com", "735024")

    def test_constant():
        logging.getLogger("any").debug("x", extra={"field": MY_PASSWORD})

    def test_configured():
        logging.getLogger("any").debug("%s", Secret("a-configured-secret-0123").reveal())

    def test_hashed():
        hasher.hash("a password that was hashed")
        logging.getLogger("any.child").info("a password that was hashed")

    def test_verified():
        hasher.verify("a password that was verified", "nothing")
        logging.getLogger("any").info("a password that was verified")

    def test_mailed():
        import asyncio
        asyncio.run(mailed())
        logging.getLogger("any").warning("sent 735024")

    @pytest.fixture(scope="session")
    def late():
        yield
        logging.getLogger("any").info(MY_PASSWORD)

    def test_in_the_end_of_a_fixture(late):
        pass

    def test_innocent():
        logging.getLogger("any").info("a***@example.com signed in")
"""
LEAKING = 6


@pytest.mark.parametrize("how", [(), ("-p", "xdist", "-n", "1")], ids=["alone", "xdist"])
def test_a_run_that_logs_a_secret_fails(tmp_path: Path, how: tuple[str, ...]) -> None:
    """A leak that only a careful reader would notice reaches production."""
    (tmp_path / "conftest.py").write_text(
        "from tests.log_scan import LogScan\n\n"
        "def pytest_configure(config):\n    config.pluginmanager.register(LogScan())\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_planted.py").write_text(dedent(RUN))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *how, str(tmp_path)]
    # pytest says everything twice where it takes itself to be in continuous integration.
    environment = {name: value for name, value in os.environ.items() if name not in {"CI", "BUILD_NUMBER"}}
    # Plugins that are not needed take longer to import than the run.
    environment |= {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"{LEAKING} error" in run.stdout, run.stdout
    assert run.stdout.count(" let secrets into the log") == LEAKING
