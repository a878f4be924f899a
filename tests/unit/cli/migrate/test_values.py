"""Values of other systems, in the forms in which databases and files have them."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from bymax_auth.cli.migrate.sources.values import flag, members, moment, text

MOMENT = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        MOMENT,
        MOMENT.replace(tzinfo=None),
        MOMENT.astimezone(timezone(timedelta(hours=5))),
        "2020-02-03T04:05:06.000Z",
        "2020-02-03 04:05:06",
        "2020-02-03 06:05:06+02:00",
        int(MOMENT.timestamp()),
        MOMENT.timestamp() * 1000,
    ],
)
def test_an_instant_has_many_forms(value: object) -> None:
    """The end of a block would be read as none, or as one that lasts for ever."""
    assert moment(value) == MOMENT
    assert moment(date(2020, 2, 3)) == MOMENT.replace(hour=0, minute=0, second=0)
    assert moment(None) is moment("") is None


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "2020-13-01",
        True,
        10**20,
        -(10**20),
        float("nan"),
        b"2020",
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_what_is_no_instant_is_refused(value: object) -> None:
    """An account would be open whose block cannot be read."""
    with pytest.raises(ValueError, match="not an instant"):
        moment(value)


@pytest.mark.parametrize("value", [True, 1, "1", "t", "TRUE", "yes", b"\1", Decimal(1)])
def test_a_true_value_is_read(value: object) -> None:
    """SQLite has numbers, MySQL bits, and a file texts."""
    assert flag(value) is True


@pytest.mark.parametrize("value", [False, 0, None, "", "f", "False", "no", b"\0"])
def test_a_false_value_is_read(value: object) -> None:
    """The text "false" would be true."""
    assert flag(value) is False


@pytest.mark.parametrize("value", [2, "perhaps", b"\2", 0.5])
def test_what_is_no_truth_value_is_refused(value: object) -> None:
    """A damaged flag would open an account or close it."""
    with pytest.raises(ValueError, match="truth"):
        flag(value)


def test_text_is_read_of_ids_as_well() -> None:
    """Bytes would become their own spelling in Python."""
    number = UUID(int=1)
    assert [text(one) for one in (None, "a", 7, number)] == ["", "a", "7", str(number)]
    with pytest.raises(ValueError, match="text"):
        text(b"a")


def test_members_are_read_of_text_and_of_objects() -> None:
    """Drivers of one database return the same column in both ways."""
    assert members('{"a": 1}') == members({"a": 1}) == {"a": 1}
    assert members(None) == members("null") == {}
    with pytest.raises(ValueError, match="object"):
        members("[1]")
