"""
A watch over everything that the tests log: a run in which a secret reaches a record fails.

    every record, at DEBUG ──▶ its text, its extra fields, its exception ──▶ secret inside? ──▶ the test fails

Secrets are known by their shape (tokens, hashes, digests, whole addresses) and by where they come
from: configured secrets, passwords that were hashed or verified, codes that were mailed, and the
constants of test modules that are called so.  Each test is judged when it is over, in the process
that ran it, so a finding fails it in whatever way the suite is run.

A finding names the record and the kind of secret, and never the secret.
"""

import logging
import re
import sys
from collections.abc import Generator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest

from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.testing import RecordingMailer, SentMail
from bymax_auth.types.secret import Secret

__all__ = ["LogScan", "Watch", "describe"]

SHAPES = {
    "a signed token": re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"),
    "a password hash": re.compile(r"\$(scrypt|argon2\w*|2[aby]|pbkdf2[\w-]*)\$"),
    "a token or a whole digest": re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"),
    "a whole address": re.compile(r"[^\s@<>\"'(),:;=\[\]{}*]{1,64}@[\w-]+(\.[\w-]+)+"),
}

QUIET_LOGGERS = {
    "aiosqlite": "prints each statement's parameters when a host turns that on for its own database",
    "httpcore2": "the client that tests ask a server with prints the headers it sends and gets",
    "mail.log": "the mail server that tests run prints what it is sent",
}

CONSTANTS = re.compile(r"(^|_)(PASSWORD|PASSPHRASE|SECRET|TOKEN|CODE|OTP)$")
CODE = re.compile(r"\d{6,8}")
LONG_ENOUGH = 10
OURS = ("tests.", "bymax_auth.testing")
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as text, and what to call it in a report."""

    name: str
    text: str


@dataclass(slots=True)
class Watch:
    """Records and secrets since the last judgement; passwords and keys are remembered for the whole run."""

    kept: dict[str, str] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def learn(self, value: object, kind: str) -> None:
        """Take note of a secret.  A short or simple text says too little to be recognised in others."""
        if not isinstance(value, str):
            return
        with self.lock:
            if CODE.fullmatch(value):
                self.codes.add(value)
            elif len(value) >= LONG_ENOUGH and len(set(value)) >= LONG_ENOUGH // 2:
                self.kept[value] = kind

    def record(self, record: logging.LogRecord) -> None:
        """Take note of a record."""
        place = f"{record.name} {record.levelname} {record.module}:{record.lineno}"
        with self.lock:
            self.entries.append(Entry(place, describe(record)))

    def judge(self) -> list[str]:
        """What secrets the records since the last judgement held, each as a line that holds none."""
        with self.lock:
            entries, self.entries = self.entries, []
            codes, self.codes = self.codes, set()
            kept = dict(self.kept)
        found: list[str] = []
        for entry in entries:
            kinds = {kind for kind, shape in SHAPES.items() if shape.search(entry.text)}
            kinds |= {kind for secret, kind in kept.items() if secret in entry.text}
            runs = set(re.findall(r"(?<![\w-])\d{6,8}(?![\w-])", entry.text))
            kinds |= {"a mailed code"} if runs & codes else set()
            found += [f"{entry.name} holds {kind}" for kind in sorted(kinds)]
        return found


def describe(record: logging.LogRecord) -> str:
    """Everything that any handler or formatter could write of a record."""
    extra = {name: value for name, value in vars(record).items() if name not in STANDARD}
    parts = [
        record.getMessage(),
        repr(record.args),
        *(f"{name}={value!s} {value!r}" for name, value in extra.items()),
    ]
    if record.exc_info:
        parts.append(logging.Formatter().formatException(record.exc_info))
    return "\n".join([*parts, record.stack_info or ""])


class LogScan:
    """The watch as a pytest plugin."""

    def __init__(self) -> None:
        self.watch = Watch()
        self._undo: list[tuple[type, str, Any]] = []
        self._level = logging.WARNING

    def pytest_configure(self) -> None:
        watch = self.watch
        self._level = logging.getLogger().level
        logging.getLogger().setLevel(logging.DEBUG)
        for name in QUIET_LOGGERS:
            logging.getLogger(name).setLevel(logging.WARNING)

        def handle(original: Any, logger: logging.Logger, record: logging.LogRecord) -> None:
            watch.record(record)
            original(logger, record)

        def new_secret(original: Any, secret: Secret, value: str) -> None:
            original(secret, value)
            watch.learn(value, "a configured secret")

        def hashed(original: Any, hasher: PasswordHasher, password: str) -> str:
            watch.learn(password, "a password")
            return original(hasher, password)

        def verified(original: Any, hasher: PasswordHasher, password: str, stored: str) -> bool:
            watch.learn(password, "a password")
            return original(hasher, password, stored)

        def mailed(original: Any, mailer: RecordingMailer, mail: SentMail) -> None:
            watch.learn(mail.secret, "a mailed secret")
            original(mailer, mail)

        self._wrap(logging.Logger, "handle", handle)
        self._wrap(Secret, "__init__", new_secret)
        self._wrap(PasswordHasher, "hash", hashed)
        self._wrap(PasswordHasher, "verify", verified)
        self._wrap(RecordingMailer, "_add", mailed)

    def pytest_unconfigure(self) -> None:
        for owner, name, original in reversed(self._undo):
            setattr(owner, name, original)
        self._undo.clear()
        logging.getLogger().setLevel(self._level)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        modules = {id(module): module for name, module in sys.modules.items() if name.startswith(OURS)}
        modules |= {
            id(item.module): item.module for item in session.items if isinstance(item, pytest.Function)
        }
        for module in modules.values():
            for name, value in vars(module).items():
                if CONSTANTS.search(name):
                    self.watch.learn(value, f"the constant {name}")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        try:
            return (yield)
        finally:
            if found := self.watch.judge():
                pytest.fail(
                    f"{item.nodeid} let secrets into the log:\n  " + "\n  ".join(found), pytrace=False
                )

    def _wrap(self, owner: type, name: str, around: Any) -> None:
        original = getattr(owner, name)
        self._undo.append((owner, name, original))
        setattr(owner, name, lambda *given, **named: around(original, *given, **named))
