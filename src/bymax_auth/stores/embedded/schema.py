"""
The tables of the embedded store, and the check that a file may hold them.

Subjects are stored as their keyed hash and tokens as their digest.  Every row has `exp_ms`, the time in
milliseconds at which it expires; `expiry` removes it some time later.  `displaceable` holds the number of
rows of each kind that `displacement` bounds, and `entries` that of all others, except attempts in flight,
which are as many as requests.  Triggers update both: counting a large table takes longer than any transition.
`clock` is what `clock_steps` keeps, one row that does not expire.
"""

import sqlite3
from typing import Final

from bymax_auth.errors import StoreUnavailable

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "check_library", "check_ownership", "prepare"]

APPLICATION_ID: Final = 0x424D_4158
"""Identifies a file as an authentication store, so that no other application's file is changed."""

SCHEMA_VERSION: Final = 4
"""The version of the tables below."""

_OLDEST_LIBRARY: Final = (3, 35, 0)

_TABLES: Final = """
CREATE TABLE sessions (
  realm TEXT NOT NULL, hash TEXT NOT NULL, subject TEXT NOT NULL, family TEXT,
  record TEXT NOT NULL, detail TEXT NOT NULL, created_ms INTEGER NOT NULL, exp_ms INTEGER NOT NULL,
  PRIMARY KEY (realm, hash)
) WITHOUT ROWID;
CREATE INDEX sessions_subject ON sessions (subject, created_ms);
CREATE INDEX sessions_family ON sessions (family) WHERE family IS NOT NULL;
CREATE INDEX sessions_exp ON sessions (exp_ms);

CREATE TABLE grace (
  realm TEXT NOT NULL, hash TEXT NOT NULL, subject TEXT NOT NULL, successor TEXT NOT NULL,
  record TEXT NOT NULL, spent INTEGER NOT NULL, exp_ms INTEGER NOT NULL,
  PRIMARY KEY (realm, hash)
) WITHOUT ROWID;
CREATE INDEX grace_subject ON grace (subject);
CREATE INDEX grace_exp ON grace (exp_ms);

CREATE TABLE consumed (
  realm TEXT NOT NULL, hash TEXT NOT NULL, family TEXT NOT NULL, exp_ms INTEGER NOT NULL,
  PRIMARY KEY (realm, hash)
) WITHOUT ROWID;
CREATE INDEX consumed_exp ON consumed (exp_ms);

CREATE TABLE families (
  realm TEXT NOT NULL, id TEXT NOT NULL, exp_ms INTEGER NOT NULL,
  PRIMARY KEY (realm, id)
) WITHOUT ROWID;
CREATE INDEX families_exp ON families (exp_ms);

CREATE TABLE epochs (
  subject TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL, exp_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX epochs_exp ON epochs (exp_ms);

CREATE TABLE blacklist (jti TEXT NOT NULL PRIMARY KEY, exp_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX blacklist_exp ON blacklist (exp_ms);

CREATE TABLE counters (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, n INTEGER NOT NULL, exp_ms INTEGER NOT NULL
);
CREATE INDEX counters_exp ON counters (exp_ms);
CREATE INDEX counters_requests ON counters (id) WHERE key >= 'rl:' AND key < 'rl;';
CREATE INDEX counters_failures ON counters (n, id) WHERE key >= 'lf:' AND key < 'lf;';

CREATE TABLE otps (
  key TEXT NOT NULL PRIMARY KEY, code TEXT NOT NULL, attempts INTEGER NOT NULL, exp_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX otps_exp ON otps (exp_ms);

CREATE TABLE marks (
  key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, exp_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX marks_counted ON marks (exp_ms) WHERE key < 'resend:' OR key >= 'resend;';
CREATE INDEX marks_resends ON marks (exp_ms) WHERE key >= 'resend:' AND key < 'resend;';

CREATE TABLE proofs (
  kind TEXT NOT NULL, hash TEXT NOT NULL, payload TEXT NOT NULL, exp_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, hash)
) WITHOUT ROWID;
CREATE INDEX proofs_exp ON proofs (exp_ms);

CREATE TABLE displaceable (prefix TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO displaceable VALUES ('rl:', 0), ('lf:', 0), ('resend:', 0);
CREATE TRIGGER counters_in AFTER INSERT ON counters BEGIN
  UPDATE displaceable SET n = n + 1 WHERE prefix = substr(new.key, 1, instr(new.key, ':')); END;
CREATE TRIGGER counters_out AFTER DELETE ON counters BEGIN
  UPDATE displaceable SET n = n - 1 WHERE prefix = substr(old.key, 1, instr(old.key, ':')); END;
CREATE TRIGGER resends_in AFTER INSERT ON marks BEGIN
  UPDATE displaceable SET n = n + 1 WHERE prefix = substr(new.key, 1, instr(new.key, ':')); END;
CREATE TRIGGER resends_out AFTER DELETE ON marks BEGIN
  UPDATE displaceable SET n = n - 1 WHERE prefix = substr(old.key, 1, instr(old.key, ':')); END;

CREATE TABLE clock (
  latest_ms INTEGER NOT NULL, lowest_epoch INTEGER NOT NULL, highest_epoch INTEGER NOT NULL
);
INSERT INTO clock VALUES (0, 0, 0);

CREATE TABLE entries (n INTEGER NOT NULL);
INSERT INTO entries VALUES (0);
CREATE TRIGGER sessions_in AFTER INSERT ON sessions BEGIN UPDATE entries SET n = n + 1; END;
CREATE TRIGGER sessions_out AFTER DELETE ON sessions BEGIN UPDATE entries SET n = n - 1; END;
CREATE TRIGGER grace_in AFTER INSERT ON grace BEGIN UPDATE entries SET n = n + 1; END;
CREATE TRIGGER grace_out AFTER DELETE ON grace BEGIN UPDATE entries SET n = n - 1; END;
CREATE TRIGGER consumed_in AFTER INSERT ON consumed BEGIN UPDATE entries SET n = n + 1; END;
CREATE TRIGGER consumed_out AFTER DELETE ON consumed BEGIN UPDATE entries SET n = n - 1; END;
CREATE TRIGGER families_in AFTER INSERT ON families BEGIN UPDATE entries SET n = n + 1; END;
CREATE TRIGGER families_out AFTER DELETE ON families BEGIN UPDATE entries SET n = n - 1; END;
CREATE TRIGGER epochs_in AFTER INSERT ON epochs BEGIN UPDATE entries SET n = n + 1; END;
CREATE TRIGGER epochs_out AFTER DELETE ON epochs BEGIN UPDATE entries SET n = n - 1; END;
CREATE TRIGGER blacklist_in AFTER INSERT ON blacklist BEGIN UPDATE entries SET n = n + 1; END;
CREATE TRIGGER blacklist_out AFTER DELETE ON blacklist BEGIN UPDATE entries SET n = n - 1; END;
CREATE TRIGGER otps_in AFTER INSERT ON otps BEGIN UPDATE entries SET n = n + 1; END;
CREATE TRIGGER otps_out AFTER DELETE ON otps BEGIN UPDATE entries SET n = n - 1; END;
CREATE TRIGGER marks_in AFTER INSERT ON marks WHEN substr(new.key, 1, 7) <> 'resend:'
  BEGIN UPDATE entries SET n = n + 1; END;
CREATE TRIGGER marks_out AFTER DELETE ON marks WHEN substr(old.key, 1, 7) <> 'resend:'
  BEGIN UPDATE entries SET n = n - 1; END;
CREATE TRIGGER proofs_in AFTER INSERT ON proofs BEGIN UPDATE entries SET n = n + 1; END;
CREATE TRIGGER proofs_out AFTER DELETE ON proofs BEGIN UPDATE entries SET n = n - 1; END;
"""


def check_library(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """
    Check that SQLite supports the statements of the store.

    Raises:
        StoreUnavailable: The library is too old.
    """
    if version < _OLDEST_LIBRARY:
        found, needed = (".".join(map(str, parts)) for parts in (version, _OLDEST_LIBRARY))
        raise StoreUnavailable(f"The embedded store needs SQLite {needed} or newer; this Python has {found}.")


def check_ownership(connection: sqlite3.Connection) -> None:
    """
    Check that the database is an authentication store or empty; write nothing.

    Raises:
        StoreUnavailable: The database is another application's, or of another version.
    """
    connection.execute("BEGIN")  # one state of the file, while another process may be creating the tables
    try:
        _is_ready(connection)
    finally:
        connection.rollback()


def prepare(connection: sqlite3.Connection) -> None:
    """
    Create the tables in an empty database, or check the ones that it has.

    Atomic: of several processes that open a new file, one creates the tables.

    Raises:
        StoreUnavailable: The database is another application's, or of a newer version.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _is_ready(connection):
            for statement in _statements(_TABLES):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _is_ready(connection: sqlite3.Connection) -> bool:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if objects == 0 and application in {0, APPLICATION_ID}:
        return False
    if application != APPLICATION_ID:
        raise StoreUnavailable("it is a database of another application")
    if version != SCHEMA_VERSION:
        raise StoreUnavailable(f"its tables have version {version}, and this release knows {SCHEMA_VERSION}")
    return True


def _statements(script: str) -> list[str]:
    """Split the script; `executescript` would commit the transaction that it has to run in."""
    found: list[str] = []
    pending = ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    return found
