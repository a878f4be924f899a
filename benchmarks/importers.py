"""
Sign-ins of accounts that were moved in, and what everybody else notices of them; for each format of hashes.

As in `sign_in`: a probe alone, then beside clients who sign in without pause.  Each account signs in once,
so that the derivation of the other system and the new hash are part of every sign-in.
"""

from itertools import count

from benchmarks.contenders import CONTENDERS
from benchmarks.report import Table
from benchmarks.sign_in import COLUMNS, Load, rows
from bymax_auth.crypto.password import HashFormat

__all__ = ["run"]

_LOAD = Load(4, 4.0)
"""Enough to occupy every thread; a longer queue is `sign_in`'s subject."""
_LOAD_WHEN_QUICK = Load(2, 0.3)
_FORMATS_WHEN_QUICK = (HashFormat.BETTER_AUTH_SCRYPT,)


def run(*, quick: bool) -> list[Table]:
    """Measure each format."""
    load = _LOAD_WHEN_QUICK if quick else _LOAD
    found = [
        row
        for kind in (_FORMATS_WHEN_QUICK if quick else HashFormat)
        for row in rows(CONTENDERS[f"imported-{kind}"], load, count())
    ]
    notes = (
        f"{load.clients} clients at once, each sign-in of another account, whose hash is replaced",
        "me: GET /auth/me on its own connection; x idle is to stay below 2",
        "loop: how late a 1 ms ticker on the server's event loop ran",
        "a refused sign-in was answered 503 because the queue was full",
    )
    return [Table("importers", "Sign-in of imported accounts", COLUMNS, tuple(found), notes)]
