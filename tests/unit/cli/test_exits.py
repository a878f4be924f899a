"""How a command ends that cannot do its work."""

import errno

import pytest

from bymax_auth.cli.exits import exit_without_values


def test_what_nothing_expects_is_told_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    """A fault of a driver writes the password that it quotes into a terminal or a log."""
    with pytest.raises(SystemExit) as ended, exit_without_values():
        raise TypeError("hunter2")
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("bymax-auth: TypeError at test_exits.py:")
    assert "hunter2" not in said


def test_a_command_that_has_said_why_says_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    """An operator reads a second line that explains nothing."""
    with pytest.raises(SystemExit) as ended, exit_without_values():
        raise SystemExit(2)
    assert (ended.value.code, capsys.readouterr().err) == (2, "")


def test_a_full_disk_is_told_as_the_system_says_it(capsys: pytest.CaptureFixture[str]) -> None:
    """An operator reads the name of a class where a reason would help, or a path that nobody should see."""
    with pytest.raises(SystemExit), exit_without_values():
        raise OSError(errno.ENOSPC, "No space left on device", "/hunter2")
    said = capsys.readouterr().err
    assert said.endswith(" (No space left on device).\n")
    assert "hunter2" not in said


def test_a_reader_that_has_enough_is_no_fault() -> None:
    """`bymax-auth users list | head` complains."""
    with pytest.raises(BrokenPipeError), exit_without_values():
        raise BrokenPipeError
