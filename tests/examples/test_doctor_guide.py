"""The guide to examining an application: its commands run, and it names every check and option."""

import asyncio
import inspect
import json
import shlex

from bymax_auth.cli.doctor import faults
from bymax_auth.cli.doctor.command import doctor
from tests.examples.guides import ROOT, blocks
from tests.integration.cli.doctor.application import Application
from tests.integration.cli.in_process import run
from tests.servers.asgi import served

TEXT = (ROOT / "docs" / "guides" / "doctor.md").read_text("utf-8")


async def test_the_commands_of_the_guide_find_the_fault_of_its_example() -> None:
    """A reader copies a command that does not work, or looks for fields that are not there."""
    plain, raised, with_session = (block.text for block in blocks("doctor.md", "sh"))
    assignment, _ = with_session.splitlines()
    name, _, cookie = shlex.split(assignment)[1].partition("=")
    application = Application(routed=lambda request: request.path.removesuffix(".rsc"))
    async with served(application, server_header=False) as address:
        for text in (plain, raised, with_session):
            words = shlex.split(text.splitlines()[-1].replace("https://app.example.com", f"http://{address}"))
            done = await asyncio.to_thread(
                run, *words[1:], "--json", "--rate", "1000", "--timeout", "60", env={name: cookie}
            )
            assert (done.returncode, done.stderr) == (1, "")
            (found,) = [one for one in json.loads(done.stdout)["findings"] if one["check"] == "page_open"]
            (block,) = blocks("doctor.md", "json")
            example = json.loads(block.text)
            assert found.keys() == example.keys()
            assert found["title"] == example["title"]
            assert "GET /dashboard.rsc" in {one["asked"] for one in found["evidence"]}


def test_the_guide_names_every_check_and_every_option() -> None:
    """Somebody looks up what a program reports, and does not find it."""
    checks = [getattr(faults, name).id for name in faults.__all__]
    names = {"authority": "ca-file"}
    options = [
        names.get(one, one.replace("_", "-")) for one in inspect.signature(doctor).parameters if one != "url"
    ]
    assert [one for one in checks if f"`{one}`" not in TEXT] == []
    assert [one for one in options if f"`--{one}" not in TEXT] == []
