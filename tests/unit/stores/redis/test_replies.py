"""Scripts that answer in a form that is not theirs, as one of another version would."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import StoreCorrupt
from bymax_auth.ports.sessions import InGrace
from bymax_auth.stores.redis import (
    RedisStores,
    all_sessions,
    attempts,
    otps,
    rate_limits,
    revocation,
    sessions,
)
from bymax_auth.stores.redis.replies import parse_reply
from bymax_auth.stores.redis.scripts.script import sha1_of
from bymax_auth.types.identity import Subject
from tests.contract.samples import account, counter, new_session, otp, record, recovery, rotation, token

MINUTE = timedelta(minutes=1)
OWNER = account()
SEEN = InGrace("pointer", token("b").hash, record(OWNER), None)
ODD = (
    "{'GO'}",
    "{'NEW', 1}",
    "{'OK', 'x', 'y'}",
    "{'OK', 1, 1, 1, 1}",
    "{'PRESENT', 1}",
    "{7, 7}",
    "{{'OK'}}",
    "7",
)


def nobody(user_id: str, tenant_id: str | None) -> Subject:
    """The owner of a family whose records say nothing."""
    raise AssertionError((user_id, tenant_id))


STEPS: tuple[tuple[object, str, Callable[[RedisStores], Awaitable[Any]]], ...] = (
    (attempts, "ATTEMPT_BEGIN", lambda stores: stores.attempts.begin(counter(), 5)),
    (attempts, "ATTEMPT_FAIL", lambda stores: stores.attempts.fail(counter(), MINUTE)),
    (attempts, "ATTEMPT_END", lambda stores: stores.attempts.ok(counter())),
    (attempts, "ATTEMPT_END", lambda stores: stores.attempts.abandon(counter())),
    (attempts, "ATTEMPT_READ", lambda stores: stores.attempts.failures(counter())),
    (otps, "OTP_PUT", lambda stores: stores.otps.put(otp(), "a" * 64, MINUTE)),
    (otps, "OTP_VERIFY", lambda stores: stores.otps.verify(otp(), "a" * 64, 5)),
    (rate_limits, "WINDOW_INCR", lambda stores: stores.rate_limits.hit("login", "client", 5, MINUTE)),
    (revocation, "EPOCH_BUMP", lambda stores: stores.revocation.bump_epoch(account())),
    (sessions, "SESSION_CREATE", lambda stores: stores.sessions.create(OWNER, new_session(OWNER, "a"))),
    (sessions, "REFRESH_ROTATE", lambda stores: stores.sessions.rotate(OWNER, rotation(OWNER, "a", "b"))),
    (
        sessions,
        "REFRESH_RECOVER",
        lambda stores: stores.sessions.recover(OWNER, recovery(OWNER, "a", SEEN, "b")),
    ),
    (sessions, "SESSION_REVOKE", lambda stores: stores.sessions.revoke(OWNER, token("a").hash)),
    (all_sessions, "REVOKE_ALL", lambda stores: stores.sessions.revoke_all(OWNER)),
    (
        all_sessions,
        "REVOKE_ALL",
        lambda stores: stores.sessions.revoke_all_except(OWNER, "", must_exist=True),
    ),
    (
        sessions,
        "REVOKE_FAMILY",
        lambda stores: stores.sessions.revoke_family(OWNER.realm, "f", None, nobody),
    ),
)


@pytest.mark.parametrize("answer", ODD)
@pytest.mark.parametrize(("module", "name", "step"), STEPS)
async def test_an_answer_in_another_form_admits_nothing(
    stores: RedisStores,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    name: str,
    step: Callable[[RedisStores], Awaitable[Any]],
    answer: str,
) -> None:
    """A guess would be let through, or a code accepted, on an answer that nobody understands."""
    source = f"return {answer}"
    odd = replace(getattr(module, name), source=source, sha=sha1_of(source))
    monkeypatch.setattr(module, name, odd)
    with pytest.raises(StoreCorrupt):
        await step(stores)


@pytest.mark.parametrize(
    "reply", [[], ["ok", 1], ["OK"], ["OK", True], ["OK", "1"], ["OK", 1, 1], [1], [None]]
)
def test_a_reply_has_the_parts_of_its_tag_and_no_others(reply: list[object]) -> None:
    """An absent count would be taken for whatever comes next."""
    with pytest.raises(StoreCorrupt):
        parse_reply(reply, {"OK": (int,)})
    assert parse_reply(["OK", 1], {"OK": (int,)}) == ("OK", 1)
