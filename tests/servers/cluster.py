"""A real Redis Cluster for one test run: three masters, each with one replica."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from tests.servers.kept_clients import client_at, close_client_at
from tests.servers.redis import RedisProcess, until

__all__ = ["RedisCluster", "redis_cluster", "redis_cluster_process"]

SLOTS = 16_384
MASTERS = 3
SOON, LATE = 1_500, 3_600_000
"""Milliseconds of silence after which the nodes give one up: while the Cluster starts, and from then on."""
NODE = (
    "--save",
    "",
    "--cluster-enabled",
    "yes",
    "--cluster-node-timeout",
    str(SOON),
    "--cluster-announce-ip",
    "127.0.0.1",
)


class RedisCluster:
    """Six servers that know one another."""

    def __init__(self, folder: Path) -> None:
        self.nodes: list[RedisProcess] = []
        self._masters: tuple[int, ...] | None = None
        for number in range(2 * MASTERS):
            home = folder / str(number)
            home.mkdir()
            self.nodes.append(RedisProcess(home, *NODE))

    @property
    def url(self) -> str:
        return f"redis+cluster://127.0.0.1:{self.nodes[0].port}"

    def start(self) -> None:
        """Start the servers, divide the slots, and return when every one sees a whole Cluster."""
        for node in self.nodes:
            node.start()
        first, *others = [node.client() for node in self.nodes]
        # Nodes of one epoch choose others among themselves at any later moment, and a replica that takes over
        # meanwhile may choose the same: which of two then has the slots, the nodes would never agree on.
        for epoch, client in enumerate((first, *others), start=1):
            client.execute_command("CLUSTER SET-CONFIG-EPOCH", epoch)
        for node in self.nodes[1:]:
            first.execute_command("CLUSTER MEET", "127.0.0.1", node.port)
        clients = [first, *others]
        bounds = [SLOTS * number // MASTERS for number in range(MASTERS + 1)]
        for number in range(MASTERS):
            clients[number].execute_command("CLUSTER ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1)
        until(lambda: all(known(client) == len(clients) for client in clients), "the nodes know one another")
        names = [str(client.execute_command("CLUSTER MYID")) for client in clients[:MASTERS]]
        for name, replica in zip(names, clients[MASTERS:], strict=True):
            until(lambda name=name, replica=replica: follows(replica, name), "a replica knows its master")
        until(lambda: stays_whole(clients), "the Cluster is whole")
        for client in clients:
            client.close()

    def lose(self, victim: RedisProcess) -> None:
        """
        Stop a master, and return when its replica has taken over.

        The replica is told to.  If the nodes were to notice, a busy machine would let them give up a second
        master, and a master that is given up stays so for twice the silence after which it was.
        """
        successor = next(node for node in self.nodes if node.master_port() == victim.port)
        victim.stop()
        self._masters = None
        with successor.client() as client:
            client.execute_command("CLUSTER FAILOVER TAKEOVER")
        until(lambda: successor.role() == "master", "a replica takes over")

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def views(self) -> dict[int, object]:
        """What each running node says of the Cluster, for the report of a failure."""
        seen: dict[int, object] = {}
        for node in self.nodes:
            if node.running:
                with node.client() as client:
                    facts = client.execute_command("CLUSTER INFO")
                    seen[node.port] = facts["cluster_state"], client.execute_command("CLUSTER NODES")
        return seen

    def master_ports(self) -> tuple[int, ...]:
        """The ports of the servers that are masters now, which change when one is lost."""
        if self._masters is None:
            running = [node for node in self.nodes if node.running]
            self._masters = tuple(node.port for node in running if node.role() == "master")
        return self._masters


def known(client: Redis) -> int:
    """How many nodes this one has met, itself included."""
    return len(client.execute_command("CLUSTER NODES"))


def follows(replica: Redis, master: str) -> bool:
    try:
        replica.execute_command("CLUSTER REPLICATE", master)
    except ResponseError:
        return False
    return True


def stays_whole(clients: Sequence[Redis]) -> bool:
    """
    Whether all nodes see a whole Cluster, in which none gives another up any more.

    While they do give up, a busy machine lets them do so at any moment, and each forgives soon.
    """
    if not all(map(is_whole, clients)):
        return False
    give_up_after(LATE, clients)
    if all(map(is_whole, clients)):
        return True
    give_up_after(SOON, clients)
    return False


def give_up_after(silence: int, clients: Sequence[Redis]) -> None:
    """Let every node give another one up after so many milliseconds."""
    for client in clients:
        client.config_set("cluster-node-timeout", silence)


def is_whole(client: Redis) -> bool:
    facts = client.execute_command("CLUSTER INFO")
    everybody = str(2 * MASTERS)
    return bool(
        facts["cluster_state"] == "ok"
        and facts["cluster_known_nodes"] == everybody
        and facts["cluster_current_epoch"] == everybody
    )


@pytest.fixture(scope="session")
def redis_cluster_process() -> Iterator[RedisCluster]:
    """A running Cluster, which ends with the run."""
    with tempfile.TemporaryDirectory(prefix="auth-cluster-", ignore_cleanup_errors=True) as folder:
        cluster = RedisCluster(Path(folder))
        try:
            cluster.start()
            yield cluster
        finally:
            for node in cluster.nodes:
                close_client_at(node.port)
            cluster.stop()


@pytest.fixture
def redis_cluster(redis_cluster_process: RedisCluster) -> RedisCluster:
    """A running Cluster with nothing in it."""
    for port in redis_cluster_process.master_ports():
        client_at(port).flushall()
    return redis_cluster_process
