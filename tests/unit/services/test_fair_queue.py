"""Who may queue for a thread, and who is next."""

from bymax_auth.services.fair_queue import FairQueue

MORE_THAN_FIT = 2_000


def full(queue: FairQueue[str], client: str, *, running: int = 2, seconds_each: float = 0.5) -> int:
    """Reserve for the client until it is refused; return how many places it has got."""
    taken = 0
    while taken < MORE_THAN_FIT and queue.reserve(client, running, seconds_each):
        queue.add(client, f"{client}{taken}")
        taken += 1
    return taken


def test_clients_are_served_in_turn() -> None:
    """Somebody who queues a hundred guesses must not be served a hundred times before his neighbour."""
    queue: FairQueue[str] = FairQueue(workers=2, max_waiting=100)
    for client in "aaabbc":
        assert queue.reserve(client, 2, 0.0)
        queue.add(client, client)

    assert "".join(queue.take_all()) == "abcaba"
    assert queue.waiting == 0


def test_nobody_waits_for_more_than_two_seconds() -> None:
    """Whoever is answered later than that has left, and his guess would be derived for nobody."""
    assert full(FairQueue(workers=2, max_waiting=1_000), "a", seconds_each=0.5) == 8
    assert full(FairQueue(workers=4, max_waiting=1_000), "a", running=4, seconds_each=0.5) == 16


def test_however_slow_the_machine_is_each_thread_has_a_next_one() -> None:
    """Otherwise whoever asks at the right moment is served, and never the one who waits."""
    assert full(FairQueue(workers=2, max_waiting=1_000), "a", seconds_each=60.0) == 2


def test_the_turns_of_other_clients_are_waited_for_as_well() -> None:
    """Whoever comes when many wait is told so, where his guess would be answered too late."""
    queue: FairQueue[str] = FairQueue(workers=2, max_waiting=1_000)
    assert [queue.reserve(client, 2, 0.5) for client in "abcdefghi"] == [True] * 8 + [False]


def test_of_a_longer_queue_only_the_turns_before_ones_own_are_waited_for() -> None:
    """Whoever guesses twice at once would keep others from their first guess."""
    queue: FairQueue[str] = FairQueue(workers=2, max_waiting=1_000)
    assert all(queue.reserve(client, 2, 0.5) for client in "abcdabcd")
    assert queue.reserve("e", 2, 0.5)


def test_a_client_that_fills_its_queue_leaves_the_others_theirs() -> None:
    """One network must not keep everybody from signing in."""
    queue: FairQueue[str] = FairQueue(workers=2, max_waiting=1_000)
    full(queue, "attacker")

    assert queue.reserve("victim", 2, 0.5)
    queue.add("victim", "victim")
    assert [queue.take(), queue.take()] == ["attacker0", "victim"]


def test_a_client_gets_half_of_what_is_left() -> None:
    """Where a derivation is quick the number is the bound, and one client must not use it up."""
    queue: FairQueue[str] = FairQueue(workers=2, max_waiting=100)

    assert [full(queue, client, seconds_each=0.0) for client in "abc"] == [50, 25, 12]
    assert queue.reserve("d", 2, 0.0)


def test_the_number_is_a_bound_for_all_clients_together() -> None:
    """The memory of what waits is bounded too."""
    queue: FairQueue[str] = FairQueue(workers=2, max_waiting=3)
    assert [queue.reserve(client, 2, 0.0) for client in "abcd"] == [True, True, True, False]
    assert queue.waiting == 3


def test_an_idle_thread_is_open_to_everybody() -> None:
    """A server that is not busy refuses nobody."""
    queue: FairQueue[str] = FairQueue(workers=2, max_waiting=0)
    assert queue.reserve("a", 1, 60.0)
    assert not queue.reserve("a", 1, 60.0)


def test_idle_threads_are_beside_what_may_wait() -> None:
    """A server that is half busy would refuse as much as one that is busy."""
    queue: FairQueue[str] = FairQueue(workers=2, max_waiting=1)
    assert [queue.reserve(client, 1, 0.0) for client in "abc"] == [True, True, False]

    assert full(FairQueue(workers=4, max_waiting=8), "a", running=2, seconds_each=0.0) == 2 + 8 // 2


def test_work_that_nobody_wants_any_more_frees_its_place() -> None:
    """A caller that hung up must not be in the way of the next one."""
    queue: FairQueue[str] = FairQueue(workers=1, max_waiting=2)
    for work in ("first", "second"):
        assert queue.reserve(work, 1, 0.0)
        queue.add(work, work)
    queue.discard("first", "first")
    queue.discard("first", "first")

    assert queue.waiting == 1
    assert queue.take_all() == ["second"]


def test_a_queue_keeps_what_is_still_wanted() -> None:
    """The others of the same client wait on."""
    queue: FairQueue[str] = FairQueue(workers=1, max_waiting=8)
    for work in ("first", "second"):
        assert queue.reserve("a", 1, 0.0)
        queue.add("a", work)
    queue.discard("a", "first")
    queue.discard("a", "first")

    assert queue.take_all() == ["second"]


def test_a_place_that_is_given_back_is_free() -> None:
    """A wrong reset link reserves one and never uses it."""
    queue: FairQueue[str] = FairQueue(workers=1, max_waiting=1)
    assert queue.reserve("a", 1, 0.0)
    assert not queue.reserve("b", 1, 0.0)
    queue.release("a")
    assert queue.reserve("b", 1, 0.0)


def test_a_client_may_always_have_one_place_and_of_two_that_are_left_no_more() -> None:
    """Where few may wait, one client would keep the others out."""
    queue: FairQueue[str] = FairQueue(workers=1, max_waiting=2)
    assert [queue.reserve(client, 1, 0.0) for client in "aab"] == [True, False, True]


def test_threads_that_were_taken_meanwhile_do_not_lift_the_bound() -> None:
    """More would wait than the memory was planned for."""
    queue: FairQueue[str] = FairQueue(workers=2, max_waiting=1)
    assert all(queue.reserve(client, 0, 0.0) for client in "ab")
    assert not queue.reserve("c", 2, 0.0)


def test_a_client_whose_work_was_taken_is_forgotten() -> None:
    """A server that runs for months would fill its memory with the networks it has seen."""
    queue: FairQueue[str] = FairQueue(workers=1, max_waiting=8)
    for _ in range(2):
        assert queue.reserve("a", 1, 0.0)
    queue.release("a")
    assert dict(queue._places) == {"a": 1}
    queue.release("a")
    assert dict(queue._places) == {}


def test_every_turn_before_ones_own_is_waited_for() -> None:
    """Whoever has a piece in the queue already would be told that another comes soon."""
    queue: FairQueue[str] = FairQueue(workers=1, max_waiting=1_000)
    assert all(queue.reserve(client, 1, 0.2) for client in "edcbaedcbaf")
    assert not queue.reserve("f", 1, 0.2), "ten of others and one of its own come before it"


def test_whose_turn_is_earlier_does_not_depend_on_its_name() -> None:
    """Some networks would wait for longer than others."""
    queue: FairQueue[str] = FairQueue(workers=1, max_waiting=1_000)
    assert all(queue.reserve(client, 1, 0.25) for client in "zbzbzbzb")
    assert [queue.reserve(client, 1, 0.25) for client in "zb"] == [False, False]


def test_each_thread_has_a_next_one_beside_the_work_that_starts_at_once() -> None:
    """A slow machine would refuse more while it has nothing to do."""
    for running in (0, 1, 2):
        queue: FairQueue[str] = FairQueue(workers=2, max_waiting=1_000)
        assert full(queue, "a", running=running, seconds_each=60.0) == (2 - running) + 2
