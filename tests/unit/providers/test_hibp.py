"""The range check against servers that answer, lie, break and are silent."""

import hashlib
import logging
from datetime import timedelta
from unicodedata import normalize

import pytest

from bymax_auth.errors import PasswordCompromised
from bymax_auth.ports.breach import BreachCheckUnavailable, BreachServiceFault
from bymax_auth.providers.hibp import HIBP_RANGE_URL, HibpBreachChecker
from bymax_auth.providers.http import HttpxHttpClient
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.password_policy import PasswordPolicy
from bymax_auth.testing import RecordingEvents
from tests.servers.answers import AnsweringServer, answer, answering
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port

PASSWORD = "a lantern in orbit, é"
DIGEST = hashlib.sha1(PASSWORD.encode()).hexdigest().upper()
PREFIX, SUFFIX = DIGEST[:5], DIGEST[5:]
OTHER = "0" * 34
PADDING = f"{OTHER}1:0\r\n{OTHER}2:0\r\n"
PATIENT = HttpxHttpClient(timeout=timedelta(seconds=PATIENCE))


@pytest.fixture
def events() -> RecordingEvents:
    return RecordingEvents()


@pytest.fixture
def failures(events: RecordingEvents) -> FailureReporter:
    return FailureReporter(events)


def checker(server: AnsweringServer) -> HibpBreachChecker:
    return HibpBreachChecker(PATIENT, url=server.url)


async def verdict(body: str) -> bool:
    async with answering(answer(body.encode())) as server:
        return await checker(server).is_breached(PASSWORD)


async def fault(raw: bytes) -> BreachServiceFault:
    async with answering(raw) as server:
        with pytest.raises(BreachCheckUnavailable) as outage:
            await checker(server).is_breached(PASSWORD)
    return outage.value.fault


async def test_five_digits_of_the_hash_are_all_that_leaves() -> None:
    """Whoever reads the request, the service included, must not be able to find the password."""
    async with answering(answer(PADDING.encode())) as server:
        await checker(server).is_breached(PASSWORD)
    (head,) = server.requests
    assert server.targets == [f"/range/{PREFIX}"]
    assert SUFFIX not in head.upper()
    assert PASSWORD not in head
    assert "Add-Padding: true" in head.splitlines()


@pytest.mark.parametrize(
    "body",
    [
        f"{SUFFIX}:3",
        f"{OTHER}9:12\r\n{SUFFIX}:3\r\n{PADDING}",
        f"{OTHER}9:12\n{SUFFIX.lower()}:1\n",
        f"  {SUFFIX} : 1  \r\n",
        f"{PADDING}{SUFFIX}:1\r\n<html>",
    ],
    ids=["alone", "among others", "lower case", "with spaces", "before something else"],
)
async def test_a_listed_password_is_breached(body: str) -> None:
    """Attackers try the passwords of old breaches first."""
    assert await verdict(body) is True


@pytest.mark.parametrize(
    "body",
    [PADDING, f"{SUFFIX}:0\r\n{OTHER}9:4", f"{SUFFIX}:000", f"{OTHER}9:1"],
    ids=["padding alone", "its own row is padding", "zero at length", "others"],
)
async def test_another_password_is_not(body: str) -> None:
    """Padding is made up: a row of it could refuse a password that nobody has ever seen."""
    assert await verdict(body) is False


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n\r\n",
        b"<html><body>Please sign in to the network</body></html>",
        SUFFIX.encode(),
        f"{SUFFIX}:many".encode(),
        f"{SUFFIX[:-1]}:5".encode(),
        f"{SUFFIX}:{'9' * 5000}".encode(),
        f"{OTHER}9:1\r\n{SUFFIX}".encode(),
        f"{OTHER}9:١".encode(),
        b"\xff\xfe" + PADDING.encode(),
    ],
    ids=[
        "empty",
        "blank",
        "a page",
        "no count",
        "no number",
        "short",
        "long",
        "cut off",
        "digits",
        "no text",
    ],
)
async def test_an_answer_that_is_no_range_is_an_outage(body: bytes) -> None:
    """A page of the network's own would be taken for the word that the password is unknown."""
    assert await fault(answer(body)) is BreachServiceFault.UNREADABLE


@pytest.mark.parametrize(
    "status",
    ["204 No Content", "301 Moved Permanently", "404 Not Found", "429 Too Many", "503 Busy"],
)
async def test_another_status_is_an_outage(status: str) -> None:
    """A range that is not there has no rows; that is no proof that the password is unknown."""
    body = b"" if status.startswith("204") else f"{SUFFIX}:3".encode()
    assert await fault(answer(body, status)) is BreachServiceFault.STATUS


@pytest.mark.parametrize(
    "raw",
    [b"", b"SSH-2.0-OpenSSH\r\n", answer(b"x" * 1_048_577), answer(b"", "200 OK", "Content-Encoding: br")],
    ids=["closed", "another protocol", "too large", "compressed"],
)
async def test_a_broken_answer_is_an_outage(raw: bytes) -> None:
    """Whatever is at that address, it must neither stop people nor fill the memory."""
    assert await fault(raw) is BreachServiceFault.TRANSPORT


async def test_an_answer_is_bounded_without_a_client_of_the_hosts_own() -> None:
    """A mirror that answers without end would be read on the event loop, row by row."""
    rows = f"{OTHER}9:1\r\n".encode() * 7_000
    async with answering(answer(rows)) as server:
        with pytest.raises(BreachCheckUnavailable) as outage:
            await HibpBreachChecker(url=server.url).is_breached(PASSWORD)
    assert outage.value.fault is BreachServiceFault.TRANSPORT


async def test_a_slow_service_is_left_in_time() -> None:
    """People would wait for another company's server before they can register."""
    async with answering(b"HTTP/1.1 200 OK\r\n") as server:
        server.held = True
        hurried = HibpBreachChecker(HttpxHttpClient(timeout=timedelta(milliseconds=50)), url=server.url)
        with pytest.raises(BreachCheckUnavailable) as outage:
            await hurried.is_breached(PASSWORD)
    assert outage.value.fault is BreachServiceFault.TIMEOUT


async def test_nobody_there_is_an_outage() -> None:
    """A firewall that blocks the service must not close the registration."""
    absent = HibpBreachChecker(url=f"http://127.0.0.1:{free_port()}/range/")
    with pytest.raises(BreachCheckUnavailable) as outage:
        await absent.is_breached(PASSWORD)
    assert outage.value.fault is BreachServiceFault.CONNECT


@pytest.mark.parametrize(
    "url",
    [
        "http://api.pwnedpasswords.com/range/",
        "http://localhost.example.com/range/",
        "https://api.pwnedpasswords.com/range",
        "https://api.pwnedpasswords.com/range?q=/",
        "https://api.pwnedpasswords.com/range/#/",
        "https://user@api.pwnedpasswords.com/",
        "http://127.0.0.1\\@example.com/",
        "https:///range/",
        "https://exa mple.com/",
        "ftp://127.0.0.1/",
        "/range/",
        "",
    ],
)
def test_an_address_that_is_not_private_is_refused(url: str) -> None:
    """Half the hash's search space would cross the network in the clear, with each new password."""
    with pytest.raises(ValueError, match="must be https"):
        HibpBreachChecker(url=url)


@pytest.mark.parametrize(
    "url", [HIBP_RANGE_URL, "http://localhost:8080/", "http://127.0.0.1/range/", "http://[::1]:1/"]
)
def test_the_service_and_a_mirror_are_accepted(url: str) -> None:
    """A mirror beside the application keeps even the prefix at home."""
    HibpBreachChecker(url=url)


async def test_every_spelling_of_a_password_is_looked_up_alike(failures: FailureReporter) -> None:
    """The same password from a Mac would have another hash, and pass."""
    async with answering(answer(f"{SUFFIX}:3".encode())) as server:
        policy = PasswordPolicy(8, checker(server), failures)
        for form in ("NFC", "NFD"):
            with pytest.raises(PasswordCompromised):
                await policy.assert_acceptable(normalize(form, PASSWORD), "password")
    assert server.targets == [f"/range/{PREFIX}"] * 2


async def test_an_outage_lets_the_password_pass_and_is_reported(
    failures: FailureReporter, events: RecordingEvents, caplog: pytest.LogCaptureFixture
) -> None:
    """A service that is down would close the registration, or nobody would know that nothing is checked."""
    caplog.set_level(logging.DEBUG)
    async with answering(answer(b"", "503 Busy")) as server:
        await PasswordPolicy(8, checker(server), failures).assert_acceptable(PASSWORD, "password")
    (event,) = events.events
    assert (event.name, event.level) == ("breach_check.unavailable", logging.WARNING)
    assert PREFIX not in f"{event}{caplog.text}"
