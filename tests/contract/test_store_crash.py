"""A file survives the death of the process that writes it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bymax_auth.ports.sessions import InGrace, Live, RevokedAll
from bymax_auth.stores.embedded import EmbeddedStores
from tests.contract.samples import account, token

ROOT = Path(__file__).parents[2]
CONFIRMED_BEFORE_THE_KILL = 25


@pytest.mark.untraced
@pytest.mark.processes
async def test_what_was_confirmed_is_there_after_a_kill(tmp_path: Path) -> None:
    """A crash or a deployment would sign people out, or bring an exchanged token back."""
    path = tmp_path / "auth.db"
    for _ in range(2):
        confirmed = kill_in_the_middle(path)
        stores = EmbeddedStores(path)
        await stores.start()
        for name in confirmed:
            before = name.replace("second", "first")
            assert isinstance(await stores.sessions.snapshot(account().realm, token(name)), Live)
            assert isinstance(await stores.sessions.snapshot(account().realm, token(before)), InGrace)
        alive = len(await stores.sessions.list(account()))
        assert alive in {len(confirmed), len(confirmed) + 1}, "at most the one in flight was not reported"
        ended = await stores.sessions.revoke_all(account())
        assert isinstance(ended, RevokedAll)
        assert ended.removed == alive
        await stores.aclose()


def kill_in_the_middle(path: Path) -> list[str]:
    """Let a process write, kill it while it does, and return what it had confirmed."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.contract.busy_writer", str(path)],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        names = [writer.stdout.readline().strip() for _ in range(CONFIRMED_BEFORE_THE_KILL)]
        writer.kill()
        names += [line.strip() for line in writer.stdout if line.endswith("\n")]
    assert writer.returncode == -9
    return names
