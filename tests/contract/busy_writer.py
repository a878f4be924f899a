"""
A process that signs people in until it is killed, and says of each session when it was confirmed.

    python -m tests.contract.busy_writer auth.db
"""

import asyncio
import itertools
import sys

from bymax_auth.stores.embedded import EmbeddedStores
from tests.contract.samples import account, new_session, rotation


async def write_until_killed(path: str) -> None:
    """Sign in, refresh, and print the name of the token that the store has just confirmed."""
    stores = EmbeddedStores(path)
    owner = account()
    for number in itertools.count():
        await stores.sessions.create(owner, new_session(owner, f"first-{number}"))
        await stores.sessions.rotate(owner, rotation(owner, f"first-{number}", f"second-{number}"))
        sys.stdout.write(f"second-{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(write_until_killed(sys.argv[1]))
