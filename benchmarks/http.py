"""
Processor time of one authenticated request and of one refresh, beside FastAPI Users.

It is measured in two ways.  The application alone shows what choosing it costs or saves; behind a
server, the server's own work is added to every contender alike, which draws them together.
"""

from collections.abc import Mapping
from contextlib import ExitStack

from benchmarks.clients import CONNECTIONS, Server
from benchmarks.contenders import ME, REFRESH, Contender, served
from benchmarks.in_process import Applications
from benchmarks.measure import Figures, Plan, interleaved, pinned, ratio
from benchmarks.report import Table

__all__ = ["run"]

_COLUMNS = ("application", "CPU µs/request", "± µs", "× ours", "samples")
_REFRESH_NOTES = (
    "FastAPI Users has no refresh; its row is a route of its public parts: current_user, then backend.login",
    "ours reads the account, rotates a stored one-time token and keeps its family; theirs signs once more",
)


def run(*, quick: bool) -> list[Table]:
    """Measure both operations, first the applications alone, then behind a server."""
    plan = Plan.of(quick=quick)
    return [*_alone(plan), *_behind_a_server(plan)]


def _alone(plan: Plan) -> list[Table]:
    contenders = served()
    with pinned(), Applications(contenders) as applications:
        found = {
            operation: interleaved({one.name: applications.turn(one, operation) for one in contenders}, plan)
            for operation in (ME, REFRESH)
        }
    notes = ("called through ASGI in one process, one request at a time; all threads are counted",)
    return [_table("in process", operation, contenders, found[operation], notes) for operation in found]


def _behind_a_server(plan: Plan) -> list[Table]:
    contenders = served()
    # On one core client and server take turns: waking another core would be charged to whoever wakes it.
    with pinned(), ExitStack() as stack:
        servers = [stack.enter_context(Server(contender)) for contender in contenders]
        found = {
            operation: interleaved(
                {server.contender.name: server.turn(operation) for server in servers}, plan
            )
            for operation in (ME, REFRESH)
        }
    notes = (
        f"{servers[0].made_of}, client and server on one core, {CONNECTIONS} connections, no access log",
    )
    return [_table("served", operation, contenders, found[operation], notes) for operation in found]


def _table(
    where: str,
    operation: str,
    contenders: list[Contender],
    found: Mapping[str, Figures],
    notes: tuple[str, ...],
) -> Table:
    first = found[contenders[0].name]
    rows = tuple(
        (
            contender.label,
            figures.median / 1e3,
            figures.spread / 1e3,
            ratio(figures, first),
            len(figures.samples),
        )
        for contender in contenders
        for figures in (found[contender.name],)
    )
    key = f"http.{where}.{operation}".replace(" ", "_").lower()
    if operation == REFRESH:
        notes = (*notes, *_REFRESH_NOTES)
    else:
        notes = (*notes, "ours also asks the store whether the token was revoked; theirs cannot revoke one")
    return Table(key, f"{operation}, {where}", _COLUMNS, rows, notes)
