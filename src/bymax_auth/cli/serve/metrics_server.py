"""
Answers Prometheus for every process of the service, on a port of its own.

    worker ──▶ its files in a temporary folder ──▶ the process that was started as `serve` ──▶ /metrics

Workers share one listening socket, so that a scrape of theirs would reach any one of them.  Here the parent
process adds up the files of all.  A worker that has ended keeps its part in every counter, so that no counter
falls; its part of the queue is dropped.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

__all__ = ["MetricsAddress", "drop_ended", "metrics_served"]

_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Source: prometheus-client, "Multiprocess Mode (E.g. Gunicorn)"."""


@dataclass(frozen=True, slots=True)
class MetricsAddress:
    """Where ``/metrics`` is answered."""

    host: str
    port: int


@contextmanager
def metrics_served(address: MetricsAddress | None) -> Generator[None]:
    """
    Answer Prometheus inside the block for all processes that it starts; without an address, do nothing.

    Raises:
        OSError: The address cannot be listened on, or no temporary folder can be made.
    """
    if address is None:
        yield
        return
    # A worker may still write while the folder is removed.
    with TemporaryDirectory(prefix="bymax-auth-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[_FOLDER] = folder
        # The client library reads the variable when it is imported.
        from prometheus_client import CollectorRegistry, start_http_server

        registry = CollectorRegistry()
        registry.register(_AllProcesses(Path(folder)))
        server, thread = start_http_server(address.port, address.host, registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            del os.environ[_FOLDER]


class _AllProcesses:
    """The sum of what all processes have written."""

    def __init__(self, folder: Path) -> None:
        from prometheus_client import multiprocess

        self._folder = folder
        # The library does not declare the types of this module.
        untyped: Any = multiprocess
        self._collector: Any = untyped.MultiProcessCollector(None, str(folder))

    def collect(self) -> Any:
        """Return the metrics."""
        drop_ended(self._folder)
        return self._collector.collect()


def drop_ended(folder: Path) -> None:
    """Remove what processes that have ended last wrote of their queues; uvicorn restarts workers itself."""
    for file in folder.glob("gauge_live*_*.db"):
        process = file.stem.rpartition("_")[2]
        if process.isdigit() and not _runs(int(process)):
            file.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
