"""
What runs transitions: a private in-memory database, or threads that own the connections of a file.

Both run the same transitions by the rules of `transactions`; they differ in what a caller waits for.
"""

from typing import ParamSpec, Protocol, TypeVar

from bymax_auth.stores.embedded.displacement import Displaceable
from bymax_auth.stores.embedded.transactions import Transition

__all__ = ["Database"]

ParametersT = ParamSpec("ParametersT")
ResultT = TypeVar("ResultT")


class Database(Protocol):
    """
    Runs queries and transitions, each as one atomic step.

    Every method raises `StoreUnavailable` when the database cannot answer or is closed.
    """

    @property
    def changes(self) -> int | None:
        """
        A number that rises with every transition, ``None`` where others may change the rows unnoticed.

        While it stays the same, a query returns what it returned, but for rows that expire.
        """
        ...

    async def read(
        self,
        query: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        """Run a query, which is one statement."""
        ...

    async def change(
        self,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        """Run a transition."""
        ...

    async def grow(
        self,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        """Run a transition that may add rows, unless the store is full."""
        ...

    async def start(self) -> None:
        """Open the database, again if it was closed, check it, and remove the rows that have expired."""
        ...

    async def aclose(self) -> None:
        """Close what was opened.  Idempotent."""
        ...

    async def displace(
        self,
        kind: Displaceable,
        key: str,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        """Run a transition that may add the row `key` of a kind that displaces only itself."""
        ...
