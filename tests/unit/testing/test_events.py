"""An event sink that keeps what it is given."""

import pytest

from bymax_auth.ports.events import LoginSucceeded, LogoutSucceeded
from bymax_auth.testing import RecordingEvents
from bymax_auth.types.identity import Realm


def test_events_are_found_by_name_and_by_class() -> None:
    """A host could not test that an audit trail sees a sign-in."""
    events = RecordingEvents()
    first, second = LoginSucceeded(user_id="1"), LoginSucceeded(user_id="2", realm=Realm.PLATFORM)
    for event in (first, LogoutSucceeded(user_id="1"), second):
        events.emit(event)
    assert events.names == ["login.ok", "logout.ok", "platform.login_ok"]
    assert events.of(LoginSucceeded) == [first, second]
    assert events.last(LoginSucceeded) is second
    events.clear()
    with pytest.raises(LookupError, match=r"No LoginSucceeded among \[\]"):
        events.last(LoginSucceeded)
