"""Nothing that opens a door is in the store."""

import re
import sqlite3
from datetime import timedelta
from pathlib import Path

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.tokens import secure_token
from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.ports.one_time import PASSWORD_RESET, ResetContext
from bymax_auth.ports.sessions import InGrace, NewSession, Recovery, Rotation
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.identity import TokenRef
from tests.contract.samples import IDENTIFIERS, LIFETIME, START, account, counter, otp, record

OWNER = account()
MINUTE = timedelta(minutes=1)


async def test_no_table_and_no_file_holds_a_token_code_or_address(
    stores: EmbeddedStores, raw: sqlite3.Connection, path: Path
) -> None:
    """Whoever gets a copy of the file could sign in as everybody."""
    tokens = [secure_token() for _ in range(4)]
    await live_through_everything(stores, tokens)
    dump = "\n".join(raw.iterdump())
    for found in path.parent.iterdir():
        dump += found.read_bytes().decode("latin-1")
    assert "MEMBER" in dump, "the records themselves are there"
    for secret in (*tokens, "483920", "ada@example.com"):
        assert secret not in dump
    assert sha256_hex(tokens[3]) in dump


async def test_the_only_address_is_inside_a_reset_proof_and_goes_with_it(
    stores: EmbeddedStores, raw: sqlite3.Connection
) -> None:
    """An address is needed to judge the proof, under a hashed key, for some minutes."""
    context = ResetContext(
        user_id="u1", email="ada@example.com", tenant_id="tenant-a", password_fingerprint=None
    )
    await stores.proofs.put(PASSWORD_RESET, sha256_hex("link"), context, MINUTE)
    assert [line[:26] for line in raw.iterdump() if "ada@" in line] == ['INSERT INTO "proofs" VALUE']
    await stores.proofs.consume(PASSWORD_RESET, sha256_hex("link"))
    assert "ada@" not in "".join(raw.iterdump())


async def test_every_key_is_a_digest_under_a_known_prefix(
    stores: EmbeddedStores, raw: sqlite3.Connection
) -> None:
    """A key that names a person would show who is locked out to whoever reads the list of keys."""
    await live_through_everything(stores, [secure_token() for _ in range(4)])
    digest = "[0-9a-f]{64}"
    shape = re.compile(
        rf"(lf|lfi|us|ra|mfa|mfa_setup|mfalock|rl:login|(resend:)?(password_reset|email_verification)):{digest}"
    )
    keys = [
        key
        for table in ("counters", "marks", "otps")
        for (key,) in raw.execute(f"SELECT key FROM {table}").fetchall()
    ]
    assert len(keys) >= 9
    assert [key for key in keys if shape.fullmatch(key) is None] == []
    hashes = [
        value
        for table, column in (
            ("sessions", "hash"),
            ("sessions", "subject"),
            ("grace", "hash"),
            ("epochs", "subject"),
        )
        for (value,) in raw.execute(f"SELECT {column} FROM {table}").fetchall()
    ]
    assert [value for value in hashes if re.fullmatch(digest, value) is None] == []


async def live_through_everything(stores: EmbeddedStores, tokens: list[str]) -> None:
    """Sign in twice, refresh, recover, ask for codes, guess wrongly, be limited."""
    first, second, third, fourth = (TokenRef(sha256_hex(raw_token)) for raw_token in tokens)
    for ref in (first, fourth):
        session = NewSession(ref=ref, record=record(OWNER), lifetime=LIFETIME, recent_auth=MINUTE)
        await stores.sessions.create(OWNER, session)
    await stores.sessions.rotate(
        OWNER,
        Rotation(
            presented=first,
            successor=second,
            record=record(OWNER),
            session_created_at=START,
            lifetime=LIFETIME,
            grace=MINUTE,
            consumed_for=LIFETIME,
        ),
    )
    seen = await stores.sessions.snapshot(OWNER.realm, first)
    assert isinstance(seen, InGrace)
    again = Recovery(presented=first, seen=seen, successor=third, record=record(OWNER), lifetime=LIFETIME)
    await stores.sessions.recover(OWNER, again)
    await stores.revocation.bump_epoch(OWNER)
    await stores.otps.put(otp(), IDENTIFIERS.otp_fingerprint(otp(), "483920"), MINUTE)
    await stores.otps.verify(otp(), IDENTIFIERS.otp_fingerprint(otp(), "000000"), 5)
    await stores.otps.try_begin_resend(otp(), MINUTE)
    await stores.attempts.begin(counter(), 5)
    await stores.attempts.fail(counter(), MINUTE)
    setup = MfaSetupRecord(encrypted_secret="s", recovery_codes=(), encrypted_codes="c")
    await stores.mfa.put_setup(OWNER, setup, MINUTE)
    await stores.mfa.put_temp(OWNER, sha256_hex("jti"), MINUTE)
    await stores.mfa.acquire_lock(OWNER, "nonce", MINUTE)
    await stores.mfa.mark_totp_used(OWNER, sha256_hex("483920"), MINUTE)
    await stores.rate_limits.hit("login", IDENTIFIERS.rate_bucket("203.0.113.4"), 5, MINUTE)
