"""
The stores that the journeys of a test run on: the embedded ones, or real servers.

Every journey over HTTP runs on each kind.  After each one on Redis, every key that it left is held
to what a key may be; on a Cluster, each script that it ran is held to one slot.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bymax_auth.ports.stores import AuthStores
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from tests.contract.stores import StoreSource, clock_of, empty_place
from tests.servers.kept_clients import client_at
from tests.servers.patience import redis_stores
from tests.servers.watch import strays, watched

__all__ = ["KEPT_KINDS", "is_proper_key", "keep_in", "kept_clock", "kept_in", "kept_stores"]

KEPT_KINDS = ("embedded-memory", "redis-shared", "redis-tagged", "redis-cluster")

_EMBEDDED = StoreSource("embedded-memory", "")
_places: list[StoreSource] = []
_openers: list[Callable[[], AuthStores]] = []

_HASH = "[0-9a-f]{64}"
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_RECORDS = (
    rf"p?(rt|rp|cf|sess|sd|ep):{_HASH}|p?fam:{_UUID}|rv:{_UUID}|ra:{_HASH}|lfi?:{_HASH}"
    rf"|mfa(_setup|lock)?:{_HASH}|(tu|rcu):{_HASH}"
    rf"|(otp|resend):(email_verification|password_reset):{_HASH}|(pw_(reset|vtok|code|gen)|ec|wst|inv|os(_user)?):{_HASH}"
    rf"|rl:[A-Za-z_-]+(:(48|56))?:{_HASH}|feed:[a-z]+|(u(s|ev)|invidx):"
)
_SHARED = re.compile(rf"auth:({_RECORDS}[^:@]+:[^:@]+)")
"""The sibling backends name the cached status of an account by tenant and id, and of an invitee by tenant."""
_TAGGED = re.compile(rf"auth:(\{{[0-9a-f]{{4}}\}}:)?({_RECORDS}{_HASH})")
"""Nothing names a person."""


def kept_clock() -> FakeClock:
    """The time of the stores in use."""
    return clock_of(_place())


@contextmanager
def kept_in(opened: Callable[[], AuthStores]) -> Iterator[None]:
    """Let the journeys of one test run on stores of its own."""
    _openers.append(opened)
    try:
        yield
    finally:
        _openers.pop()


def kept_stores(clock: FakeClock) -> AuthStores:
    """The stores in use, not yet started."""
    if _openers:
        return _openers[-1]()
    place = _place()
    if place.kind == "embedded-memory":
        return EmbeddedStores(clock=clock)
    url = place.location.partition("#")[0]
    return redis_stores(url, layout="shared" if place.kind == "redis-shared" else "tagged")


@contextmanager
def keep_in(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Let the journeys of one test run on this kind, and look at what they did to the servers."""
    place = empty_place(kind, request, tmp_path)
    _places.append(place)
    try:
        with watched(place.masters if kind == "redis-cluster" else ()) as runs:
            yield
    finally:
        _places.pop()
    assert strays(runs) == [], "a script whose keys are in several slots"
    for port in place.masters if place.on_redis else ():
        master = client_at(port)
        keys = list(master.scan_iter(count=1000))
        strange = [key for key in keys if not is_proper_key(key, kind) or master.pttl(key) == -1]
        assert strange == [], "a key without a lifetime, or one that no record has"


def is_proper_key(key: str, kind: str) -> bool:
    """Say whether a record of these stores has such a key."""
    return (_SHARED if kind == "redis-shared" else _TAGGED).fullmatch(key) is not None


def _place() -> StoreSource:
    return _places[-1] if _places else _EMBEDDED
